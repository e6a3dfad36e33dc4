import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';
import { LISTING_MS, SERVERS } from './listServers.ts';

/**
 * Whether a cell is down. `unknowable`: this way of looking cannot tell here.
 *
 * Why it must be asked: `[api]list_records_by_skipping_down_cells` is on by default, so a listing with any filter, limit,
 * marker or sort order leaves the servers of a cell that does not answer out, with status 200 and no sign.
 */
export type CellsLook = 'allUp' | 'someDown' | 'unknowable';

const brief = z.object({
  servers: z.array(z.object({ status: z.string().nullish() })),
  servers_links: z.array(z.unknown()).nullish(),
});

/**
 * By the one listing that tells: `GET /servers` with no filter and no paging at ≥ 2.69 has a record with the status UNKNOWN for
 * every server of this project in a cell that is down (servers.py `_is_cell_down_supported`). It ends at `max_limit` records
 * (1000), and the live ones are counted first: when they fill it there is no room for UNKNOWN (compute/api.py `get_all`),
 * and then it says nothing. The brief listing asks the database only, no Neutron.
 */
export async function lookByServers(compute: Service, signal?: AbortSignal): Promise<CellsLook> {
  const what = 'see whether a cell is down';
  const answer = await compute.call(
    { method: 'GET', path: '/servers', what, version: SERVERS, deadlineMs: LISTING_MS },
    signal,
  );
  const page = parsed(brief, answer.body, compute.type, what);
  if (page.servers.some((server) => server.status === 'UNKNOWN')) return 'someDown';
  return (page.servers_links ?? []).length > 0 ? 'unknowable' : 'allUp';
}

const services = z.object({ services: z.array(z.object({ status: z.string() })) });

/**
 * By the compute services, for projects of more than a thousand servers: at ≥ 2.69 those in a cell that is down are listed
 * with the status UNKNOWN, from the host mappings of the API's own database, and this list has no pages. Wants the admin role.
 * Cell 0 has no hosts: servers that no host was found for (ERROR) may be missing for all that this says.
 */
export async function lookByServices(compute: Service, signal?: AbortSignal): Promise<CellsLook> {
  const what = 'see whether a cell is down';
  const answer = await compute.call(
    { method: 'GET', path: '/os-services', what, version: SERVERS, deadlineMs: LISTING_MS },
    signal,
  );
  const list = parsed(services, answer.body, compute.type, what);
  if (list.services.length === 0) return 'unknowable';
  return list.services.some((service) => service.status === 'UNKNOWN') ? 'someDown' : 'allUp';
}
