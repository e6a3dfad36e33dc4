import { expect, test } from 'vitest';
import type { FloorSeat, SeatState } from '@anyseat/protocol';
import { darkSites } from './darkSites.ts';

const seats = (site: string, counts: Partial<Record<SeatState, number>>): FloorSeat[] =>
  Object.entries(counts).flatMap(([state, count]) =>
    Array.from({ length: count }, (_, i) => ({
      name: `${site}-${state}-${i}`,
      site,
      label: '',
      state: state as SeatState,
    })),
  );

test.each<[string, Partial<Record<SeatState, number>>, boolean]>([
  ['a quarter of those at work', { silent: 25, working: 75 }, true],
  ['fewer than a quarter', { silent: 24, working: 76 }, false],
  ['all of a small site', { silent: 5 }, true],
  ['four boxes that somebody switched off', { silent: 4 }, false],
  ['seats where nobody works do not count', { silent: 6, working: 12, free: 500, off: 500 }, true],
  ['nobody', { free: 10 }, false],
])('a site is dark: %s', (_, counts, isDark) => {
  expect([...darkSites([...seats('here', counts), ...seats('there', { working: 50 })]).keys()]).toEqual(
    isDark ? ['here'] : [],
  );
});
