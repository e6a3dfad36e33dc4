import type { Match } from '@anyseat/protocol';

/** Whom an allocator is for, in one line: `groups sales | support; seat.row 1; not (users guest)`. */
export function matchText(match: unknown): string | undefined {
  return match === undefined ? undefined : textOf(match as Match);
}

function textOf(match: Match): string {
  const { groups, ou, users, sites, hours, person, seat, tc, site, all, any, not } = match;
  return [
    ...lists({ groups, ou, users, sites, hours }),
    ...tags({ person, seat, tc, site }),
    ...(all ? [`all (${all.map(textOf).join(') and (')})`] : []),
    ...(any ? [`any (${any.map(textOf).join(') or (')})`] : []),
    ...(not ? [`not (${textOf(not)})`] : []),
  ].join('; ');
}

const lists = (clauses: Readonly<Record<string, string[] | undefined>>): string[] =>
  Object.entries(clauses).flatMap(([name, wanted]) => (wanted ? [`${name} ${wanted.join(' | ')}`] : []));

const tags = (clauses: Readonly<Record<string, Match['seat']>>): string[] =>
  Object.entries(clauses).flatMap(([of, wanted]) =>
    Object.entries(wanted ?? {}).map(([tag, value]) => `${of}.${tag} ${[value].flat().join(' | ')}`),
  );
