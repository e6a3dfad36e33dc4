import type { PoolSpec } from '@anyseat/protocol';
import type { Desktop } from './desktop.ts';

/** How a server in the cloud says whose it is (rule 4). Tags have 60 characters at most, without slash and comma. */
export const installationTag = (installation: string): string => `anyseat-${installation}`;
export const desktopTag = (desktop: string): string => `anyseat-${desktop}`;

export const metadataKeys = {
  installation: 'anyseat.installation',
  desktop: 'anyseat.desktop',
  pool: 'anyseat.pool',
  revision: 'anyseat.revision',
  /** Which rebuild of its desktop made the server what it is. */
  rebuild: 'anyseat.rebuild',
} as const;

/** The server's name: fresh for every attempt, so that a late one of an earlier attempt is never mistaken for it. */
export function serverNameOf(desktop: Pick<Desktop, 'pool' | 'number' | 'attempt'>): string {
  const attempt = desktop.attempt + 1;
  return `${desktop.pool}-${desktop.number}${attempt > 1 ? `-${attempt}` : ''}`;
}

/** The name in the guest: `{n}` is the desktop's number, six digits so that a Windows name (15) has room for a word. */
export const hostNameOf = (spec: PoolSpec, desktop: Pick<Desktop, 'number'>): string =>
  spec.hostName.replace('{n}', String(desktop.number).padStart(6, '0'));

/** What a server must carry to be adopted back into a store that lost its row; undefined when it is not whole. */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
): { installation: string; desktop: string; pool: string; revision: number } | undefined {
  const installation = metadata[metadataKeys.installation];
  const desktop = metadata[metadataKeys.desktop];
  const pool = metadata[metadataKeys.pool];
  const revision = Number(metadata[metadataKeys.revision]);
  if (!installation || !desktop || !pool || !Number.isInteger(revision)) return undefined;
  return { installation, desktop, pool, revision };
}
