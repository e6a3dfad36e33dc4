import { messageOf } from '@anyseat/base';
import type { Caller, Cloud } from './cloud.ts';
import type { Move } from './moves.ts';
import { badRequest, conflict, forbidden } from './refusal.ts';
import { POWER, type Server } from './server.ts';

/** @throws Refusal 409, as Nova words it: locked, on no host yet, or in a state from which this cannot be done. */
export function move(cloud: Cloud, server: Server, wanted: Move, caller: Caller): void {
  allow(server, wanted, caller);
  const before = { vmState: server.vmState, power: server.power };
  cloud.change(server, { taskState: wanted.doing });
  const action = cloud.record(server, wanted.action, caller, wanted.event);
  cloud.begin(server, async (course) => {
    try {
      if (server.host) await course.step(cloud.hosts.whenUp(server.host));
      await wanted.work(cloud, server, course);
    } catch (error) {
      cloud.finished(server, action, messageOf(error));
      if (wanted.orElse === 'error') cloud.fail(server, 500, messageOf(error));
      else cloud.change(server, { ...before, taskState: null });
      return;
    }
    cloud.finished(server, action);
    cloud.change(server, { ...wanted.becomes, taskState: null });
  });
}

/** The checks of nova/compute/api.py, in its order. */
function allow(
  server: Server,
  wanted: Pick<Move, 'name' | 'from' | 'interrupts' | 'needsHost'>,
  caller: Caller,
): void {
  if (server.lock && !caller.isAdmin) throw conflict(`Instance ${server.id} is locked`);
  if (wanted.needsHost && !server.host) throw conflict(`Instance ${server.id} is not ready`);
  const cannot = `Cannot '${wanted.name}' instance ${server.id} while it is in`;
  if (!wanted.from.includes(server.vmState)) throw conflict(`${cannot} vm_state ${server.vmState}`);
  if (server.taskState !== null && !(wanted.interrupts ?? []).includes(server.taskState)) {
    throw conflict(`${cannot} task_state ${server.taskState}`);
  }
  if (server.launchedAt === null) throw conflict(`Instance is in an invalid state for '${wanted.name}'`);
}

export interface RebuildOrder {
  imageId: string;
  name?: string | undefined;
  description?: string | null | undefined;
  hostName?: string | undefined;
  metadata?: Record<string, string> | undefined;
  userData?: string | null | undefined;
}

/** The same server on the same host with a fresh disk; one that was off is off again afterwards. */
export function rebuild(cloud: Cloud, server: Server, order: RebuildOrder, caller: Caller): void {
  allow(server, { name: 'rebuild', from: ['active', 'stopped', 'error'] }, caller);
  const image = cloud.image(order.imageId);
  if (!image || image.status !== 'active') throw badRequest('Cannot find image for rebuild');
  const off = server.vmState === 'stopped';
  cloud.change(server, {
    taskState: 'rebuilding',
    imageId: image.id,
    ...(order.name !== undefined && { name: order.name }),
    ...(order.description !== undefined && { description: order.description }),
    ...(order.hostName !== undefined && { hostName: order.hostName }),
    ...(order.metadata !== undefined && { metadata: order.metadata }),
    ...(order.userData !== undefined && { userData: order.userData }),
  });
  const action = cloud.record(server, 'rebuild', caller, 'compute_rebuild_instance');
  cloud.begin(server, async (course) => {
    try {
      if (server.host) await course.step(cloud.hosts.whenUp(server.host));
      await course.step(cloud.hypervisor.remove(server.id));
      cloud.change(server, { taskState: 'rebuild_spawning' });
      await course.wait(cloud.takes('rebuildMs'));
      await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'fresh'));
      if (off) await course.step(cloud.hypervisor.kill(server.id));
    } catch (error) {
      cloud.finished(server, action, messageOf(error));
      return cloud.fail(server, 500, messageOf(error));
    }
    cloud.finished(server, action);
    const end = off ? ({ vmState: 'stopped', power: POWER.off } as const) : running;
    cloud.change(server, { ...end, taskState: null, launchedAt: cloud.clock.now() });
  });
}

const running = { vmState: 'active', power: POWER.running } as const;

