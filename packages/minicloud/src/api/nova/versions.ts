import type { Face } from '../../options.ts';
import { Refusal } from '../../model/refusal.ts';
import type { NovaDeps } from './nova.ts';

/** Nova's highest microversion, 2.x, by release. */
export const MAX_MINOR: Record<Face, number> = { zed: 93, '2025.1': 100 };

/** The microversion that a request names, 2.1 when it names none. @throws Refusal 400 when it makes no sense. */
export function askedVersion(
  headers: Readonly<Record<string, string | undefined>>,
  face: Face,
): { text: string; minor: number } {
  const named = modern(headers['openstack-api-version']) ?? headers['x-openstack-nova-api-version'] ?? '2.1';
  const text = named === 'latest' ? `2.${MAX_MINOR[face]}` : named;
  const parts = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (!parts) {
    throw new Refusal(
      400,
      `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  return { text, minor: parts[1] === '2' ? Number(parts[2]) : 0 };
}

/** `compute 2.90`, perhaps among versions for other services. */
function modern(header: string | undefined): string | undefined {
  for (const one of header?.split(',') ?? []) {
    const [service, version] = one.trim().split(/\s+/);
    if (service === 'compute' && version !== undefined) return version;
  }
  return undefined;
}

export const versionHeaders = (version: string): Record<string, string> => ({
  'Openstack-Api-Version': `compute ${version}`,
  'X-Openstack-Nova-Api-Version': version,
  Vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
});

function current(deps: NovaDeps) {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${MAX_MINOR[deps.face]}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
  };
}

export const versionList = (deps: NovaDeps): object[] => [
  {
    id: 'v2.0',
    status: 'SUPPORTED',
    version: '',
    min_version: '',
    updated: '2011-01-21T11:33:21Z',
    links: [{ rel: 'self', href: `${deps.base()}/v2/` }],
  },
  { ...current(deps), links: [{ rel: 'self', href: `${deps.base()}/v2.1/` }] },
];

export const versionDocument = (deps: NovaDeps): object => ({
  ...current(deps),
  links: [
    { rel: 'self', href: `${deps.base()}/v2.1/` },
    { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
  ],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
});
