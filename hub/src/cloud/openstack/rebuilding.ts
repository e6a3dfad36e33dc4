import {
  compareVersions,
  flavorSpecs,
  imageProperties,
  instanceActionEvents,
  listInstanceActions,
  microversion,
  rebuildServer,
  showServer,
  versionText,
  type Session,
} from '@anyseat/openstack';
import type { PoolSpec } from '@anyseat/protocol';
import type { RebuildOrder, RebuildOutcome } from '../cloud.ts';
import { orderFault } from './portFault.ts';
import type { NameResolver } from './resolveNames.ts';
import { cloudServer } from './serverState.ts';

/** The first that gives a server on a volume a clean disk. */
const LEAST = microversion('2.93');
/** What nova-compute did of a rebuild (nova/compute/manager.py, `wrap_instance_event`). */
const COMPUTE_PART = 'compute_rebuild_instance';

/** @throws as the port's `rebuild` */
export async function orderRebuild(
  { compute }: Session,
  id: string,
  { image, hostName, metadata, userData }: RebuildOrder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const user_data = userData === undefined ? undefined : Buffer.from(userData, 'utf8').toString('base64');
  try {
    await rebuildServer(compute, id, { imageRef: image, hostname: hostName, metadata, user_data }, signal);
  } catch (error) {
    throw orderFault(error);
  }
}

/**
 * Nova writes metadata, image and task in one go when it takes the order, and calls a server ACTIVE again when it is done. An admin
 * who resets a state does so too: Nova's own record of the action has to agree.
 */
export async function rebuildOutcome(
  { compute }: Session,
  id: string,
  metadata: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<RebuildOutcome> {
  const record = await showServer(compute, id, signal);
  if (record === 'gone') return 'gone';
  const { state } = cloudServer(record);
  if (state === 'unknown') return 'under-way';
  if (!Object.entries(metadata).every(([key, value]) => record.metadata[key] === value)) return 'not-taken';
  if (state === 'failed' || state === 'stopped' || state === 'leaving') return 'failed';
  if (state !== 'running') return 'under-way';
  const actions = await listInstanceActions(compute, id, signal);
  const last = actions.find(({ action }) => action === 'rebuild');
  if (!last) return 'failed';
  const events = await instanceActionEvents(compute, id, last.requestId, signal);
  const result = events.find(({ event }) => event === COMPUTE_PART)?.result;
  if (result === undefined) return 'under-way';
  return result === 'Success' ? 'done' : 'failed';
}

/** In words; undefined when nothing speaks against it. */
export async function whyNotRebuilt(
  { compute, image: glance }: Session,
  names: NameResolver,
  spec: Pick<PoolSpec, 'image' | 'flavor'>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const offered = await compute.offered(signal);
  if (!offered || compareVersions(offered.max, LEAST) < 0) {
    const has = offered ? `${versionText(offered.max)} at most` : 'none';
    return `a rebuild without traces of the last person takes microversion 2.93 of Nova, and this cloud offers ${has}`;
  }
  const { imageRef, flavorRef } = await names.resolve({ ...spec, networks: 'none' });
  const properties = (await imageProperties(glance, imageRef, signal)) ?? {};
  const specs = await flavorSpecs(compute, flavorRef, signal);
  const asked =
    specs['hw:tpm_version'] !== undefined
      ? `flavor ${spec.flavor}`
      : properties['hw_tpm_version'] !== undefined
        ? `image ${spec.image}`
        : undefined;
  return asked === undefined
    ? undefined
    : `${asked} asks for a TPM, and Nova rebuilds no server that has one`;
}
