/**
 * People who are expected to sit down between two moments. Tables of a pool give these, and rosters will: whoever knows of
 * people makes windows, and everything behind `arriving` is the same.
 */
export interface ArrivalWindow {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly people: number;
}

/**
 * How people come within their window: 40 % of them in its middle sixth, the others evenly before and after. (Measured by
 * VMware for its sizing rule: 40 % of logons fall in a sixth of the window.)
 */
const MIDDLE = { from: 5 / 12, to: 7 / 12, share: 0.4 } as const;

/** The share of a window's people who have come when this part of it (0 to 1) has passed. */
export function shareArrived(part: number): number {
  const { from, to, share } = MIDDLE;
  const aside = (1 - share) / (1 - (to - from));
  if (part <= 0) return 0;
  if (part >= 1) return 1;
  if (part <= from) return part * aside;
  if (part <= to) return from * aside + ((part - from) * share) / (to - from);
  return 1 - (1 - part) * aside;
}

/** How many come between two moments. */
export function arriving(windows: readonly ArrivalWindow[], from: number, to: number): number {
  return windows.reduce(
    (sum, window) => sum + window.people * (shareAt(window, to) - shareAt(window, from)),
    0,
  );
}

const shareAt = ({ from, to }: ArrivalWindow, at: number): number => shareArrived((at - from) / (to - from));
