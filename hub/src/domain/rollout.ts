import { compareVersions, MINUTE } from '@anyseat/base';
import { LAST_RING, type UpdateReport } from '@anyseat/protocol';
import type { TcId } from './session.ts';
import type { Tc } from './tc.ts';

/** A release of the agent that the hub has. */
export interface Release {
  /** Of its payload, hex; its file is called by it. */
  sha256: string;
  version: string;
  arch: string;
  bytes: number;
  /** As it was signed. */
  manifest: string;
  signature: string;
  addedAt: number;
}

/**
 * One release on its way to the seats, ring by ring. It is `running` or `paused` (by an operator, or by itself after too many
 * failures), and in the end `done` or `stopped`. There is one at a time.
 */
export interface Rollout {
  id: number;
  version: string;
  state: 'running' | 'paused' | 'stopped' | 'done';
  rings: readonly string[];
  /** Which ring is under way; those before it are open still, to boxes that come late. */
  ring: number;
  /** When the ring under way was through, epoch ms: the next one waits from then on. */
  throughAt: number | undefined;
  atOnce: number;
  soakMs: number;
  mostFailed: number;
  startedAt: number;
  /** Why it is paused. */
  why: string | undefined;
}

/**
 * What became of one thin client in a rollout. `offered`: it was told to fetch. `starting`: it was told to start the release, and has
 * not been seen with it. The others are how it ended.
 */
export interface RolledOut {
  tc: TcId;
  state: 'offered' | 'starting' | 'updated' | 'failed' | 'rolledBack';
  text: string;
  at: number;
  /** How often it was offered. */
  tries: number;
}

/** What is known of one thin client now. */
export interface RolloutTc {
  tc: Pick<Tc, 'id' | 'tags' | 'fingerprint' | 'seat'>;
  online: boolean;
  /** As it said over the connection that it has; absent where it says nothing of updates. */
  says: Pick<UpdateReport, 'running' | 'arch' | 'state' | 'version' | 'text' | 'again'> | undefined;
  inUse: boolean;
  was: RolledOut | undefined;
}

export interface RolloutWorld {
  rollout: Rollout;
  tcs: readonly RolloutTc[];
  now: number;
}

/** How a thin client stands towards a rollout. */
export type Standing =
  /** To be offered the release. */
  | 'open'
  | 'fetching'
  /** It lies there, and nobody is logged in. */
  | 'ready'
  /** It lies there, and waits for the end of a session. */
  | 'waits'
  | 'starting'
  | 'updated'
  | 'failed'
  | 'offline'
  /** Connected, and not installed so that it can be updated. */
  | 'cannot';

/** Of a box that was told to start a release, and is not seen again for so long, something is wrong. */
export const LOST_AFTER_MS = 15 * MINUTE;
/** What broke off is offered again after a while, so many times in all. */
export const AGAIN_AFTER_MS = MINUTE;
export const MOST_TRIES = 10;

export const ringOf = ({ tags }: Pick<Tc, 'tags'>, rings: readonly string[]): number => {
  const named = rings.indexOf(tags['ring'] ?? '');
  return named >= 0 ? named : rings.indexOf(LAST_RING);
};

export function standingOf(one: RolloutTc, { version }: Rollout, now: number): Standing {
  const { online, says, inUse, was } = one;
  const proved = says && says.state !== 'trial';
  if (online && proved && compareVersions(says.running, version) >= 0) return 'updated';
  if (was?.state === 'failed' || was?.state === 'rolledBack') return 'failed';
  if (was?.state === 'starting' && !(online && says?.state === 'ready'))
    return now - was.at > LOST_AFTER_MS ? 'failed' : 'starting';
  if (!online) return was?.state === 'updated' ? 'updated' : 'offline';
  if (!says) return 'cannot';
  if (says.version === version && (says.state === 'ready' || says.state === 'trial'))
    return says.state === 'trial' ? 'starting' : inUse ? 'waits' : 'ready';
  if (was?.state !== 'offered') return 'open';
  if (says.version === version && says.state === 'fetching') return 'fetching';
  if (was.tries >= MOST_TRIES) return 'failed';
  return now - was.at > AGAIN_AFTER_MS ? 'open' : 'fetching';
}

