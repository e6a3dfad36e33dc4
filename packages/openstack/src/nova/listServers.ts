import { z } from 'zod';
import { allPages } from '../pages.ts';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';
import { idOf, serverRecord, type ServerRecord } from './serverRecord.ts';

/**
 * Down cells are told of from 2.69 on. Above 2.90 every page costs Nova one more query (2.96, scheduler hints and pinned zones)
 * for nothing we want.
 */
export const SERVERS = { want: '2.90', least: '2.69', because: 'know a server whose cell is down' } as const;

/** Longer than Nova waits for a cell (60 s, nova/context.py CELL_TIMEOUT). */
export const LISTING_MS = 90_000;

export interface ServerQuery {
  /** All of them must be on a server. */
  readonly tags: readonly string[];
  /** Another project's servers, for admin credentials that live elsewhere. */
  readonly projectId?: string | undefined;
  /** Nova clamps what is above its own `max_limit` (1000). Neutron is asked for the ports of each page in chunks of 150. */
  readonly pageSize?: number | undefined;
}

export interface ServerList {
  readonly servers: readonly ServerRecord[];
  /**
   * Why a server may be missing, in words. Empty means only that every page was seen: with any filter, limit or marker Nova
   * leaves the servers of a cell that is down out without a word. `lookForDownCells` is the other half.
   */
  readonly doubts: readonly string[];
}

const listing = z.object({ servers: z.array(z.unknown()), servers_links: z.array(z.unknown()).nullish() });

/** Servers in detail, those that are not scheduled yet among them (their requests are matched by tag as well). */
export async function listServers(
  compute: Service,
  query: ServerQuery,
  signal?: AbortSignal,
): Promise<ServerList> {
  const what = 'list the servers';
  const pages = await allPages<unknown>({
    end: 'emptyPage',
    idOf,
    isUnsureMarker,
    page: async (marker) => {
      const answer = await compute.call(
        {
          method: 'GET',
          path: '/servers/detail',
          query: parameters(query, marker),
          what,
          version: SERVERS,
          deadlineMs: LISTING_MS,
        },
        signal,
      );
      const page = parsed(listing, answer.body, compute.type, what);
      return { items: page.servers, next: (page.servers_links ?? []).length > 0 };
    },
  });
  const records = pages.items.map(serverRecord);
  const servers = records.filter((record) => record !== undefined);
  const malformed = records.length - servers.length;
  return {
    servers,
    doubts: malformed === 0 ? pages.doubts : [...pages.doubts, `${malformed} records make no sense`],
  };
}

function parameters(query: ServerQuery, marker: string | undefined): URLSearchParams {
  const parameters = new URLSearchParams({ limit: String(query.pageSize ?? 500) });
  if (query.tags.length > 0) parameters.set('tags', query.tags.join(','));
  if (query.projectId !== undefined) {
    parameters.set('all_tenants', '1');
    parameters.set('project_id', query.projectId);
  }
  if (marker !== undefined) parameters.set('marker', marker);
  return parameters;
}

/**
 * Requests that are not scheduled stand before all servers of cells. When the one that a page ended at is scheduled before the
 * next page is asked for, Nova looks for it in the cells and passes over the requests that were still to come
 * (compute/api.py `get_all`: MarkerNotFound of the build requests is taken to mean "further on").
 */
function isUnsureMarker(last: unknown): boolean {
  const record = serverRecord(last);
  return record?.status === 'BUILD' && record.hostId === undefined;
}
