import type { ResourceKind } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';

/** What is edited here, with its name, and with what a new one begins. Rosters have a page of their own. */
export const kinds = {
  allocators: {
    key: 'kindAllocators',
    begin: (name: string) =>
      `allocators:\n  ${name}:\n    title: ""\n    priority: 100\n    match:\n      groups: []\n    pools: []\n`,
  },
  pools: {
    key: 'kindPools',
    begin: (name: string) =>
      `pools:\n  ${name}:\n    title: ""\n    image: ""\n    flavor: ""\n    floor: 1\n    ceiling: 10\n`,
  },
  sites: {
    key: 'kindSites',
    begin: (name: string) => `sites:\n  ${name}:\n    title: ""\n    timeZone: Asia/Shanghai\n`,
  },
  seats: { key: 'kindSeats', begin: (name: string) => `seats:\n  ${name}:\n    site: ""\n    label: ""\n` },
} as const satisfies Partial<Record<ResourceKind, { key: ConsoleKey; begin: (name: string) => string }>>;

export type RuleKind = keyof typeof kinds;
export const ruleKinds = Object.keys(kinds) as RuleKind[];

/** `allocators/night`, or `allocators` alone. */
export function ruleIn(what: string): { kind: RuleKind; name: string | undefined } {
  const [kind = '', ...name] = what.split('/');
  const known = Object.hasOwn(kinds, kind) ? (kind as RuleKind) : 'allocators';
  return { kind: known, name: name.join('/') || undefined };
}
