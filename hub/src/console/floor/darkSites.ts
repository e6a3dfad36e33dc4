import type { FloorSeat, SeatState } from '@anyseat/protocol';

/** Sites where so many seats with somebody at them say nothing that it is the line, not the seats. */
export type DarkSites = ReadonlyMap<string, { silent: number; people: number }>;

const people: ReadonlySet<SeatState> = new Set(['silent', 'working', 'idle', 'opening']);
const FEWEST = 5;
/** One in so many. */
const SHARE = 4;

export function darkSites(seats: readonly FloorSeat[]): DarkSites {
  const sites = new Map<string, { silent: number; people: number }>();
  for (const { site, state } of seats) {
    if (!people.has(state)) continue;
    const own = sites.get(site) ?? { silent: 0, people: 0 };
    own.people += 1;
    if (state === 'silent') own.silent += 1;
    sites.set(site, own);
  }
  return new Map([...sites].filter(([, { silent, people }]) => silent >= FEWEST && silent * SHARE >= people));
}
