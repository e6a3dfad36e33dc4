import { meant } from '@anyseat/base';
import type { Match } from '@anyseat/protocol';
import type { Catalogue } from './catalogue.ts';

/** A clause that nobody can meet as things stand: no error, for the seat may come, but most likely a slip. */
export interface DeadClause {
  /** Of the allocator. */
  name: string;
  path: string[];
  text: string;
}

/** Tags that allocators want and no seat or site has, or none with these values. */
export function deadClauses(catalogue: Catalogue, allocators: ReadonlySet<string>): DeadClause[] {
  const has = {
    seat: valuesByTag([...catalogue.seats.values()].map(({ spec }) => spec.tags)),
    site: valuesByTag([...catalogue.sites.values()].map(({ spec }) => spec.tags)),
  };
  return [...catalogue.allocators.values()]
    .filter(({ name }) => allocators.has(name))
    .flatMap(({ name, spec }) =>
      inMatch(spec.match, ['match'], has).map((found): DeadClause => ({ name, ...found })),
    );
}

type Values = ReadonlyMap<string, ReadonlySet<string>>;
type Has = Readonly<Record<'seat' | 'site', Values>>;

function valuesByTag(all: readonly Readonly<Record<string, string>>[]): Values {
  const values = new Map<string, Set<string>>();
  for (const tags of all) {
    for (const [tag, value] of Object.entries(tags))
      values.set(tag, (values.get(tag) ?? new Set()).add(value.toLowerCase()));
  }
  return values;
}

function inMatch(match: Match | undefined, path: string[], has: Has): Omit<DeadClause, 'name'>[] {
  if (!match) return [];
  const own = (['seat', 'site'] as const).flatMap((kind) =>
    Object.entries(match[kind] ?? {}).flatMap(([tag, wanted]) => {
      const text = whyDead(kind, tag, [wanted].flat(), has[kind]);
      return text === undefined ? [] : [{ path: [...path, kind, tag], text }];
    }),
  );
  const inner = (['all', 'any'] as const).flatMap((kind) =>
    (match[kind] ?? []).flatMap((part, i) => inMatch(part, [...path, kind, String(i)], has)),
  );
  return [...own, ...inner, ...inMatch(match.not, [...path, 'not'], has)];
}

function whyDead(kind: string, tag: string, wanted: readonly string[], has: Values): string | undefined {
  const values = has.get(tag);
  if (!values) return `no ${kind} has a tag “${tag}”${meant(tag, has.keys())}`;
  if (wanted.some((value) => values.has(value.toLowerCase()))) return undefined;
  return `no ${kind} has ${tag}=${wanted.join(` or ${tag}=`)}${meant(wanted[0]!, values, 'It has')}`;
}