export function lock(cloud: Cloud, server: Server, caller: Caller, reason: string | null): void {
  // The owner's lock does not displace an administrator's (nova/compute/api.py `lock`).
  if (server.lock?.by === 'admin' && !caller.isAdmin) return;
  cloud.finished(server, cloud.record(server, 'lock', caller, 'api_lock'));
  cloud.change(server, { lock: { by: caller.isAdmin ? 'admin' : 'owner', reason } });
}

/** @throws Refusal 403 when an administrator locked it. */
export function unlock(cloud: Cloud, server: Server, caller: Caller): void {
  if (server.lock?.by === 'admin' && !caller.isAdmin) {
    throw forbidden(
      "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.",
    );
  }
  cloud.finished(server, cloud.record(server, 'unlock', caller, 'api_unlock'));
  cloud.change(server, { lock: null });
}

/** An administrator's word in the database; the guest is not touched. What was under way is over. */
export function resetState(cloud: Cloud, server: Server, state: 'active' | 'error', caller: Caller): void {
  cloud.halt(server);
  cloud.finished(server, cloud.record(server, 'resetState', caller, 'api_reset_state'));
  cloud.change(server, { vmState: state, taskState: null });
}

/**
 * Rebuilds a server of a dead host on another one. Its local disk is lost; from 2.95 on it
 * ends stopped. @throws Refusal 400 when the host is up.
 */
export function evacuate(
  cloud: Cloud,
  server: Server,
  target: string | undefined,
  caller: Caller,
  endsStopped: boolean,
): void {
  const host = server.host === null ? undefined : cloud.hosts.get(server.host);
  allow(server, { name: 'evacuate', from: ['active', 'stopped', 'error'] }, caller);
  if (!host) throw conflict(`Instance ${server.id} is not ready`);
  if (cloud.hosts.isUp(host)) throw badRequest(`Compute service of ${host.name} is still in use.`);
  relocate(cloud, server, caller, {
    target,
    taskState: 'rebuilding',
    action: 'evacuate',
    event: 'compute_rebuild_instance',
    disk: 'fresh',
    takes: 'rebuildMs',
    endsStopped,
  });
}

/** @throws Refusal 409 by state; what cannot be done is told by the action's record, as Nova does from 2.34 on. */
export function liveMigrate(cloud: Cloud, server: Server, target: string | undefined, caller: Caller): void {
  allow(server, { name: 'os-migrateLive', from: ['active', 'paused'] }, caller);
  relocate(cloud, server, caller, {
    target,
    taskState: 'migrating',
    action: 'live-migration',
    event: 'compute_live_migration',
    disk: 'kept',
    takes: 'migrateMs',
    endsStopped: false,
  });
}

interface Relocation {
  target: string | undefined;
  taskState: 'rebuilding' | 'migrating';
  action: string;
  event: string;
  disk: 'fresh' | 'kept';
  takes: 'rebuildMs' | 'migrateMs';
  endsStopped: boolean;
}

function relocate(cloud: Cloud, server: Server, caller: Caller, how: Relocation): void {
  const from = server.host!;
  cloud.change(server, { taskState: how.taskState });
  const action = cloud.record(server, how.action, caller, how.event);
  const off = server.vmState === 'stopped' || how.endsStopped;
  cloud.begin(server, async (course) => {
    await course.wait(cloud.takes(how.takes));
    const host = how.target
      ? cloud.hosts.get(how.target)
      : cloud.hosts.pick(cloud.flavorOf(server), server.zone, new Set([from]));
    if (!host) {
      cloud.finished(server, action, 'No valid host was found. ');
      return cloud.change(server, { taskState: null });
    }
    cloud.claim(server, host);
    cloud.change(server, { host: host.name, cell: host.cell });
    // The screen moves with the guest: its port is another one afterwards.
    await course.step(cloud.hypervisor.kill(server.id));
    if (!off) await course.step(cloud.hypervisor.start(cloud.guestOf(server), how.disk));
    for (const port of cloud.ports.of(server.id))
      cloud.ports.change(port, { host: host.name }, cloud.clock.now());
    cloud.finished(server, action);
    cloud.change(server, {
      taskState: null,
      vmState: off ? 'stopped' : 'active',
      power: off ? POWER.off : POWER.running,
    });
  });
}
