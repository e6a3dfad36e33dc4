import { z } from 'zod';
import type { CloudCredentials } from '../credentials/credentials.ts';
import { cloudFault } from '../faults.ts';

/** The services this client can find. */
export type ServiceType = 'compute' | 'network' | 'image' | 'placement' | 'identity' | 'block-storage';

export const catalogSchema = z.array(
  z.object({
    type: z.string(),
    endpoints: z
      .array(
        z.object({
          interface: z.string(),
          url: z.string(),
          region: z.string().nullish(),
          region_id: z.string().nullish(),
        }),
      )
      .default([]),
  }),
);

export type Catalog = z.output<typeof catalogSchema>;

/** Names under which a catalog may have a service (service-types-authority: the official one first). */
const ALIASES: Readonly<Record<ServiceType, readonly string[]>> = {
  compute: ['compute', 'computev21'],
  network: ['network'],
  image: ['image'],
  placement: ['placement'],
  identity: ['identity', 'identityv3'],
  'block-storage': ['block-storage', 'block-store', 'volumev3', 'volume'],
};

/**
 * A service's address: an override, else the catalog's entry by type (or alias), interface (the first of those wanted that
 * is there) and region. Pure.
 *
 * @throws Fault `cloud-settings` in words: no such service, no such region, or several regions and none chosen.
 */
export function endpointOf(
  type: ServiceType,
  catalog: Catalog,
  wanted: Pick<CloudCredentials, 'region' | 'interfaces' | 'endpoints'>,
): URL {
  const override = ALIASES[type].map((alias) => wanted.endpoints[alias]).find((url) => url !== undefined);
  if (override !== undefined) return toUrl(override, type);
  const services = ALIASES[type].flatMap((alias) => catalog.filter((service) => service.type === alias));
  if (services.length === 0) {
    throw settings(
      `the catalog has no ${type} service; it has ${list(catalog.map((service) => service.type))}`,
    );
  }
  // The first alias that has an address of this kind; a second entry of the same service is an older version's.
  for (const name of wanted.interfaces) {
    for (const service of services) {
      const found = service.endpoints.filter((endpoint) => endpoint.interface === name);
      if (found.length > 0) return inRegion(type, found, wanted.region);
    }
  }
  throw settings(`the catalog has no ${wanted.interfaces.join(' or ')} address of the ${type} service`);
}

type Endpoint = Catalog[number]['endpoints'][number];

function inRegion(type: ServiceType, endpoints: readonly Endpoint[], region: string | undefined): URL {
  const regions = [...new Set(endpoints.map(regionOf))];
  if (region === undefined) {
    if (regions.length > 1)
      throw settings(
        `the ${type} service is in several regions (${list(regions)}): set region_name in clouds.yaml`,
      );
    return toUrl(endpoints[0]!.url, type);
  }
  const found = endpoints.find((endpoint) => regionOf(endpoint) === region);
  if (!found)
    throw settings(
      `the ${type} service is not in region ${region}; it is in ${list(regions)} (names are case sensitive)`,
    );
  return toUrl(found.url, type);
}

const regionOf = (endpoint: Endpoint): string => endpoint.region_id ?? endpoint.region ?? '';

const list = (names: readonly string[]): string => names.join(', ') || 'none';

const settings = (text: string) => cloudFault('cloud-settings', text);

/** Without a query and without a slash at the end, so that paths can be put behind it. */
function toUrl(text: string, type: ServiceType): URL {
  if (!URL.canParse(text)) throw settings(`the address of the ${type} service is not one: ${text}`);
  const url = new URL(text);
  url.search = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
