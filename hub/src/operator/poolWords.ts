import { MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import { fullAt } from '../domain/pool/size.ts';
import { troubleRules } from '../domain/pool/trouble.ts';
import { problemRules } from '../domain/problem.ts';
import { wallTime } from '../domain/wallClock.ts';
import type { PoolReport } from '../reconcile/pools.ts';

/** A pool as it is counted now. */
export interface Pool {
  spec: PoolSpec;
  report: PoolReport;
  ready: number;
  onTheirWay: number;
  waiting: number;
  /** All desktops of the pool, whatever their state. */
  all: number;
  /** With somebody on them. */
  used: number;
  /** That belong to somebody, used or not. */
  own: number;
  /** Nothing is concluded from servers that no listing has, before an operator says so; in words. */
  vanished: string | undefined;
  /** Why ready ones are not handed out, one a desktop. */
  heldBack: readonly string[];
  /** When those on their way were asked for, epoch ms. */
  onTheirWaySince: readonly number[];
  now: number;
}

/** What a pool is doing and what happens next, in a sentence that an operator understands. */
export function poolWords(pool: Pool): string {
  return `${doing(pool)}${images(pool)}${held(pool)}${notRebuilt(pool)}${vanished(pool)}`;
}

function doing(pool: Pool): string {
  const { spec, report, ready, onTheirWay, waiting } = pool;
  const { trouble } = report;
  if (spec.closed !== undefined) {
    const left = pool.used > 0 ? `; ${pool.used} are in use until their people log off` : '';
    const stay = pool.own > 0 ? `; ${pool.own} belong to somebody and stay theirs` : '';
    return `closed: ${spec.closed}. Nobody is given a desktop, and none is made${left}${stay}`;
  }
  if (report.failure)
    return `cannot look at its cloud: ${report.failure}; looked at again within a minute or two. The ${ready} that are ready are handed out`;
  if (trouble) {
    const seconds = Math.max(0, Math.ceil((trouble.retryAt - pool.now) / SECOND));
    const next = seconds > 0 ? `tries again in ${seconds} s` : 'tries again now';
    const { words, advice } = troubleRules[trouble.kind];
    const often = trouble.times > 1 ? `, after ${trouble.times} tries` : '';
    const what = advice === '' ? words : `${words}: ${advice}`;
    return `makes no desktops: ${trouble.text} (${what}); ${next}${often}. It serves the ${ready} that are ready.`;
  }
  const wanted = report.size.floor + waiting;
  const missing = Math.max(0, wanted - ready);
  if (missing === 0)
    return wanted > spec.floor ? `full: ${ready} ready of ${wanted} wanted${forWhen(pool)}` : 'full';
  if (pool.all >= spec.ceiling && onTheirWay < missing) {
    return `at its ceiling: ${ready} ready of ${wanted} wanted, and ${pool.all} of ${spec.ceiling} desktops there are; the next is made when one of them goes, or the ceiling is raised`;
  }
  return `filling: ${ready} ready of ${wanted} wanted${forWhen(pool)}, ${onTheirWay} on their way; ${whenFull(pool)}${pace(report)}`;
}

/** `, 40 by 09:00`: what the boots of now are for. */
function forWhen({ report, now }: Pool): string {
  const { at, desktops } = report.size.for;
  return at > now && desktops > report.size.floor ? `, ${desktops} by ${clockTime(at, report)}` : '';
}

/** `full by 08:52`, and how much too late that is. */
function whenFull({ report, ready, waiting, onTheirWaySince, now }: Pool): string {
  const { size, pace } = report;
  const later = size.for.at > now;
  const missing = Math.max(size.floor, later ? size.for.desktops : 0) + waiting - ready;
  const at = fullAt(now, missing, onTheirWaySince, pace);
  const lateMin = later ? Math.ceil((at - size.for.at) / MINUTE) : 0;
  const late = lateMin > 0 ? `, ${lateMin} min late` : '';
  const measured = report.bootMs.length > 0 ? '' : ' (no boot measured yet)';
  return `full by ${clockTime(at, report)}${late}${measured}`;
}

/** What is going on with what its desktops are made from. */
function images({ report, spec }: Pool): string {
  const { stale, image } = report;
  const renewed =
    stale > 0
      ? `; ${stale} ready ones are of an older image or specification, or too old, and are replaced ${spec.renewAtOnce} at a time`
      : '';
  if (image.use === image.current) return renewed;
  const [current, used] = [image.current, image.use].map((id) =>
    report.images.find((one) => one.image === id),
  );
  const why = current?.frozen ? `: ${current.frozen.text}` : '';
  return `${renewed}; image revision ${current?.revision} (${image.current}) is frozen, because its desktops do not become ready${why}. Desktops are made from revision ${used?.revision} until the pool or its image changes`;
}

/** Ready ones that are not handed out. */
function held({ heldBack, spec }: Pool): string {
  if (heldBack.length === 0 || spec.closed !== undefined) return '';
  const why = [...new Set(heldBack)];
  const more = why.length > 1 ? `, and ${why.length - 1} more reasons` : '';
  return `; ${heldBack.length} ready ${heldBack.length === 1 ? 'one is' : 'ones are'} not handed out: ${why[0]}${more}`;
}

/** What becomes of used ones, where it is not what the pool says. */
const notRebuilt = ({ report: { notRebuilt } }: Pool): string =>
  notRebuilt === undefined ? '' : `; used desktops are replaced instead of rebuilt: ${notRebuilt}`;

const vanished = (pool: Pool): string =>
  pool.vanished === undefined ? '' : `; ${pool.vanished}: ${problemRules.vanished.next}`;

/** By the clock on the wall of the pool's site. */
function clockTime(at: number, { timeZone }: PoolReport): string {
  const { minute } = wallTime(at, timeZone);
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Why it goes slower than it could. */
function pace({ paused, slowForMs }: PoolReport): string {
  const why = [
    paused === undefined ? '' : `nothing new until a host has caught up: ${paused}`,
    slowForMs > 0 ? `slowly for another ${Math.ceil(slowForMs / MINUTE)} min: its cloud was away` : '',
  ].filter((text) => text !== '');
  return why.length > 0 ? `; ${why.join('; ')}` : '';
}
