import type { Condition } from './alert.ts';
import type { Evidence, SeatEvidence, TcEvidence } from './evidence.ts';
import type { Blind } from './planAlerts.ts';

/** So many silent seats at least, and one in so many of those where somebody works, and it is the line of the site. */
const FEWEST = 5;
const SHARE = 4;
/** So many at one site are one alert, whatever it is that they have in common. */
const MANY = 10;
/** A row has a switch: so many at least, and nearly all of it. */
const FEWEST_OF_ROW = 3;
const SHARE_OF_ROW = 0.75;
/** More than half of the sites (two at least) at once is none of them. */
const SITES_SHARE = 0.5;

/** Silent seats, by what they have in common: all sites, a site, a row; each thin client that is not well. Pure. */
export function seatConditions({ seats = [], tcs = [], titleOf }: Evidence): Condition[] {
  const sites = [...Map.groupBy(seats, ({ site }) => site)];
  const dark = sites.filter(([, own]) => isDark(own));
  const all = dark.length >= 2 && dark.length > sites.length * SITES_SHARE;
  return [
    ...(all ? [is('sites-all-dark', 'hub', [], { count: dark.length })] : []),
    ...sites.flatMap(([site, own]) => siteConditions(site, own, titleOf(site))),
    ...silentOf(seats).map((one) => {
      const within = [...(one.row === undefined ? [] : [rowPath(one.site, one.row)]), `site/${one.site}`];
      return is('seat-silent', `seat/${one.seat}`, within, {
        name: one.seat,
        site: one.site,
        text: one.user,
      });
    }),
    ...tcConditions(
      tcs.filter(({ troubles }) => troubles.length > 0),
      titleOf,
    ),
  ];
}

const is = (
  code: Condition['code'],
  about: string,
  within: readonly string[],
  fields: Condition['fields'],
): Condition => ({ code, about, within, fields });

function siteConditions(site: string, seats: readonly SeatEvidence[], title: string): Condition[] {
  const silent = silentOf(seats).length;
  const fields = { name: title, count: silent, most: seats.length };
  const about = `site/${site}`;
  return [
    ...(isDark(seats) ? [is('site-dark', about, [], fields)] : []),
    ...(silent >= MANY ? [is('seats-silent', about, [], fields)] : []),
    ...rowConditions(site, seats, title),
  ];
}

function tcConditions(tcs: readonly TcEvidence[], titleOf: Evidence['titleOf']): Condition[] {
  const sites = [...Map.groupBy(tcs, ({ site }) => site)].filter(([, own]) => own.length >= MANY);
  return [
    ...sites.map(([site, own]) => {
      const fields = { name: titleOf(site), count: own.length, text: own[0]!.troubles.join('; ') };
      return is('tcs-trouble', `site/${site}`, [], fields);
    }),
    ...tcs.map(({ fingerprint, seat, site, troubles }) =>
      is('tc-trouble', `tc/${fingerprint}`, [`seat/${seat}`, `site/${site}`], {
        name: seat,
        site,
        text: troubles.join('; '),
      }),
    ),
  ];
}

function rowConditions(site: string, seats: readonly SeatEvidence[], title: string): Condition[] {
  const rows = Map.groupBy(seats, ({ row }) => row);
  return [...rows].flatMap(([row, own]) => {
    const silent = silentOf(own).length;
    if (row === undefined || silent < FEWEST_OF_ROW || silent < own.length * SHARE_OF_ROW) return [];
    const fields = { name: row, site: title, count: silent, most: own.length };
    return [{ code: 'row-dark', about: rowPath(site, row), within: [`site/${site}`], fields }];
  });
}

const rowPath = (site: string, row: string): string => `row/${site}/${row}`;

const silentOf = (seats: readonly SeatEvidence[]): SeatEvidence[] => seats.filter(({ silent }) => silent);

function isDark(seats: readonly SeatEvidence[]): boolean {
  const silent = silentOf(seats).length;
  return silent >= FEWEST && silent * SHARE >= seats.length;
}

/** While they may be coming back still. */
export const blindToSeats = ({ seats, tcs }: Evidence): Blind[] => [
  ...(seats
    ? []
    : [{ codes: ['sites-all-dark', 'site-dark', 'seats-silent', 'row-dark', 'seat-silent'] as const }]),
  ...(tcs ? [] : [{ codes: ['tcs-trouble', 'tc-trouble'] as const }]),
];
