import type { Match } from '@anyseat/protocol';
import { dnText, plainName } from './distinguishedName.ts';

/** A group that an allocator names, with the place at which it does. */
export interface NamedGroup {
  group: string;
  path: string[];
}

/** Every group that a match names, however deep. */
export function namedGroups(match: Match | undefined, path: string[] = ['match']): NamedGroup[] {
  if (!match) return [];
  const own = (match.groups ?? []).map((group, i) => ({ group, path: [...path, 'groups', String(i)] }));
  const inner = (['all', 'any'] as const).flatMap((kind) =>
    (match[kind] ?? []).flatMap((part, i) => namedGroups(part, [...path, kind, String(i)])),
  );
  return [...own, ...inner, ...namedGroups(match.not, [...path, 'not'])];
}

/** A group wanted by its full name must be that very group; wanted by a plain name, any group called so. */
export const groupKey = (wanted: string): string =>
  wanted.includes('=') ? dnText(wanted) : wanted.toLowerCase();

/** What a group is wanted by: its full name and its plain one, comparable with `groupKey`. */
export const groupKeys = (group: string): string[] => [dnText(group), plainName(group)];

/** Which of these groups, as allocators name them, none of those is. */
export function unknownOf(wanted: readonly string[], groups: Iterable<string>): string[] {
  const known = new Set([...groups].flatMap(groupKeys));
  return wanted.filter((group) => !known.has(groupKey(group)));
}
