import { toFault } from '@anyseat/base';
import type { Desktop } from '../domain/desktop.ts';
import { metadataKeys } from '../domain/naming.ts';
import type { PoolStep } from '../domain/pool/world.ts';
import { orderOf } from './orderOf.ts';
import type { PerformDeps, Record } from './perform.ts';

/** The mark by which this rebuild is known again on the server. */
const markOf = ({ attempt }: Desktop) => ({ [metadataKeys.rebuild]: String(attempt) });

/** The intent first; then the order, once. Whether an order that got no answer was taken shows on the server. */
export async function rebuild(
  { desktop, image }: Extract<PoolStep, { do: 'rebuild' }>,
  deps: PerformDeps,
  record: Record,
): Promise<void> {
  const { pool, cloud, log } = deps;
  if (!pool.spec) return;
  const asked = await record({ kind: 'rebuild', image });
  if (!asked) return;
  const { hostName, metadata, userData } = orderOf(asked, pool.spec, deps.installation);
  const order = { image, hostName, userData, metadata: { ...metadata, ...markOf(asked) } };
  try {
    await cloud.rebuild(asked.serverId!, order, deps.signal);
  } catch (error) {
    const fault = toFault(error);
    if (fault.retry === 'bug') throw error;
    if (fault.code !== 'cloud-unsure') return replace(asked, fault.message, deps, record);
    log.warn({ desktop: desktop.id, fault: fault.message }, 'the cloud did not say whether it rebuilds');
  }
}

export async function confirmRebuilt(desktop: Desktop, deps: PerformDeps, record: Record): Promise<void> {
  const outcome = await deps.cloud.rebuilt(desktop.serverId!, markOf(desktop), deps.signal);
  switch (outcome) {
    case 'done':
      if (await record({ kind: 'rebuilt' })) deps.health.rebuilt();
      return;
    case 'failed':
      return replace(desktop, 'the cloud says that it did not succeed', deps, record);
    case 'gone':
      await record({ kind: 'gone' });
      return;
    case 'under-way':
    case 'not-taken':
      // The next look sees what became of it.
      return;
    default:
      return outcome satisfies never;
  }
}

/** It goes, and another one is made: nobody is given what may still be somebody's. */
export async function replace(
  desktop: Desktop,
  why: string,
  { health, log }: PerformDeps,
  record: Record,
): Promise<void> {
  if (!(await record({ kind: 'retire' }))) return;
  health.notRebuilt(why);
  log.warn({ desktop: desktop.id, why }, 'a used desktop could not be rebuilt, and is replaced');
}
