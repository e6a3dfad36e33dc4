import { MINUTE } from '@anyseat/base';
import { isWithin } from './hours.ts';
import type { SessionPolicy } from './sessionPolicy.ts';
import { wallTime } from './wallClock.ts';

/** What is known of a running session, for its limits. */
export interface LimitSight {
  /** Since its login. */
  ageMs: number;
  /** Since anything was touched at its seat; undefined where nobody knows: that is never idle. */
  idleMs: number | undefined;
  /** How long its hours last, if they end within the warning; undefined: longer. */
  hoursLeftMs: number | undefined;
}

/** A limit that is near enough to warn of. */
export interface NearLimit {
  kind: 'idle' | 'too-long' | 'hours-over';
  /** Until it is reached; 0 when it is. */
  inMs: number;
  /** `lock`: the seat asks for the password, and the desktop waits for its grace. */
  action: 'lock' | 'logOff';
  /** The whole time of its warning: nobody is ended without that. */
  warnMs: number;
}

/** The limits of a session of which its person is to be warned by now. */
export function limitsNear({ idle, atMost }: SessionPolicy, sight: LimitSight): NearLimit[] {
  const near: NearLimit[] = [];
  if (idle && sight.idleMs !== undefined) {
    const { afterMs, warnMs, action } = idle;
    near.push({ kind: 'idle', inMs: afterMs - sight.idleMs, action, warnMs });
  }
  if (atMost) {
    const { ms, warnMs } = atMost;
    const action = 'logOff';
    if (ms !== undefined) near.push({ kind: 'too-long', inMs: ms - sight.ageMs, action, warnMs });
    if (sight.hoursLeftMs !== undefined)
      near.push({ kind: 'hours-over', inMs: sight.hoursLeftMs, action, warnMs });
  }
  return near
    .filter(({ inMs, warnMs }) => inMs <= warnMs)
    .map((limit) => ({ ...limit, inMs: Math.max(0, limit.inMs) }));
}

/**
 * How long it is, to the minute, until none of these hours covers the clock of a site; undefined when that is not within
 * `withinMs`.
 *
 * @param at epoch ms
 */
export function hoursLeftMs(
  hours: readonly string[],
  at: number,
  timeZone: string,
  withinMs: number,
): number | undefined {
  const begun = at - (at % MINUTE);
  for (let later = begun; later - at <= withinMs; later += MINUTE)
    if (!hours.some((text) => isWithin(text, wallTime(later, timeZone)))) return Math.max(0, later - at);
  return undefined;
}
