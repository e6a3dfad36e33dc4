import { expect, test } from 'vitest';
import { resourceFile } from '@anyseat/protocol';
import { emptyCatalogue, type Catalogue } from './catalogue.ts';
import { deadClauses } from './deadClauses.ts';

const resource = <S>([name, spec]: [string, S]) =>
  [name, { name, spec, revision: 1, author: '', changedAt: 0 }] as const;

function catalogueOf(match: unknown): Catalogue {
  const { sites, seats, allocators } = resourceFile.parse({
    sites: { nt: { title: 'N', timeZone: 'UTC', tags: { city: '南通' } } },
    seats: {
      a: { site: 'nt', label: 'a', tags: { row: '1', Headset: 'Yes' } },
      b: { site: 'nt', label: 'b', tags: { row: '2' } },
    },
    allocators: { one: { title: 'O', match, pools: ['p'] }, other: { title: 'P', match, pools: ['p'] } },
  });
  return {
    ...emptyCatalogue,
    sites: new Map(Object.entries(sites).map(resource)),
    seats: new Map(Object.entries(seats).map(resource)),
    allocators: new Map(Object.entries(allocators).map(resource)),
  };
}

test.each<[string, unknown, string[]]>([
  ['what somebody meets', { seat: { row: ['9', '2'], Headset: 'yes' }, site: { city: '南通' } }, []],
  [
    'a slip in a tag, however deep',
    { any: [{ not: { seat: { rwo: '1' } } }, { site: { city: '南通' } }] },
    ['match.any.0.not.seat.rwo: no seat has a tag “rwo”; did you mean “row”? There are: row, Headset'],
  ],
  [
    'a value that nothing has',
    { seat: { row: ['7', '8'] }, site: { city: '上海' } },
    [
      'match.seat.row: no seat has row=7 or row=8. It has: 1, 2',
      'match.site.city: no site has city=上海. It has: 南通',
    ],
  ],
])('%s', (_what, match, texts) => {
  const dead = deadClauses(catalogueOf(match), new Set(['one']));
  expect(dead.map(({ name, path, text }) => `${name} ${path.join('.')}: ${text}`)).toEqual(
    texts.map((text) => `one ${text}`),
  );
});
