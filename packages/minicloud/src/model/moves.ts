import type { Cloud } from './cloud.ts';
import type { Course } from './course.ts';
import { POWER, type PowerState, type Server, type TaskState, type VmState } from './server.ts';

/**
 * One thing that can be asked of a server: from which states, what it says meanwhile, and where it ends. `work` is done
 * on the host; when it fails the server is back where it was (`orElse: 'error'`: in ERROR).
 */
export interface Move {
  /** As Nova names it in its refusals. */
  name: string;
  /** As the list of actions names it. */
  action: string;
  event: string;
  from: readonly VmState[];
  /** Task states it may interrupt; absent: none. */
  interrupts?: readonly TaskState[];
  needsHost?: boolean;
  doing: TaskState;
  work(cloud: Cloud, server: Server, course: Course): Promise<void>;
  becomes: { vmState: VmState; power: PowerState };
  orElse?: 'error';
}

/** nova/compute/task_states.py ALLOW_REBOOT. */
const REBOOT_INTERRUPTS: readonly TaskState[] = [
  'rebooting',
  'rebooting_hard',
  'resuming',
  'unpausing',
  'pausing',
  'suspending',
];

const ACTIVE = { vmState: 'active', power: POWER.running } as const;

const stop: Move = {
  name: 'stop',
  action: 'stop',
  event: 'compute_stop_instance',
  from: ['active', 'error'],
  needsHost: true,
  doing: 'powering-off',
  async work(cloud, server, course) {
    await course.wait(cloud.takes('powerOffMs'));
    await course.step(cloud.hypervisor.stop(server.id));
  },
  becomes: { vmState: 'stopped', power: POWER.off },
};

const start: Move = {
  name: 'start',
  action: 'start',
  event: 'compute_start_instance',
  from: ['stopped'],
  needsHost: true,
  doing: 'powering-on',
  async work(cloud, server, course) {
    await course.wait(cloud.takes('powerOnMs'));
    await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
  },
  becomes: ACTIVE,
};

const softReboot: Move = {
  name: 'reboot',
  action: 'reboot',
  event: 'compute_reboot_instance',
  from: ['active'],
  doing: 'rebooting',
  async work(cloud, server, course) {
    await course.step(cloud.hypervisor.stop(server.id));
    await course.wait(cloud.takes('rebootMs'));
    await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
  },
  becomes: ACTIVE,
  orElse: 'error',
};

const hardReboot: Move = {
  ...softReboot,
  from: ['active', 'stopped', 'paused', 'suspended', 'error'],
  interrupts: REBOOT_INTERRUPTS,
  doing: 'rebooting_hard',
  async work(cloud, server, course) {
    await course.step(cloud.hypervisor.kill(server.id));
    await course.wait(cloud.takes('rebootMs'));
    await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
  },
};

/** What pauses and goes on, in one of two ways that differ in name only: here a suspended guest stays in memory. */
function halting(names: readonly [string, TaskState], event: string, becomes: Move['becomes']): Move {
  return {
    name: names[0],
    action: names[0],
    event,
    from: ['active'],
    doing: names[1],
    async work(cloud, server, course) {
      await course.wait(cloud.takes('suspendMs'));
      await course.step(cloud.hypervisor.pause(server.id));
    },
    becomes,
  };
}

function goingOn(names: readonly [string, TaskState], event: string, from: VmState): Move {
  return {
    name: names[0],
    action: names[0],
    event,
    from: [from],
    doing: names[1],
    async work(cloud, server, course) {
      await course.wait(cloud.takes('suspendMs'));
      await course.step(cloud.hypervisor.resume(server.id));
    },
    becomes: ACTIVE,
  };
}

const shelve: Move = {
  name: 'shelve',
  action: 'shelve',
  event: 'compute_shelve_instance',
  from: ['active', 'stopped', 'paused', 'suspended'],
  doing: 'shelving',
  async work(cloud, server, course) {
    await course.wait(cloud.takes('powerOffMs'));
    await course.step(cloud.hypervisor.kill(server.id));
    // `shelved_offload_time` 0: off the host at once.
    cloud.change(server, { vmState: 'shelved', taskState: 'shelving_offloading', power: POWER.off });
    await course.wait(cloud.takes('deleteMs'));
    cloud.unclaim(server);
    cloud.change(server, { host: null });
  },
  becomes: { vmState: 'shelved_offloaded', power: POWER.off },
};

const unshelve: Move = {
  name: 'unshelve',
  action: 'unshelve',
  event: 'compute_unshelve_instance',
  from: ['shelved', 'shelved_offloaded'],
  doing: 'unshelving',
  async work(cloud, server, course) {
    const host = cloud.hosts.pick(cloud.flavorOf(server), server.zone);
    if (!host) throw new Error('No valid host was found. ');
    cloud.claim(server, host);
    cloud.change(server, { host: host.name, cell: host.cell });
    await course.wait(cloud.takes('spawnMs'));
    await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
    cloud.change(server, { launchedAt: cloud.clock.now() });
  },
  becomes: ACTIVE,
};

const restore: Move = {
  name: 'restore',
  action: 'restore',
  event: 'compute_restore_instance',
  from: ['soft-delete'],
  doing: 'restoring',
  async work(cloud, server, course) {
    await course.wait(cloud.takes('powerOnMs'));
    await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
  },
  becomes: ACTIVE,
};

/** By the name that the body of POST /servers/{id}/action gives. `reboot` and others that carry more are in act.ts. */
export const MOVES = {
  'os-stop': stop,
  'os-start': start,
  pause: halting(['pause', 'pausing'], 'compute_pause_instance', { vmState: 'paused', power: POWER.paused }),
  unpause: goingOn(['unpause', 'unpausing'], 'compute_unpause_instance', 'paused'),
  suspend: halting(['suspend', 'suspending'], 'compute_suspend_instance', {
    vmState: 'suspended',
    power: POWER.off,
  }),
  resume: goingOn(['resume', 'resuming'], 'compute_resume_instance', 'suspended'),
  shelve,
  unshelve,
  restore,
} as const satisfies Record<string, Move>;

export const REBOOTS = { SOFT: softReboot, HARD: hardReboot } as const;
