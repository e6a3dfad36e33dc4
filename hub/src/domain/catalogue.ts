import type { AllocatorSpec, PoolSpec, ResourceKind, SeatSpec, SiteSpec, SpecOf } from '@anyseat/protocol';

/** A resource as it stands: its specification, and the revision that this is. */
export interface Resource<Spec> {
  name: string;
  revision: number;
  spec: Spec;
  author: string;
  /** Epoch ms. */
  changedAt: number;
}

/** All resources at one moment. Immutable; a change makes a new one. */
export interface Catalogue {
  sites: ReadonlyMap<string, Resource<SiteSpec>>;
  seats: ReadonlyMap<string, Resource<SeatSpec>>;
  pools: ReadonlyMap<string, Resource<PoolSpec>>;
  allocators: ReadonlyMap<string, Resource<AllocatorSpec>>;
}

export const emptyCatalogue: Catalogue = {
  sites: new Map(),
  seats: new Map(),
  pools: new Map(),
  allocators: new Map(),
};

/** What one resource becomes; `spec` undefined deletes it. */
export type ResourceChange = {
  [K in ResourceKind]: {
    kind: K;
    name: string;
    /** The revision that the change was made against; 0 for a new one. Somebody else's change in between is a conflict. */
    was: number;
    spec: SpecOf[K] | undefined;
  };
}[ResourceKind];

/** What is wrong with these resources taken together: names that lead nowhere. Empty when all is well. */
export function crossCheck(
  catalogue: Catalogue,
): { kind: ResourceKind; name: string; path: string[]; text: string }[] {
  const problems: { kind: ResourceKind; name: string; path: string[]; text: string }[] = [];
  for (const seat of catalogue.seats.values()) {
    if (!catalogue.sites.has(seat.spec.site)) {
      problems.push({
        kind: 'seats',
        name: seat.name,
        path: ['site'],
        text: `there is no site “${seat.spec.site}”`,
      });
    }
  }
  for (const { name, spec } of catalogue.allocators.values()) {
    for (const [i, poolName] of spec.pools.entries()) {
      const pool = catalogue.pools.get(poolName);
      if (!pool) {
        problems.push({
          kind: 'allocators',
          name,
          path: ['pools', String(i)],
          text: `there is no pool “${poolName}”`,
        });
      } else if (pool.spec.afterUse === 'keep' && spec.binding === 'none') {
        problems.push({
          kind: 'allocators',
          name,
          path: ['pools', String(i)],
          text: `pool “${poolName}” keeps its desktops after use, so it can serve only allocators with a binding: a used desktop is never another person's`,
        });
      }
    }
    for (const site of spec.match?.sites ?? []) {
      if (!catalogue.sites.has(site)) {
        problems.push({
          kind: 'allocators',
          name,
          path: ['match', 'sites'],
          text: `there is no site “${site}”`,
        });
      }
    }
  }
  const defaults = [...catalogue.allocators.values()].filter((a) => a.spec.default);
  for (const extra of defaults.slice(1)) {
    problems.push({
      kind: 'allocators',
      name: extra.name,
      path: ['default'],
      text: `“${defaults[0]!.name}” is the default already; there can be one`,
    });
  }
  return problems;
}
