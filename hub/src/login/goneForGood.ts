import { SECOND } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Desktop } from '../domain/desktop.ts';
import { isGoneForGood, type BoundWorld } from '../domain/lostBinding.ts';
import type { Snapshots } from '../reconcile/snapshots.ts';
import type { Store } from '../store/store.ts';

const ASK_WITHIN_MS = 2 * SECOND;

/** Whether a bound desktop is gone for good. While its cloud does not say so, it is not. */
export async function goneForGood(
  desktop: Desktop,
  deps: { store: Store; clouds: ReadonlyMap<string, Cloud>; snapshots: Pick<Snapshots, 'of'> },
): Promise<boolean> {
  const cloud = deps.clouds.get(desktop.cloud);
  if (!cloud || desktop.serverId === undefined) return desktop.state === 'gone';
  const answer = await ask(cloud, desktop.serverId);
  if (answer !== 'gone') return isGoneForGood({ desktop, bound: [], listing: undefined, answer });
  const snapshot = await deps.snapshots.of(cloud).catch(() => undefined);
  const bound = (await deps.store.desktops()).filter((d) => d.cloud === cloud.name && d.state === 'bound');
  return isGoneForGood({
    desktop,
    bound,
    listing: snapshot && {
      complete: snapshot.complete,
      startedAt: snapshot.startedAt,
      has: (id) => snapshot.byId.has(id),
      size: snapshot.servers.length,
    },
    answer,
  });
}

async function ask(cloud: Cloud, serverId: string): Promise<BoundWorld['answer']> {
  try {
    return (await cloud.server(serverId, AbortSignal.timeout(ASK_WITHIN_MS))) === 'gone' ? 'gone' : 'there';
  } catch {
    return 'unknown';
  }
}
