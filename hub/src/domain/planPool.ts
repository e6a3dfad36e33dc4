import { MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { CloudServer } from './cloudServer.ts';
import { isHeld, isOnItsWay, takesRoom, type Desktop, type DesktopFault, type DesktopId } from './desktop.ts';
import { readMetadata } from './naming.ts';

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

/** How long an order without an answer is looked for before a new one is made (longer than any proxy's patience). */
const UNSURE_FOR = 5 * MINUTE;
/** How long, and how many, broken desktops of a pool are kept as evidence. */
const EVIDENCE_FOR = 15 * MINUTE;
const EVIDENCE_MOST = 2;
/** A desktop above the floor is kept this long: people come back. */
const SURPLUS_FOR = 2 * MINUTE;
const SURPLUS_A_ROUND = 5;
/** Removal and start are asked for again after this long. */
const ASK_AGAIN_AFTER = MINUTE;
const CREATES_A_ROUND = 10;

type Phase = (world: PoolWorld, taken: ReadonlySet<DesktopId>) => PoolStep[];

/** In this order; a desktop gets the step of the first phase that has one for it. */
const phases: readonly Phase[] = [
  adoptFound,
  markArrived,
  breakFailed,
  proveBooted,
  missFromListing,
  startBound,
  retireUsed,
  retireEvidence,
  retireSurplus,
  removeRetired,
  createWanted,
  wantMore,
];

/**
 * What to do next for a pool: pure, a function of what is known now. Level-triggered: it does not matter how the
 * world became so, or whether an earlier step was lost. At most one step a desktop.
 */
export function planPool(world: PoolWorld): PoolStep[] {
  const taken = new Set<DesktopId>(world.busy);
  const steps: PoolStep[] = [];
  for (const phase of phases) {
    for (const step of phase(world, taken)) {
      if ('desktop' in step) {
        if (taken.has(step.desktop.id)) continue;
        taken.add(step.desktop.id);
      }
      steps.push(step);
    }
  }
  return steps;
}

/** How soon to look again if nothing happens: often while something is on its way, seldom otherwise. */
export function nextLookMs(world: PoolWorld, steps: readonly PoolStep[]): number {
  const moving =
    steps.length > 0 ||
    world.waiting > 0 ||
    world.desktops.some((d) => isOnItsWay(d) || d.state === 'retiring');
  return moving ? 2 * SECOND : 15 * SECOND;
}

function adoptFound({ desktops, seen }: PoolWorld): PoolStep[] {
  return desktops
    .filter((d) => d.state === 'creating' || d.state === 'unsure')
    .flatMap((desktop): PoolStep[] => {
      const server = desktop.serverName === undefined ? undefined : seen.byName.get(desktop.serverName);
      // Names were used before a backup was restored: another desktop may be called so, and somebody may work on it.
      if (server && readMetadata(server.metadata)?.desktop === desktop.id)
        return [{ do: 'found', desktop, serverId: server.id }];
      // Nothing of this process is sending it (it would be busy): a restart came in between.
      return desktop.state === 'creating' ? [{ do: 'doubt', desktop }] : [];
    });
}

function markArrived({ desktops, seen }: PoolWorld): PoolStep[] {
  return desktops.flatMap((desktop): PoolStep[] => {
    const server = serverOf(desktop, seen);
    if (desktop.state !== 'building' || server?.state !== 'running') return [];
    return [{ do: 'running', desktop, host: server.host }];
  });
}

/** What the cloud or the clock says is no good. Never a held one: evidence of the cloud alone takes nothing from a person. */
function breakFailed({ desktops, seen, pool, now, inStateMs }: PoolWorld): PoolStep[] {
  return desktops.flatMap((desktop): PoolStep[] => {
    const text = whyBroken(desktop, serverOf(desktop, seen), pool.spec, inStateMs(desktop));
    return text ? [{ do: 'break', desktop, fault: { ...text, at: now } }] : [];
  });
}

function whyBroken(
  desktop: Desktop,
  server: CloudServer | undefined,
  spec: PoolSpec | undefined,
  forMs: number,
): { code: string; text: string } | undefined {
  const { state } = desktop;
  if (state !== 'building' && state !== 'booting' && state !== 'ready') return undefined;
  if (server?.state === 'failed') {
    return {
      code: 'server-failed',
      text: server.fault?.message.trim() || 'the cloud reports ERROR and gives no reason',
    };
  }
  if (server?.state === 'leaving')
    return { code: 'server-deleted', text: 'somebody else deleted the server' };
  if (server?.state === 'stopped' && state !== 'building') {
    return { code: 'server-stopped', text: `the server was powered off (${server.words})` };
  }
  if (!spec) return undefined;
  if (state === 'building' && forMs > spec.toActiveSeconds * SECOND) {
    return {
      code: 'slow-to-active',
      text: `not running after ${spec.toActiveSeconds} s (${server?.words ?? 'not listed'})`,
    };
  }
  // A desktop that was ready before and is looked at again has its time anew.
  if (state === 'booting' && forMs > spec.toReadySeconds * SECOND) {
    return {
      code: 'slow-to-ready',
      text: `running for ${spec.toReadySeconds} s, and not ready${said(desktop)}`,
    };
  }
  return undefined;
}

const said = (desktop: Desktop): string => (desktop.fault ? `: ${desktop.fault.text}` : '');

function proveBooted({ desktops, seen }: PoolWorld): PoolStep[] {
  return desktops
    .filter((d) => d.state === 'booting' && serverOf(d, seen)?.state === 'running')
    .map((desktop) => ({ do: 'prove', desktop }));
}

/** Absence from a listing proves nothing (a cell that is down is left out silently); it is only a reason to ask. */
function missFromListing(world: PoolWorld): PoolStep[] {
  const { desktops, seen } = world;
  if (!seen.complete) return [];
  return desktops
    .filter((d) => d.serverId !== undefined && !isHeld(d) && d.state !== 'gone')
    .filter((d) => !seen.byId.has(d.serverId!) && isOlder(d.writtenAt, world))
    .map((desktop) => ({ do: 'confirm-gone', desktop }));
}

/** Before the listing was begun; or in the future, and the clock has been set back since. */
const isOlder = (at: number, { seen, now }: PoolWorld): boolean => at < seen.startedAt || at > now;

/** A bound desktop that somebody switched off is switched on again: its person will come back. */
function startBound(world: PoolWorld): PoolStep[] {
  const { desktops, seen } = world;
  return desktops
    .filter((d) => d.state === 'bound' && serverOf(d, seen)?.state === 'stopped')
    .filter((d) => mayAskAgain(d, world))
    .slice(0, roomToBoot(world))
    .map((desktop) => ({ do: 'start', desktop }));
}

const mayAskAgain = ({ id }: Desktop, { askedAt, monotonic }: PoolWorld): boolean =>
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

/** How many more of this pool may boot, by its own budget and by the hub's. */
function roomToBoot(world: PoolWorld): number {
  const { desktops, pool, room } = world;
  const own = (pool.spec?.boots ?? Infinity) - desktops.filter(isOnItsWay).length - startedLately(world);
  return Math.max(0, Math.min(room, own));
}

function retireUsed({ desktops, pool }: PoolWorld): PoolStep[] {
  const goes = (d: Desktop) =>
    d.state === 'returning' ||
    (pool.spec === undefined && (d.state === 'building' || d.state === 'booting' || d.state === 'ready'));
  return desktops.filter(goes).map((desktop) => ({ do: 'retire', desktop }));
}

/** Evidence is kept for a while, but not at the price of a desktop that somebody needs. */
function retireEvidence({ desktops, pool, waiting, inStateMs }: PoolWorld): PoolStep[] {
  const broken = desktops.filter((d) => d.state === 'broken').sort((a, b) => b.stateSince - a.stateSince);
  const missing = pool.spec ? pool.spec.floor + waiting - usable(desktops) : Infinity;
  const free = pool.spec ? pool.spec.ceiling - desktops.filter(takesRoom).length : 0;
  const inTheWay = Math.max(0, missing - free);
  return broken
    .filter((d, i) => i >= Math.min(EVIDENCE_MOST, broken.length - inTheWay) || inStateMs(d) > EVIDENCE_FOR)
    .map((desktop) =>
      desktop.serverId === undefined ? { do: 'forget', desktop } : { do: 'retire', desktop },
    );
}

function retireSurplus({ desktops, pool, waiting, inStateMs }: PoolWorld): PoolStep[] {
  if (!pool.spec) return [];
  const surplus = usable(desktops) - pool.spec.floor - waiting;
  if (surplus <= 0) return [];
  const wanted = desktops.filter((d) => d.state === 'wanted').slice(-surplus);
  const ready = desktops
    .filter((d) => d.state === 'ready' && inStateMs(d) >= SURPLUS_FOR)
    .sort((a, b) => a.poolRevision - b.poolRevision || a.stateSince - b.stateSince)
    .slice(0, Math.min(SURPLUS_A_ROUND, surplus - wanted.length));
  return [
    ...wanted.map((desktop): PoolStep => ({ do: 'forget', desktop })),
    ...ready.map((desktop): PoolStep => ({ do: 'retire', desktop })),
  ];
}

/** Asked for until the cloud says that there is no such server; a delete that was lost is asked again. */
function removeRetired(world: PoolWorld): PoolStep[] {
  const { desktops, seen, askedAt } = world;
  return desktops
    .filter((d) => d.state === 'retiring')
    .filter((d) => d.serverId === undefined || seen.byId.has(d.serverId) || !askedAt.has(d.id))
    .filter((d) => mayAskAgain(d, world))
    .map((desktop) => ({ do: 'remove', desktop }));
}

/** Within both budgets, from the first intent to the proof of readiness; the oldest wish first. */
function createWanted(world: PoolWorld, taken: ReadonlySet<DesktopId>): PoolStep[] {
  const { desktops, pool, mayCreate, seen, inStateMs } = world;
  const giveUp = desktops
    .filter(
      (d) =>
        d.state === 'unsure' && seen.complete && isOlder(d.stateSince, world) && inStateMs(d) > UNSURE_FOR,
    )
    .map((desktop): PoolStep => ({ do: 'give-up', desktop }));
  const wanted = desktops.filter((d) => d.state === 'wanted');
  if (!pool.spec) return [...giveUp, ...wanted.map((desktop): PoolStep => ({ do: 'forget', desktop }))];
  if (!mayCreate) return giveUp;
  // What is switched on in this same round boots as well.
  const starting = startBound(world).filter((step) => 'desktop' in step && taken.has(step.desktop.id)).length;
  const free = Math.min(roomToBoot(world) - starting, CREATES_A_ROUND);
  return [
    ...giveUp,
    ...wanted.slice(0, Math.max(0, free)).map((desktop): PoolStep => ({ do: 'create', desktop })),
  ];
}

function wantMore({ desktops, pool, waiting }: PoolWorld): PoolStep[] {
  if (!pool.spec) return [];
  const missing = pool.spec.floor + waiting - usable(desktops);
  const free = pool.spec.ceiling - desktops.filter(takesRoom).length;
  const count = Math.min(missing, free);
  return count > 0 ? [{ do: 'want', count }] : [];
}

/** Ready, or going to be: all that is not provably lost counts, so that nothing is made twice. */
const usable = (desktops: readonly Desktop[]): number =>
  desktops.filter((d) => d.state === 'ready' || d.state === 'wanted' || isOnItsWay(d)).length;

const serverOf = (desktop: Desktop, seen: PoolWorld['seen']): CloudServer | undefined =>
  desktop.serverId === undefined ? undefined : seen.byId.get(desktop.serverId);
