import { z } from 'zod';
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

const MICROVERSION = /^(\d+)\.(\d+)$/;

export function microversion(text: string): Microversion {
  const found = MICROVERSION.exec(text);
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
 * counts. Undefined for an API without microversions, which gives empty strings or nothing; `unreadable` for what is no such
 * document: it must not be kept as what a service offers.
 */
export function offeredIn(document: unknown): Offered | undefined | 'unreadable' {
  const read = versionDocument.safeParse(document);
  if (!read.success) return 'unreadable';
  const found = 'version' in read.data ? [read.data.version] : read.data.versions;
  const one = found.find((v) => v.status === 'CURRENT' && newest(v)) ?? found.find(newest) ?? found[0]!;
  const [min, max] = [one.min_version ?? '', newest(one)];
  if (min === '' && max === '') return undefined;
  return MICROVERSION.test(min) && MICROVERSION.test(max)
    ? { min: microversion(min), max: microversion(max) }
    : 'unreadable';
}

const oneVersion = z.object({
  id: z.string(),
  status: z.string(),
  version: z.string().optional(),
  /** Placement's word for it. */
  max_version: z.string().optional(),
  min_version: z.string().optional(),
});
const newest = (one: z.output<typeof oneVersion>): string => one.version ?? one.max_version ?? '';
const versionDocument = z.union([
  z.object({ version: oneVersion }),
  z.object({ versions: z.array(oneVersion).min(1) }),
]);
