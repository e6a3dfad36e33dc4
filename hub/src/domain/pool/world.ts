import { MINUTE } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { CloudServer } from '../cloudServer.ts';
import { isOnItsWay, type Desktop, type DesktopFault, type DesktopId } from '../desktop.ts';

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
  | { do: 'break'; desktop: Desktop; fault: DesktopFault }
  /** Not in a complete listing: ask for it by id, and only a 404 makes it gone. */
  | { do: 'confirm-gone'; desktop: Desktop }
  | { do: 'start'; desktop: Desktop }
  | { do: 'retire'; desktop: Desktop }
  | { do: 'remove'; desktop: Desktop }
  | { do: 'forget'; desktop: Desktop }
  | { do: 'create'; desktop: Desktop }
  | { do: 'want'; count: number };

export interface PoolWorld {
  /** `spec` undefined: the pool was deleted; what nobody holds goes. */
  pool: { name: string; revision: number; spec: PoolSpec | undefined };
  desktops: readonly Desktop[];
  /** The shared listing of the pool's cloud, by server id, and by the server's name. */
  seen: {
    byId: ReadonlyMap<string, CloudServer>;
    byName: ReadonlyMap<string, CloudServer>;
    complete: boolean;
    startedAt: number;
  };
  /** People in the queue whom this pool serves first. */
  waiting: number;
  /** How many more desktops may be on their way, in all pools together. */
  room: number;
  /** False while the pool backs off from creating (quota, bad image, boots that fail). */
  mayCreate: boolean;
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

export const serverOf = (desktop: Desktop, seen: PoolWorld['seen']): CloudServer | undefined =>
  desktop.serverId === undefined ? undefined : seen.byId.get(desktop.serverId);

/** Ready, or going to be: all that is not provably lost counts, so that nothing is made twice. */
export const usable = (desktops: readonly Desktop[]): number =>
  desktops.filter((d) => d.state === 'ready' || d.state === 'wanted' || isOnItsWay(d)).length;

/** Written before the listing was begun; or in the future, and the clock has been set back since. */
export const isOlder = (at: number, { seen, now }: PoolWorld): boolean => at < seen.startedAt || at > now;

export const mayAskAgain = ({ id }: Desktop, { askedAt, monotonic }: PoolWorld): boolean =>
  monotonic - (askedAt.get(id) ?? -Infinity) >= ASK_AGAIN_AFTER;

/** Switched on a moment ago, and most likely booting: they count against the budgets like those on their way. */
export const startedLately = ({
  desktops,
  askedAt,
  monotonic,
}: Pick<PoolWorld, 'desktops' | 'askedAt' | 'monotonic'>): number =>
  desktops.filter(
    (d) => d.state === 'bound' && monotonic - (askedAt.get(d.id) ?? -Infinity) < ASK_AGAIN_AFTER,
  ).length;
