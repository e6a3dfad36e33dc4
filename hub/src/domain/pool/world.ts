import { MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Boot, BootRoom } from '../boot/bootRoom.ts';
import type { CloudServer } from '../cloudServer.ts';
import type { HostDoubt } from '../hosts.ts';
import {
  isFree,
  isOnItsWay,
  type Desktop,
  type DesktopFault,
  type DesktopId,
  type DesktopState,
} from '../desktop.ts';
import { serverNameOf } from '../naming.ts';

/** One step for one desktop (or the wish for more); small, repeatable, safe to take twice. */
export type PoolStep =
  /** The server of a lost answer, or of one whose row lost the id. */
  | { do: 'found'; desktop: Desktop; serverId: string }
  /** The request was begun before a restart: whether it was sent is not known. */
  | { do: 'doubt'; desktop: Desktop }
  /** Looked for long enough: look once more by its own tag, then begin anew. */
  | { do: 'give-up'; desktop: Desktop }
  | { do: 'running'; desktop: Desktop; host: string | undefined }
  | { do: 'prove'; desktop: Desktop }
  /** Switched on, and running: whether it answers by now. */
  | { do: 'watch'; desktop: Desktop }
  /** It is not handed out for this reason; or it may be again. */
  | { do: 'hold-back'; desktop: Desktop; why: string | undefined }
  /** It is on this host by now. */
  | { do: 'follow'; desktop: Desktop; host: string }
  | { do: 'break'; desktop: Desktop; fault: DesktopFault }
  /** Not in a complete listing: ask for it by id, and only a 404 makes it gone. */
  | { do: 'confirm-gone'; desktop: Desktop }
  /** A bound one that nobody used for long is switched off. */
  | { do: 'park'; desktop: Desktop }
  | { do: 'stop'; desktop: Desktop }
  /** `again`: it is switched on already, as far as we know, and the cloud shows it off still. */
  | { do: 'start'; desktop: Desktop; again: boolean }
  | { do: 'retire'; desktop: Desktop }
  /** Its server is made anew from this image, by its id. */
  | { do: 'rebuild'; desktop: Desktop; image: string }
  /** It runs again: whether the cloud's own record says that it was made anew. */
  | { do: 'confirm-rebuilt'; desktop: Desktop }
  /** Its rebuild came to nothing. */
  | { do: 'replace'; desktop: Desktop; why: string }
  | { do: 'remove'; desktop: Desktop }
  /** Its removal hangs. */
  | { do: 'unstick'; desktop: Desktop }
  | { do: 'forget'; desktop: Desktop }
  /** `image` by its id, or undefined: whatever the specification's name stands for then. */
  | { do: 'create'; desktop: Desktop; image: string | undefined }
  | { do: 'want'; count: number };

export interface PoolWorld {
  /** `spec` undefined: the pool was deleted; what nobody holds goes. */
  pool: {
    name: string;
    revision: number;
    /** The revision since which desktops are made as they are today. */
    madeSince: number;
    spec: PoolSpec | undefined;
  };
  /** What new desktops are made from, once that is known; and whether a used one can be made anew from it. */
  image: { use: string | undefined; rebuild?: boolean | undefined };
  desktops: readonly Desktop[];
  /** The shared listing of the pool's cloud, by server id, and by the server's name. */
  seen: {
    byId: ReadonlyMap<string, CloudServer>;
    byName: ReadonlyMap<string, CloudServer>;
    complete: boolean;
    startedAt: number;
  };
  /** Hosts whose desktops nobody is given, by name. */
  hosts: ReadonlyMap<string, HostDoubt>;
  /** Why the pool hands out nothing and makes nothing, while an operator wants it so. */
  closed: string | undefined;
  /** How many are to be ready, by the clock; how many are kept though fewer are wanted by now; how many may go this round. */
  size: { floor: number; keep: number; shrink: number };
  /** People in the queue whom this pool serves first. */
  waiting: number;
  /** How many more may begin to boot. */
  boot: BootRoom;
  /** How many orders may go out: none while the pool backs off (quota, bad image, boots that fail), one for a try. */
  mayCreate: number;
  /** When the first complete listing began that left out the server of a desktop, epoch ms. */
  missingSince: ReadonlyMap<DesktopId, number>;
  /** Whether an operator has said that servers that vanished in numbers are gone. */
  mayLose: boolean;
  /** Desktops with a step still being taken. */
  busy: ReadonlySet<DesktopId>;
  /** When the cloud was last asked to remove or start the server of a desktop, monotonic ms. */
  askedAt: ReadonlyMap<DesktopId, number>;
  /** Epoch ms: for what is written, never for how long something takes. */
  now: number;
  monotonic: number;
  /**
   * Milliseconds that the desktop has been in its state, monotonic, and under the eyes of this hub: a clock that was set,
   * or a hub that was away, breaks nothing.
   */
  inStateMs: (desktop: Desktop) => number;
}

