import type { FloorSeat, SeatState } from '@anyseat/protocol';
import { HEAD, type Block, type Layout } from './layOut.ts';
import { colours, states } from './states.ts';

/** What part of the map is seen: the place at the canvas's corner, and how many pixels a unit has. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export interface Picture {
  layout: Layout;
  seats: readonly FloorSeat[];
  scheme: 'light' | 'dark';
  /** These alone stand out; undefined: all. */
  shown: ReadonlySet<SeatState> | undefined;
  chosen: string | undefined;
  /** What a search found. */
  found: ReadonlySet<string> | undefined;
  /** Counts by site, as a line of words. */
  notes: ReadonlyMap<string, string>;
}

/** From so many pixels a seat on it has its label; from more, its person. */
const LABEL_FROM = 30;
const PERSON_FROM = 64;
const MARK_FROM = 7;

const ink = { light: '#1f2328', dark: '#e6e8eb' };
const faint = { light: '#6b7178', dark: '#9aa1a9' };
const line = { light: '#d0d5da', dark: '#3a4046' };

/** Draws what is seen. Colour by colour, so that ten thousand squares are nine changes of the brush. */
export function paint(
  canvas: CanvasRenderingContext2D,
  picture: Picture,
  view: View,
  size: { width: number; height: number },
): void {
  canvas.clearRect(0, 0, size.width, size.height);
  paintBlocks(canvas, picture, view);
  const seen = seatsSeen(picture, view, size);
  const side = view.scale * 0.86;
  for (const state of states) paintState(canvas, picture, view, state, seen.get(state) ?? [], side);
  canvas.globalAlpha = 1;
  for (const [state, seats] of seen)
    if (isShown(picture, state)) paintWords(canvas, picture, view, seats, side);
  paintChosen(canvas, picture, view, side);
}

const isShown = ({ shown }: Picture, state: SeatState): boolean => shown === undefined || shown.has(state);

function seatsSeen(
  { seats, layout }: Picture,
  view: View,
  size: { width: number; height: number },
): Map<SeatState, FloorSeat[]> {
  const [right, bottom] = [view.x + size.width / view.scale, view.y + size.height / view.scale];
  const seen = new Map<SeatState, FloorSeat[]>();
  for (const seat of seats) {
    const spot = layout.spots.get(seat.name);
    if (!spot || spot.x + 1 < view.x || spot.x > right || spot.y + 1 < view.y || spot.y > bottom) continue;
    const some = seen.get(seat.state);
    if (some) some.push(seat);
    else seen.set(seat.state, [seat]);
  }
  return seen;
}

function paintState(
  canvas: CanvasRenderingContext2D,
  picture: Picture,
  view: View,
  state: SeatState,
  seats: readonly FloorSeat[],
  side: number,
): void {
  const { scheme, layout, found } = picture;
  canvas.fillStyle = colours[scheme][state];
  const quiet = isShown(picture, state) ? 1 : 0.12;
  for (const { name } of seats) {
    const spot = layout.spots.get(name)!;
    canvas.globalAlpha = found && !found.has(name) ? 0.12 : quiet;
    canvas.fillRect((spot.x - view.x) * view.scale, (spot.y - view.y) * view.scale, side, side);
  }
  if ((state !== 'fault' && state !== 'silent') || side < MARK_FROM) return;
  // Not by colour alone: a cross for what failed, a ring for what says nothing.
  canvas.strokeStyle = scheme === 'light' ? '#fff' : '#15181b';
  canvas.lineWidth = Math.max(1.2, side / 9);
  canvas.globalAlpha = quiet;
  canvas.beginPath();
  for (const { name } of seats) {
    const spot = layout.spots.get(name)!;
    const [x, y] = [(spot.x - view.x) * view.scale, (spot.y - view.y) * view.scale];
    const m = side > LABEL_FROM ? 10 : side / 2;
    const [cx, cy] = side > LABEL_FROM ? [x + side - 11, y + side - 11] : [x + side / 2, y + side / 2];
    const r = m * 0.5;
    if (state === 'fault') {
      canvas.moveTo(cx - r, cy - r);
      canvas.lineTo(cx + r, cy + r);
      canvas.moveTo(cx + r, cy - r);
      canvas.lineTo(cx - r, cy + r);
    } else {
      canvas.moveTo(cx + r, cy);
      canvas.arc(cx, cy, r, 0, Math.PI * 2);
    }
  }
  canvas.stroke();
}

