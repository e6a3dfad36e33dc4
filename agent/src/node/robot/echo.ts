import { SECOND, type Clock } from '@anyseat/base';
import { isBlank, Restless, type Picture } from './picture.ts';
import type { Step } from './scenario.ts';
import type { Screen } from './screen.ts';
import { failed } from './stages.ts';

/** Between two looks; a look at a screen of 1024 × 768 takes some ten milliseconds besides. */
const LOOK_EVERY_MS = 20;
/** A screen that sleeps wakes by the pointer. */
const NUDGE_EVERY_MS = SECOND;
/** A cursor blinks once in it at the least, and a clock ticks twice. */
const WATCH_MS = 2 * SECOND;
/** More of it, and a letter could be lost in what changes by itself. */
const MOST_RESTLESS = 0.1;

/** One letter that was typed, and what it took until it was seen. */
export interface Echo {
  letter: string;
  tookMs: number;
}

/** Resolves with the first picture that is of more than one colour. */
export async function untilPicture(screen: Screen, clock: Clock, signal: AbortSignal): Promise<Picture> {
  let nudgedAt = clock.monotonic();
  for (let at = 0.5; ;) {
    const picture = await screen.look();
    if (!isBlank(picture)) return picture;
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (clock.monotonic() - nudgedAt < NUDGE_EVERY_MS) continue;
    nudgedAt = clock.monotonic();
    at = at === 0.5 ? 0.51 : 0.5;
    screen.move(at, at);
  }
}

/**
 * Watches what changes by itself until that is little.
 *
 * @param tell how much of the picture changed in the last watch, 0 to 1
 */
export async function untilRest(
  screen: Screen,
  clock: Clock,
  signal: AbortSignal,
  tell: (share: number) => void,
): Promise<Restless> {
  for (;;) {
    let before = await screen.look();
    const restless = new Restless(before);
    const until = clock.monotonic() + WATCH_MS;
    while (clock.monotonic() < until) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      const after = await screen.look();
      if (after.points.length !== before.points.length) break;
      restless.learn(before, after);
      before = after;
    }
    tell(restless.share);
    if (restless.share <= MOST_RESTLESS) return restless;
  }
}

/** Seconds that these steps may take in all, when each letter may take so many, and as many again to be drawn to its end. */
export function boundOf(steps: readonly Step[], secondsEach: number): number {
  let seconds = secondsEach;
  for (const step of steps) {
    if ('type' in step) seconds += 2 * secondsEach * step.type.length;
    else if ('pauseSeconds' in step) seconds += step.pauseSeconds;
  }
  return seconds;
}

/**
 * Does the steps. Each letter that is typed has to change the picture somewhere where it does not change by itself, before
 * the next is typed: a picture that happens to change at that moment cannot answer for all of them.
 *
 * @throws Fault `robot-no-echo`, `robot-no-key`
 */
export async function doSteps(
  steps: readonly Step[],
  screen: Screen,
  restless: Restless,
  { clock, boundMs, signal }: { clock: Clock; boundMs: number; signal: AbortSignal },
): Promise<Echo[]> {
  const echoes: Echo[] = [];
  for (const step of steps) {
    if ('move' in step) screen.move(step.move.x, step.move.y);
    else if ('click' in step) {
      screen.move(step.click.x, step.click.y);
      screen.click();
    } else if ('pauseSeconds' in step) await clock.sleep(step.pauseSeconds * SECOND, signal);
    else if ('key' in step) for (let i = 0; i < step.times; i++) screen.press({ name: step.key });
    else {
      // What the pointer or a key set in motion is not to count for a letter's echo.
      await settled(screen, restless, clock, signal);
      for (const letter of step.type) echoes.push(await typed(letter));
    }
  }
  return echoes;

  async function typed(letter: string): Promise<Echo> {
    const before = await screen.look();
    const from = clock.monotonic();
    screen.press({ letter });
    for (;;) {
      const after = await screen.look();
      const tookMs = clock.monotonic() - from;
      if (restless.answered(before, after)) {
        await settled(screen, restless, clock, signal);
        return { letter, tookMs: Math.round(tookMs) };
      }
      if (tookMs > boundMs) throw failed('robot-no-echo', { key: letter, seconds: boundMs / SECOND });
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}

/** Until two looks are the same but for what moves by itself: what was drawn is drawn to its end. */
async function settled(screen: Screen, restless: Restless, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let before = await screen.look(); ;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const after = await screen.look();
    if (!restless.answered(before, after)) return;
    before = after;
  }
}
