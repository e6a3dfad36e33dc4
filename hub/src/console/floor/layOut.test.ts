import { expect, test } from 'vitest';
import type { FloorSeat } from '@anyseat/protocol';
import { layOut } from './layOut.ts';

const seat = (name: string, more: Partial<FloorSeat> = {}): FloorSeat => ({
  name,
  site: 'a',
  label: name,
  state: 'free',
  ...more,
});
const sites = ['a', 'b'].map((name) => ({ name, title: name.toUpperCase(), timeZone: 'UTC' }));

/** Pairs that stand on one another. */
function clashes(seats: readonly FloorSeat[], shape = 1.7): string[] {
  const { spots } = layOut({ sites, seats }, shape);
  const all = [...spots];
  return all.flatMap(([name, a], i) =>
    all
      .slice(i + 1)
      .filter(([, b]) => Math.abs(a.x - b.x) < 0.99 && Math.abs(a.y - b.y) < 0.99)
      .map(([other]) => `${name} ${other}`),
  );
}

test('seats stand by row and column, from the first that there is', () => {
  const seats = [
    seat('one', { row: 3, column: 7 }),
    seat('two', { row: 3, column: 9 }),
    seat('three', { row: 5, column: 7 }),
  ];
  const { spots } = layOut({ sites, seats }, 1.7);
  const [one, two, three] = seats.map(({ name }) => spots.get(name)!);
  expect([two!.x - one!.x, two!.y - one!.y, three!.x - one!.x, three!.y > one!.y + 1]).toEqual([
    2,
    0,
    0,
    true,
  ]);
});

test('seats without a place are a grid in the order of their labels, below those with one', () => {
  const seats = ['10', '9', '1'].map((label) => seat(`s${label}`, { label }));
  const { spots } = layOut({ sites, seats }, 1.7);
  const order = seats
    .map(({ name }) => ({ name, ...spots.get(name)! }))
    .sort((a, b) => a.y - b.y || a.x - b.x)
    .map(({ name }) => name);
  expect(order).toEqual(['s1', 's9', 's10']);
  const mixed = layOut({ sites, seats: [seat('placed', { row: 0, column: 0 }), ...seats] }, 1.7).spots;
  expect(seats.every(({ name }) => mixed.get(name)!.y > mixed.get('placed')!.y)).toBe(true);
});

test('no two seats stand at one place, whatever rows, columns and rooms say', () => {
  const seats = Array.from({ length: 300 }, (_, i) =>
    seat(`s${i}`, {
      site: i % 3 === 0 ? 'b' : 'a',
      ...(i % 5 === 0 ? {} : { room: `floor ${i % 4}` }),
      ...(i % 7 === 0 ? {} : { row: i % 6, column: i % 11 }),
    }),
  );
  expect(clashes(seats)).toEqual([]);
});

test('sites and rooms hold their seats, and do not reach into each other', () => {
  const seats = Array.from({ length: 200 }, (_, i) =>
    seat(`s${i}`, { site: i % 2 ? 'b' : 'a', room: `r${i % 3}`, row: i % 9, column: Math.floor(i / 9) }),
  );
  const layout = layOut({ sites, seats }, 1.7);
  const [a, b] = layout.sites;
  expect(a!.x + a!.width <= b!.x || a!.y + a!.height <= b!.y).toBe(true);
  const outside = seats.filter(({ name, site, room }) => {
    const spot = layout.spots.get(name)!;
    const blocks = [
      layout.sites.find((one) => one.site === site)!,
      layout.rooms.find((one) => one.site === site && one.room === room)!,
    ];
    return blocks.some(
      ({ x, y, width, height }) =>
        spot.x < x - 0.01 ||
        spot.y < y - 0.01 ||
        spot.x + 1 > x + width + 0.01 ||
        spot.y + 1 > y + height + 0.01,
    );
  });
  expect(outside).toEqual([]);
  expect(layout.rooms.length).toBe(6);
});

test('ten thousand seats of six sites are about of the shape that is asked for', () => {
  const many = Array.from({ length: 6 }, (_, i) => ({ name: `s${i}`, title: '', timeZone: 'UTC' }));
  const seats = Array.from({ length: 10_000 }, (_, i) => seat(`x${i}`, { site: `s${i % 6}` }));
  for (const shape of [1, 1.7, 2.4]) {
    const { width, height, spots } = layOut({ sites: many, seats }, shape);
    expect(spots.size).toBe(10_000);
    expect(width / height).toBeGreaterThan(shape / 2);
    expect(width / height).toBeLessThan(shape * 2);
  }
});

test('no seats are an empty map', () => {
  expect(layOut({ sites, seats: [] }, 1.7)).toMatchObject({ sites: [], rooms: [], width: 0, height: 0 });
});
