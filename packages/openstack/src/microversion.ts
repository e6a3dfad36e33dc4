import { cloudFault } from './faults.ts';

/** `2.90` as numbers. Compared as numbers: 2.9 is older than 2.10. */
export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

/** What a call asks for: the version its shapes were written for, and the oldest that still does the work. */
export interface VersionWish {
  readonly want: string;
  /** Absent: any. */
  readonly least?: string;
  /** What cannot be done below `least`, in words. */
  readonly because?: string;
}

/** What an endpoint offers; undefined where it has no microversions at all. */
export interface Offered {
  readonly min: Microversion;
  readonly max: Microversion;
}

export function microversion(text: string): Microversion {
  const found = /^(\d+)\.(\d+)$/.exec(text);
  if (!found) throw new Error(`not a microversion: ${text}`);
  return { major: Number(found[1]), minor: Number(found[2]) };
}

export const compareVersions = (a: Microversion, b: Microversion): number =>
  a.major - b.major || a.minor - b.minor;

export const versionText = (v: Microversion): string => `${v.major}.${v.minor}`;

/**
 * The version to ask for: the one wanted, or the nearest that is offered. Never `latest`: its meaning changes under our feet
 * (api-sig, microversion specification).
 *
 * @throws Fault `cloud-settings` when what is offered ends below the least that will do.
 */
export function chooseVersion(
  wish: VersionWish,
  offered: Offered | undefined,
  service: string,
): string | undefined {
  const least = wish.least === undefined ? undefined : microversion(wish.least);
  if (!offered) {
    if (!least) return undefined;
    throw tooOld(wish, service, 'none at all');
  }
  if (least && compareVersions(offered.max, least) < 0)
    throw tooOld(wish, service, `${versionText(offered.max)} at most`);
  const want = microversion(wish.want);
  if (compareVersions(want, offered.max) > 0) return versionText(offered.max);
  if (compareVersions(want, offered.min) < 0) return versionText(offered.min);
  return wish.want;
}

const tooOld = (wish: VersionWish, service: string, offer: string) =>
  cloudFault(
    'cloud-settings',
    `this cloud is too old: its ${service} service offers microversion ${offer}, and ${wish.least} is needed` +
      (wish.because === undefined ? '' : ` to ${wish.because}`),
    { fields: { service, offered: offer, needed: wish.least } },
  );

/**
 * The range in a version document: `{"version": {…}}` of `/v2.1/`, or `{"versions": [{…}]}` of `/`, where the CURRENT one
 * counts. Undefined for a document without a range (an API without microversions gives empty strings).
 */
export function offeredIn(document: unknown): Offered | undefined {
  const { version, versions } = (document ?? {}) as { version?: unknown; versions?: unknown };
  const candidates = [version, ...(Array.isArray(versions) ? (versions as unknown[]) : [])].filter(
    (one): one is Record<string, unknown> => typeof one === 'object' && one !== null,
  );
  const found =
    candidates.find((one) => one['status'] === 'CURRENT' && one['version']) ??
    candidates.find((one) => one['version']);
  try {
    return found === undefined
      ? undefined
      : { min: microversion(String(found['min_version'])), max: microversion(String(found['version'])) };
  } catch {
    return undefined;
  }
}
