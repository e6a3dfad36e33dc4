/** What is known of a site, for whether its people are there. */
export interface SiteSight {
  site: string;
  /** By the rosters, and those of them who are missed. */
  expected: number;
  missing: number;
  loggedIn: number;
  /** Logged in at this hour of the same weekday, as a rule; undefined where there is no past. */
  usual: number | undefined;
  /** Thin clients that are enrolled there, and those of them that are connected. */
  tcs: number;
  online: number;
}

/** A site with fewer people than it should have. */
export interface Behind {
  site: string;
  /** Of a roster; without one, as many as are there as a rule. */
  by: 'roster' | 'past';
  expected: number;
  missing: number;
  /** What it looks like: thin clients that are not connected, or a directory that does not answer. */
  cause: 'network' | 'directory' | 'unknown';
  tcs: number;
  offline: number;
}

/** Fewer than this are people who are ill. */
const LEAST = 5;
/** And so is less than a fifth of those who should be there. */
const SHARE = 0.2;
/** Of a site whose line is down most thin clients are not connected; of one at night some are switched off. */
const OFFLINE_SHARE = 0.5;

/** The sites that fall behind; `all` when more than one is counted and none of them is as it should be. */
export function sitesBehind(
  sights: readonly SiteSight[],
  directoryIsWell: boolean,
): { sites: Behind[]; all: boolean } {
  const counted = sights.flatMap((sight) => {
    const of = shortOf(sight);
    return of ? [{ sight, ...of }] : [];
  });
  const sites = counted
    .filter(({ expected, missing }) => missing >= LEAST && missing >= expected * SHARE)
    .map(({ sight: { site, tcs, online }, by, expected, missing }): Behind => {
      const offline = tcs - online;
      const cause =
        tcs > 0 && offline >= tcs * OFFLINE_SHARE ? 'network' : directoryIsWell ? 'unknown' : 'directory';
      return { site, by, expected, missing, cause, tcs, offline };
    })
    .sort((a, b) => b.missing - a.missing);
  return { sites, all: sites.length > 1 && sites.length === counted.length };
}

function shortOf(sight: SiteSight): Pick<Behind, 'by' | 'expected' | 'missing'> | undefined {
  const { expected, missing, loggedIn, usual } = sight;
  if (expected > 0) return expected < LEAST ? undefined : { by: 'roster', expected, missing };
  if (usual === undefined || usual < LEAST) return undefined;
  return { by: 'past', expected: usual, missing: Math.max(0, usual - loggedIn) };
}

/** The middle one; of two in the middle the lower. */
export function median(values: readonly number[]): number | undefined {
  const inOrder = [...values].sort((a, b) => a - b);
  return inOrder[Math.floor((inOrder.length - 1) / 2)];
}
