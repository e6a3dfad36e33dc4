import type { Layout } from './layOut.ts';
import type { View } from './paint.ts';

interface Size {
  width: number;
  height: number;
}

const CLOSEST = 140;
const MARGIN = 14;
/** Few seats are not blown up to the size of a hand. */
const FIT_MOST = 48;

/** The whole map, in the middle. */
export function fitted({ width, height }: Layout, size: Size): View {
  const scale = Math.min(
    FIT_MOST,
    (size.width - 2 * MARGIN) / Math.max(1, width),
    (size.height - 2 * MARGIN) / Math.max(1, height),
  );
  return {
    scale: Math.max(0.1, scale),
    x: -(size.width / scale - width) / 2,
    y: -Math.min(MARGIN / scale, (size.height / scale - height) / 2),
  };
}

/** Closer or further, with what is under that point staying there. @param times more than 1 is closer */
export function zoomed(view: View, at: { x: number; y: number }, times: number, least: number): View {
  const scale = Math.min(CLOSEST, Math.max(least, view.scale * times));
  return {
    scale,
    x: view.x + at.x / view.scale - at.x / scale,
    y: view.y + at.y / view.scale - at.y / scale,
  };
}

/** Moved so that this spot is well inside; closer if it could not be read. */
export function centred(view: View, spot: { x: number; y: number }, size: Size, least = view.scale): View {
  const scale = Math.max(view.scale, least);
  return { scale, x: spot.x + 0.5 - size.width / scale / 2, y: spot.y + 0.5 - size.height / scale / 2 };
}

/** Whether a spot is seen, not at the very edge. */
export function isSeen(view: View, spot: { x: number; y: number }, size: Size): boolean {
  const [x, y] = [(spot.x - view.x) * view.scale, (spot.y - view.y) * view.scale];
  return x >= 0 && y >= 0 && x + view.scale <= size.width && y + view.scale <= size.height;
}

/** The seat under a point; undefined between them. */
export function seatAt(layout: Layout, view: View, at: { x: number; y: number }): string | undefined {
  const [x, y] = [view.x + at.x / view.scale, view.y + at.y / view.scale];
  for (const [name, spot] of layout.spots)
    if (x >= spot.x && x < spot.x + 1 && y >= spot.y && y < spot.y + 1) return name;
  return undefined;
}

/** The nearest seat in a direction, rather straight ahead than aside. */
export function neighbour(
  layout: Layout,
  from: string,
  { dx, dy }: { dx: number; dy: number },
): string | undefined {
  const here = layout.spots.get(from);
  if (!here) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const [name, spot] of layout.spots) {
    const ahead = (spot.x - here.x) * dx + (spot.y - here.y) * dy;
    if (ahead <= 0.01) continue;
    const aside = Math.abs((spot.x - here.x) * dy) + Math.abs((spot.y - here.y) * dx);
    const far = ahead + aside * 3;
    if (far < least) [best, least] = [name, far];
  }
  return best;
}
