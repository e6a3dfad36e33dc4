import type {
  AllocatorSpec,
  PoolSpec,
  ResourceKind,
  RosterSpec,
  SeatSpec,
  SiteSpec,
  SpecOf,
} from '@anyseat/protocol';

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
  /** Number of the last change; 0 before the first. */
  change: number;
  sites: ReadonlyMap<string, Resource<SiteSpec>>;
  seats: ReadonlyMap<string, Resource<SeatSpec>>;
  pools: ReadonlyMap<string, Resource<PoolSpec>>;
  allocators: ReadonlyMap<string, Resource<AllocatorSpec>>;
  rosters: ReadonlyMap<string, Resource<RosterSpec>>;
}

export const emptyCatalogue: Catalogue = {
  change: 0,
  sites: new Map(),
  seats: new Map(),
  pools: new Map(),
  allocators: new Map(),
  rosters: new Map(),
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
