/**
 * What a server is for good or for now, in Nova's words (nova/compute/vm_states.py).
 *
 * - `building`: asked for, never ran yet.
 * - `active`: its guest should run. A server that is being deleted is still active: only `taskState` tells.
 * - `stopped`: powered off, by whomever.
 * - `error`: the last thing that was tried went wrong; `fault` says what, mostly.
 * - `soft-delete`: deleted, kept for a while (only where the operator set reclaim_instance_interval).
 * - `deleted`: gone; kept for listings that ask for changes.
 */
export type VmState =
  | 'building'
  | 'active'
  | 'stopped'
  | 'paused'
  | 'suspended'
  | 'shelved'
  | 'shelved_offloaded'
  | 'error'
  | 'soft-delete'
  | 'deleted';

/** What is being done to a server this moment (nova/compute/task_states.py). */
export type TaskState =
  | 'scheduling'
  | 'networking'
  | 'spawning'
  | 'powering-off'
  | 'powering-on'
  | 'rebooting'
  | 'rebooting_hard'
  | 'rebuilding'
  | 'rebuild_spawning'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'shelving'
  | 'shelving_offloading'
  | 'unshelving'
  | 'migrating'
  | 'restoring'
  | 'soft-deleting'
  | 'deleting';

/** nova/compute/power_state.py: no state, running, paused, shut down, suspended. */
export const POWER = { none: 0, running: 1, paused: 3, off: 4, suspended: 7 } as const;
export type PowerState = (typeof POWER)[keyof typeof POWER];

export interface ServerFault {
  code: number;
  message: string;
  /** For administrators only. Empty: Nova kept none. */
  details: string;
  at: number;
}

/** One thing that was asked of a server, with what became of it. Times are epoch ms. */
export interface ServerAction {
  action: string;
  requestId: string;
  userId: string | null;
  projectId: string;
  startedAt: number;
  updatedAt: number;
  message: string | null;
  /** Of the one event that a compute host reports; null while it is under way. */
  result: 'Success' | 'Error' | null;
  finishedAt: number | null;
  event: string;
  host: string | null;
}

/** How a new server is to be attached: Nova's three ways of saying it. */
export type Wiring = 'auto' | 'none' | readonly { network?: string; port?: string; address?: string }[];

/** A server as Nova's tables keep it. Plain data: it is journalled as it is. Times are epoch ms. */
export interface Server {
  id: string;
  /** Counts up; `instance-0000000a` comes from it. */
  serial: number;
  name: string;
  hostName: string;
  description: string | null;
  projectId: string;
  userId: string;
  createdAt: number;
  updatedAt: number;
  launchedAt: number | null;
  deletedAt: number | null;
  vmState: VmState;
  taskState: TaskState | null;
  power: PowerState;
  /**
   * Which database has it: `request` until it is scheduled (a BuildRequest: found by tags and name, yet on no host),
   * `cell0` when no host was found, else its host's cell.
   */
  cell: string;
  host: string | null;
  /** What was asked for; undefined: any. */
  zone: string | undefined;
  imageId: string;
  flavorId: string;
  metadata: Record<string, string>;
  /** In the order given while it is a build request, sorted once it is in a cell's table. */
  tags: string[];
  userData: string | null;
  configDrive: boolean;
  hints: Record<string, unknown>;
  lock: { by: 'owner' | 'admin'; reason: string | null } | null;
  fault: ServerFault | null;
  reservationId: string;
  launchIndex: number;
  wiring: Wiring;
  securityGroups: string[];
  actions: ServerAction[];
}

type StatusMap = { [V in VmState]: { default: string } & { [T in TaskState]?: string } };

const REBUILD = { rebuilding: 'REBUILD', rebuild_spawning: 'REBUILD' } as const;

/** nova/api/openstack/common.py `_STATE_MAP`: there is no DELETING, so a server on its way out still says ACTIVE. */
export const STATUS: StatusMap = {
  building: { default: 'BUILD' },
  active: {
    default: 'ACTIVE',
    rebooting: 'REBOOT',
    rebooting_hard: 'HARD_REBOOT',
    migrating: 'MIGRATING',
    ...REBUILD,
  },
  stopped: { default: 'SHUTOFF', ...REBUILD },
  paused: { default: 'PAUSED', migrating: 'MIGRATING' },
  suspended: { default: 'SUSPENDED' },
  shelved: { default: 'SHELVED' },
  shelved_offloaded: { default: 'SHELVED_OFFLOADED' },
  error: { default: 'ERROR', ...REBUILD },
  'soft-delete': { default: 'SOFT_DELETED' },
  deleted: { default: 'DELETED' },
};

export function statusOf(server: Pick<Server, 'vmState' | 'taskState'>): string {
  const map = STATUS[server.vmState];
  return (server.taskState && map[server.taskState]) ?? map.default;
}

/** Scheduled, so that it has a row in a cell; before that it is only a request. */
export const isInCell = (server: Server): boolean => server.cell !== 'request';