/** What is to be written of a box that has ended, one way or another; undefined: nothing new. */
export function endingOf(
  one: RolloutTc,
  rollout: Rollout,
  now: number,
): Pick<RolledOut, 'state' | 'text'> | undefined {
  const { says, was } = one;
  if (!was || was.state === 'updated') return undefined;
  const standing = standingOf(one, rollout, now);
  if (standing === 'updated') return { state: 'updated', text: `${says?.running ?? rollout.version} runs` };
  if (was.state === 'failed' || was.state === 'rolledBack') return undefined;
  if (one.online && says?.version === rollout.version) {
    if (says.state === 'rolledBack') return { state: 'rolledBack', text: says.text ?? '' };
    if (says.state === 'failed' && says.again !== true) return { state: 'failed', text: says.text ?? '' };
  }
  if (standing !== 'failed') return undefined;
  const lost = was.state === 'starting';
  return {
    state: 'failed',
    text: lost
      ? 'it was told to start the release, and did not come back'
      : `${says?.text ?? 'no answer'}, ${MOST_TRIES} times`,
  };
}

export interface RolloutPlan {
  /** To be told to fetch the release. */
  offer: TcId[];
  /** To be told to start it. */
  start: TcId[];
  /** How the rollout itself goes on. */
  move?: Partial<Pick<Rollout, 'state' | 'ring' | 'throughAt' | 'why'>>;
}

/**
 * What to do now. Never more than `atOnce` fetch, and never more are being started: a release that is broken in a way that nobody
 * has seen breaks so many seats for the minutes until they have taken it back, and no more follow.
 */
export function planRollout({ rollout, tcs, now }: RolloutWorld): RolloutPlan {
  const { atOnce, rings, ring, mostFailed, soakMs, throughAt } = rollout;
  const nothing: RolloutPlan = { offer: [], start: [] };
  if (rollout.state !== 'running') return nothing;
  const all = tcs.map((one) => ({
    id: one.tc.id,
    ring: ringOf(one.tc, rings),
    standing: standingOf(one, rollout, now),
  }));
  const failed = all.filter(({ standing }) => standing === 'failed').length;
  if (failed > mostFailed) {
    const many = failed === 1 ? 'one thin client' : `${failed} thin clients`;
    const why = `${many} did not take it, and ${mostFailed} may`;
    return { ...nothing, move: { state: 'paused', why } };
  }
  const open = all.filter((one) => one.ring >= 0 && one.ring <= ring);
  const of = (...standings: Standing[]) => open.filter(({ standing }) => standings.includes(standing));
  const ids = (some: typeof open, most: number) => some.slice(0, Math.max(0, most)).map(({ id }) => id);
  const plan: RolloutPlan = {
    offer: ids(of('open'), atOnce - of('fetching').length),
    start: ids(of('ready'), atOnce - of('starting').length),
  };
  const through = of('open', 'fetching', 'ready', 'starting').length === 0;
  if (!through) return throughAt === undefined ? plan : { ...plan, move: { throughAt: undefined } };
  const last = ring === rings.length - 1;
  if (last) {
    // Whoever is offline, or works, has it to come.
    const done = open.every(({ standing }) => standing !== 'offline' && standing !== 'waits');
    return done ? { ...plan, move: { state: 'done' } } : plan;
  }
  // A ring in which nobody has proved anything yet says nothing about the next one.
  const proved = of('updated').length > 0 || open.every((one) => one.ring !== ring);
  if (!proved) return plan;
  if (throughAt === undefined) return { ...plan, move: { throughAt: now } };
  if (now - throughAt < soakMs) return plan;
  return { ...plan, move: { ring: ring + 1, throughAt: undefined } };
}