/** A look at one side of the pool. It leaves out what is `taken`: that has its step already. */
export type Phase = (world: PoolWorld, taken: ReadonlySet<DesktopId>) => PoolStep[];

/** Removal and start are asked for again after this long. */
const ASK_AGAIN_AFTER = MINUTE;

const byState = new WeakMap<readonly Desktop[], ReadonlyMap<DesktopState, readonly Desktop[]>>();

/**
 * The desktops in any of these states. They are sorted into states once a round: a phase then walks over those that it is
 * about, and not over all who are at work.
 */
export function inState(
  { desktops }: { desktops: readonly Desktop[] },
  ...states: readonly DesktopState[]
): readonly Desktop[] {
  let sorted = byState.get(desktops);
  if (!sorted) {
    sorted = Map.groupBy(desktops, (d) => d.state);
    byState.set(desktops, sorted);
  }
  const [only, ...more] = states;
  return more.length === 0 ? (sorted.get(only!) ?? []) : states.flatMap((state) => sorted.get(state) ?? []);
}

/** On their way to being ready. */
export const onTheirWay = (world: { desktops: readonly Desktop[] }): readonly Desktop[] =>
  inState(world, 'creating', 'unsure', 'building', 'booting', 'rebuilding');

export const serverOf = (desktop: Desktop, seen: PoolWorld['seen']): CloudServer | undefined =>
  desktop.serverId === undefined ? undefined : seen.byId.get(desktop.serverId);

/** Ready, or going to be: all that is not provably lost counts, so that nothing is made twice. */
export const usable = (desktops: readonly Desktop[]): number =>
  inState({ desktops }, 'ready').filter(isFree).length +
  inState({ desktops }, 'wanted', 'creating', 'unsure', 'building', 'booting').length +
  inState({ desktops }, 'rebuilding').length;

/** Written before the listing was begun; or in the future, and the clock has been set back since. */
export const isOlder = (at: number, { seen, now }: Pick<PoolWorld, 'seen' | 'now'>): boolean =>
  at < seen.startedAt || at > now;

export const mayAskAgain = ({ id }: Desktop, { askedAt, monotonic }: PoolWorld): boolean =>
  monotonic - (askedAt.get(id) ?? -Infinity) >= ASK_AGAIN_AFTER;

/** A bound desktop that was switched on, and did not answer yet. One that takes too long is no longer waited for. */
export function isStarting(
  desktop: Desktop,
  { pool, inStateMs }: Pick<PoolWorld, 'pool' | 'inStateMs'>,
): boolean {
  if (desktop.state !== 'bound' || desktop.readyAt !== undefined) return false;
  const patience = pool.spec ? pool.spec.toActiveSeconds + pool.spec.toReadySeconds : 0;
  return inStateMs(desktop) <= patience * SECOND;
}

/** Where it is: by name where the cloud tells it, else by the hash that stands for it, which serves as well for counting. */
export function hostOf(desktop: Desktop, seen: Pick<PoolWorld['seen'], 'byId'>): string | undefined {
  const server = desktop.serverId === undefined ? undefined : seen.byId.get(desktop.serverId);
  const host = server ? hostKey(server) : desktop.host;
  return host === undefined ? undefined : `${desktop.cloud}/${host}`;
}

export const hostKey = (server: Pick<CloudServer, 'host' | 'hostId'>): string | undefined =>
  server.host ?? server.hostId;

/** All that boots, from the order to the proof. What a step is being taken for has begun, whatever its row says yet. */
export const bootsOf = (
  world: Pick<PoolWorld, 'desktops' | 'pool' | 'inStateMs' | 'busy'> & {
    seen: Pick<PoolWorld['seen'], 'byId'>;
  },
): Boot[] =>
  inState(world, 'wanted', 'creating', 'unsure', 'building', 'booting', 'bound', 'returning', 'rebuilding')
    .filter(
      (d) =>
        isOnItsWay(d) ||
        isStarting(d, world) ||
        ((d.state === 'wanted' || d.state === 'bound' || d.state === 'returning') && world.busy.has(d.id)),
    )
    .map((d) => ({ id: d.id, pool: d.pool, host: hostOf(d, world.seen) }));

/** Desktops of a kind take equally long to boot: a rebuild has no host to find and no port to make. */
export const kindOf = (
  d: Pick<Desktop, 'pool' | 'poolRevision' | 'number' | 'attempt' | 'serverName'>,
): string => `${d.pool}@${d.poolRevision}${isRebuilt(d) ? ' rebuilt' : ''}`;

/** Whether its server is what a rebuild made of it: its name is of an earlier attempt. */
export const isRebuilt = (d: Pick<Desktop, 'pool' | 'number' | 'attempt' | 'serverName'>): boolean =>
  d.serverName !== serverNameOf({ ...d, attempt: d.attempt - 1 });
