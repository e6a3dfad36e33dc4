import { messageOf } from '@anyseat/base';
import type { Caller, Cloud } from './cloud.ts';
import { conflict } from './refusal.ts';
import { isInCell, POWER, type Server } from './server.ts';

/**
 * DELETE of a server, as nova/compute/api.py `_delete` does it: a request that was never scheduled is gone at once; on a
 * host that is down only the record goes, and the guest runs on until the host is back; a repeated call is ignored.
 *
 * @throws Refusal 409 when it is locked for the caller.
 */
export function removeServer(
  cloud: Cloud,
  server: Server,
  caller: Caller,
  how: 'asked' | 'forced' = 'asked',
): void {
  if (server.lock && !caller.isAdmin) throw conflict(`Instance ${server.id} is locked`);
  const host = server.host === null ? undefined : cloud.hosts.get(server.host);
  if (!isInCell(server) || !host) return vanish(cloud, server);
  if (!cloud.hosts.isUp(host)) return vanish(cloud, server);
  if (server.taskState === 'deleting' || server.taskState === 'soft-deleting') return;
  const kept = how === 'asked' && cloud.reclaimMs > 0 && server.launchedAt !== null;
  if (kept) softly(cloud, server, caller);
  else forGood(cloud, server, caller);
}

/** The record goes now, the ports with it; the guest when its host hears of it. */
function vanish(cloud: Cloud, server: Server): void {
  const { id, host } = server;
  cloud.ports.release(id, cloud.clock.now());
  cloud.forget(server);
  // `running_deleted_instance_action = reap`
  const heard = host === null ? Promise.resolve() : cloud.hosts.whenUp(host);
  heard
    .then(() => cloud.hypervisor.remove(id))
    .catch((error: unknown) => cloud.log.error({ server: id, err: error }, 'a leftover guest would not go'));
}

function forGood(cloud: Cloud, server: Server, caller: Caller | undefined): void {
  cloud.change(server, { taskState: 'deleting' });
  cloud.record(server, 'delete', caller, 'compute_terminate_instance');
  cloud.begin(server, async (course) => {
    await course.wait(cloud.takes('deleteMs'));
    await course.step(cloud.hosts.whenUp(server.host!));
    if (cloud.faults.take('delete-hangs')) return;
    try {
      await course.step(cloud.hypervisor.remove(server.id));
    } catch (error) {
      return cloud.fail(server, 500, messageOf(error));
    }
    cloud.ports.release(server.id, cloud.clock.now());
    cloud.forget(server);
  });
}

/** Powered off and kept, still counted, until it is restored, deleted by force, or reclaimed. */
function softly(cloud: Cloud, server: Server, caller: Caller): void {
  cloud.change(server, { taskState: 'soft-deleting' });
  const action = cloud.record(server, 'delete', caller, 'compute_soft_delete_instance');
  cloud.begin(server, async (course) => {
    await course.wait(cloud.takes('deleteMs'));
    await course.step(cloud.hypervisor.kill(server.id));
    cloud.change(server, { vmState: 'soft-delete', taskState: null, power: POWER.off });
    cloud.finished(server, action);
    await course.wait(cloud.reclaimMs);
    forGood(cloud, server, undefined);
  });
}

/** After a restart: a delete that was under way goes on. */
export const resumeRemoval = (cloud: Cloud, server: Server): void => forGood(cloud, server, undefined);
