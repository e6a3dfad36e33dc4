/** How a pool fills up just now, as measured. */
export interface Refill {
  /** From the order to the proof, of the last boots. */
  bootMs: readonly number[];
  /** How long each of the desktops that are on their way has been. */
  comingMs: readonly number[];
  /** Boots at once. */
  atOnce: number;
  /** How many more may be made below the ceiling. */
  room: number;
  /** Between the desktops that became ready last: at the ceiling, how often one is given back and made anew. */
  gapsMs: readonly number[];
}

/** A boot that is later than usual is said to be nearly there, not to be there. */
const STILL_COMING = 0.1;

/**
 * How long the person at this place of the line will wait: for those on their way what is left of a usual boot, then in
 * rounds of as many as boot at once, as far as the ceiling goes; beyond it, as often as desktops became ready lately.
 * @param place 1 is next
 * @returns milliseconds; undefined while nothing was measured that would tell
 */
export function expectedWaitMs(place: number, refill: Refill): number | undefined {
  const { comingMs, atOnce, room, gapsMs } = refill;
  const bootMs = median(refill.bootMs);
  const coming = bootMs === undefined ? [] : arrivals(bootMs, comingMs, atOnce, Math.min(room, place));
  const arrival = coming[place - 1];
  if (arrival !== undefined) return Math.round(arrival);
  const gapMs = median(gapsMs);
  if (gapMs === undefined) return undefined;
  return Math.round((coming.at(-1) ?? 0) + (place - coming.length) * gapMs);
}

/** When the desktops on their way, and as many new ones, are ready: from now, in order. */
function arrivals(bootMs: number, comingMs: readonly number[], atOnce: number, room: number): number[] {
  const ready = comingMs.map((ms) => Math.max(bootMs - ms, bootMs * STILL_COMING));
  const slots = [...ready, ...Array.from({ length: Math.max(0, atOnce - ready.length) }, () => 0)];
  for (let n = 0; n < room; n++) {
    const next = slots.indexOf(Math.min(...slots));
    if (next < 0) break;
    slots[next]! += bootMs;
    ready.push(slots[next]!);
  }
  return ready.sort((a, b) => a - b);
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
