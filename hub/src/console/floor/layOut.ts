import type { FloorAnswer, FloorSeat } from '@anyseat/protocol';

/** A seat's square on the map; one unit is the width of a desk with its gap. */
export interface Spot {
  x: number;
  y: number;
}

export interface Block {
  site: string;
  title: string;
  /** The room's name, where its site has several; the site's own block has none. */
  room?: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  spots: ReadonlyMap<string, Spot>;
  sites: readonly Block[];
  rooms: readonly Block[];
  width: number;
  height: number;
}

/** Above the rooms of a site, for its title and how it is. */
export const HEAD = 2.5;
const ROOM_HEAD = 1.4;
const GAP = 1.5;
/** Room for a title. */
const LEAST_WIDE = 8;
const SITE_SHAPE = 1.4;
/** Of what has no rows and columns: about as wide as a room. */
const GRID_SHAPE = 1.6;
const byName = new Intl.Collator('en', { numeric: true });

/**
 * Where every seat stands: sites side by side, in each its rooms likewise, in each the seats by row and column; in
 * the order of their labels where they have none. The same seats always stand at the same places.
 *
 * @param shape width over height of what it is shown in
 */
export function layOut(
  { sites, seats }: { sites: FloorAnswer['sites']; seats: readonly FloorSeat[] },
  shape: number,
): Layout {
  const spots = new Map<string, Spot>();
  const rooms: Block[] = [];
  const blocks: Block[] = [];
  for (const { name, title } of sites) {
    const own = seats.filter(({ site }) => site === name);
    if (own.length > 0) blocks.push(site(name, title, own, spots, rooms));
  }
  const { width, height } = shelve(blocks, shape);
  for (const room of rooms) shift(room, blocks);
  const at = new Map(blocks.map((block) => [block.site, block]));
  for (const seat of seats) {
    const block = at.get(seat.site);
    const spot = spots.get(seat.name);
    if (block && spot) spots.set(seat.name, { x: spot.x + block.x, y: spot.y + block.y });
  }
  return { spots, sites: blocks, rooms, width, height };
}

/** A site with its corner at 0, 0. */
function site(
  name: string,
  title: string,
  seats: readonly FloorSeat[],
  spots: Map<string, Spot>,
  rooms: Block[],
): Block {
  const byRoom = Map.groupBy(seats, ({ room }) => room ?? '');
  const several = byRoom.size > 1;
  const own: (Block & { inside: ReadonlyMap<string, Spot> })[] = [];
  for (const [room, its] of [...byRoom].sort(([a], [b]) => byName.compare(a, b))) {
    const head = several ? ROOM_HEAD : 0;
    const places = placesOf(its);
    own.push({
      site: name,
      title,
      room,
      x: 0,
      y: 0,
      width: highest(places.map(({ x }) => x)) + 1,
      height: highest(places.map(({ y }) => y)) + 1 + head,
      inside: new Map(its.map((seat, i) => [seat.name, { x: places[i]!.x, y: places[i]!.y + head }])),
    });
  }
  const { width, height } = shelve(own, SITE_SHAPE);
  for (const { inside, ...room } of own) {
    const y = room.y + HEAD;
    for (const [seat, spot] of inside) spots.set(seat, { x: spot.x + room.x, y: spot.y + y });
    if (several) rooms.push({ ...room, y });
  }
  return { site: name, title, x: 0, y: 0, width: Math.max(LEAST_WIDE, width), height: height + HEAD + 0.5 };
}

/** By row and column; those that have none, or stand where another stands, below them in a grid. */
function placesOf(seats: readonly FloorSeat[]): Spot[] {
  const taken = new Map<string, Spot>();
  const rest: FloorSeat[] = [];
  const placed = new Set<string>();
  const rows = seats.flatMap(({ row, column }) => (row === undefined || column === undefined ? [] : [row]));
  const columns = seats.flatMap(({ row, column }) =>
    row === undefined || column === undefined ? [] : [column],
  );
  const [firstRow, firstColumn] = [lowest(rows), lowest(columns)];
  for (const seat of seats) {
    const { row, column } = seat;
    const key = `${row} ${column}`;
    if (row === undefined || column === undefined || placed.has(key)) {
      rest.push(seat);
      continue;
    }
    placed.add(key);
    taken.set(seat.name, { x: column - firstColumn, y: aisled(row - firstRow) });
  }
  const below = taken.size === 0 ? 0 : highest([...taken.values()].map(({ y }) => y)) + 1.5;
  const wide = Math.max(1, Math.ceil(Math.sqrt(rest.length * GRID_SHAPE)));
  rest
    .sort((a, b) => byName.compare(a.label, b.label))
    .forEach(({ name }, i) => taken.set(name, { x: i % wide, y: below + aisled(Math.floor(i / wide)) }));
  return seats.map(({ name }) => taken.get(name)!);
}

/** Rows stand back to back in twos, with a way between. */
const aisled = (row: number): number => row + Math.floor(row / 2) * 0.5;
const lowest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const highest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

/** Blocks side by side on shelves, of the width at which they are seen largest in something of that shape. */
function shelve(blocks: Block[], shape: number): { width: number; height: number } {
  const area = blocks.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const widest = highest(blocks.map(({ width }) => width));
  let best = { wide: 0, size: Infinity };
  for (let times = 0.7; times < 2; times += 0.1) {
    const wide = Math.max(Math.sqrt(area * shape) * times, widest);
    const { width, height } = place(blocks, wide);
    const size = Math.max(width / shape, height);
    if (size < best.size) best = { wide, size };
  }
  return place(blocks, best.wide);
}

function place(blocks: Block[], wide: number): { width: number; height: number } {
  let [x, y, shelf, width] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (x > 0 && x + block.width > wide) {
      x = 0;
      y += shelf + GAP;
      shelf = 0;
    }
    block.x = x;
    block.y = y;
    x += block.width + GAP;
    shelf = Math.max(shelf, block.height);
    width = Math.max(width, x - GAP);
  }
  return { width, height: y + shelf };
}

function shift(room: Block, blocks: readonly Block[]): void {
  const block = blocks.find((one) => one.site === room.site)!;
  room.x += block.x;
  room.y += block.y;
}