function paintWords(
  canvas: CanvasRenderingContext2D,
  { scheme, layout, found }: Picture,
  view: View,
  seats: readonly FloorSeat[],
  side: number,
): void {
  if (side < LABEL_FROM) return;
  canvas.textBaseline = 'top';
  for (const seat of seats) {
    if (found && !found.has(seat.name)) continue;
    const spot = layout.spots.get(seat.name)!;
    const [x, y] = [(spot.x - view.x) * view.scale, (spot.y - view.y) * view.scale];
    canvas.fillStyle = onColour(seat.state, scheme);
    canvas.font = `600 ${Math.min(13, side / 3.4)}px system-ui, sans-serif`;
    canvas.fillText(seat.label, x + 4, y + 4, side - 8);
    if (side < PERSON_FROM || seat.displayName === undefined) continue;
    canvas.font = `${Math.min(13, side / 6)}px system-ui, sans-serif`;
    canvas.fillText(seat.displayName, x + 4, y + side / 2, side - 8);
  }
}

/** Words on a seat can be read: dark on light colours, light on dark ones. */
function onColour(state: SeatState, scheme: 'light' | 'dark'): string {
  const isDeep =
    scheme === 'light'
      ? state === 'fault' || state === 'working'
      : state === 'off' || state === 'bare' || state === 'free';
  return isDeep ? '#fff' : '#14171a';
}

function paintChosen(canvas: CanvasRenderingContext2D, picture: Picture, view: View, side: number): void {
  const spot = picture.chosen === undefined ? undefined : picture.layout.spots.get(picture.chosen);
  if (!spot) return;
  canvas.strokeStyle = ink[picture.scheme];
  canvas.lineWidth = 2.5;
  const grow = Math.max(2, 8 - side / 2);
  canvas.strokeRect(
    (spot.x - view.x) * view.scale - grow,
    (spot.y - view.y) * view.scale - grow,
    side + 2 * grow,
    side + 2 * grow,
  );
}

function paintBlocks(canvas: CanvasRenderingContext2D, picture: Picture, view: View): void {
  const { layout, scheme, notes } = picture;
  canvas.textBaseline = 'alphabetic';
  for (const block of layout.sites) {
    const { x, y, width, height } = placed(block, view);
    canvas.strokeStyle = line[scheme];
    canvas.lineWidth = 1;
    canvas.strokeRect(x - 6, y - 2, width + 10, height + 2);
    const high = Math.min(20, Math.max(11, view.scale * 1.4));
    canvas.fillStyle = ink[scheme];
    canvas.font = `600 ${high}px system-ui, sans-serif`;
    const baseline = y + Math.min(view.scale * 1.3, high * 1.2);
    canvas.fillText(block.title, x, Math.max(baseline, y + high), width);
    const note = notes.get(block.site);
    if (note === undefined || view.scale * HEAD < high * 2.2) continue;
    canvas.fillStyle = faint[scheme];
    canvas.font = `${high * 0.72}px system-ui, sans-serif`;
    canvas.fillText(note, x, y + high * 2.1, width);
  }
  if (view.scale < 6) return;
  canvas.fillStyle = faint[scheme];
  canvas.font = `${Math.min(14, view.scale)}px system-ui, sans-serif`;
  for (const room of layout.rooms) {
    const { x, y, width } = placed(room, view);
    canvas.fillText(room.room ?? '', x, y + view.scale * 1.2, width);
  }
}

const placed = ({ x, y, width, height }: Block, view: View) => ({
  x: (x - view.x) * view.scale,
  y: (y - view.y) * view.scale,
  width: width * view.scale,
  height: height * view.scale,
});
