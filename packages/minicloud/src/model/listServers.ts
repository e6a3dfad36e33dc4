import type { Cloud } from './cloud.ts';
import { badRequest } from './refusal.ts';
import { isInCell, type Server } from './server.ts';

/** What a listing asks for, its query found to be well formed. Absent: any. */
export interface ListQuery {
  /** Absent: all projects (administrators only). */
  projectId?: string | undefined;
  name?: string | undefined;
  tags?: readonly string[] | undefined;
  tagsAny?: readonly string[] | undefined;
  notTags?: readonly string[] | undefined;
  notTagsAny?: readonly string[] | undefined;
  vmStates?: readonly string[] | undefined;
  taskStates?: readonly string[] | undefined;
  host?: string | undefined;
  node?: string | undefined;
  image?: string | undefined;
  flavor?: string | undefined;
  reservationId?: string | undefined;
  uuid?: string | undefined;
  userId?: string | undefined;
  zone?: string | undefined;
  hostName?: string | undefined;
  ip?: string | undefined;
  locked?: boolean | undefined;
  /** Epoch ms. Brings deleted ones along. */
  changesSince?: number | undefined;
  changesBefore?: number | undefined;
  /** true: deleted ones and no others. */
  deleted?: boolean | undefined;
  softDeleted?: boolean | undefined;
  sort?: readonly { key: string; ascending: boolean }[] | undefined;
  limit: number;
  marker?: string | undefined;
  /** Servers of a cell that is down: left out without a word, or told apart (as `unknown`). */
  downCells: 'skip' | 'tell';
}

export interface Listed {
  servers: Server[];
  /** Of cells that are down; only the least is known of them. */
  unknown: Server[];
}

/**
 * One page, in Nova's order: requests that are not scheduled yet, then the rows of all cells, newest first.
 *
 * @throws Refusal 400 when nobody knows the marker.
 */
export function listServers(cloud: Cloud, query: ListQuery): Listed {
  const down = cloud.faults.on('cells-down')?.cells ?? [];
  const partial = cloud.faults.take('listing-partial');
  const fits = matcher(cloud, query);
  const requests: Server[] = [];
  const rows: Server[] = [];
  const unknown: Server[] = [];
  for (const server of candidates(cloud, query)) {
    if (query.projectId !== undefined && server.projectId !== query.projectId) continue;
    if (down.includes(server.cell)) {
      if (query.downCells === 'tell' && server.vmState !== 'deleted') unknown.push(server);
      continue;
    }
    if (partial && shareOf(server.id) < partial.share) continue;
    if (fits(server)) (isInCell(server) ? rows : requests).push(server);
  }
  const order = comparison(query);
  requests.sort(order);
  rows.sort(order);
  return { servers: page(cloud, query, requests, rows, order), unknown };
}

function page(
  cloud: Cloud,
  { marker, limit }: ListQuery,
  requests: Server[],
  rows: Server[],
  order: (a: Server, b: Server) => number,
): Server[] {
  if (marker === undefined) return [...requests, ...rows].slice(0, limit);
  const at = requests.findIndex((server) => server.id === marker);
  if (at >= 0) return [...requests.slice(at + 1), ...rows].slice(0, limit);
  const marked = cloud.server(marker) ?? [...cloud.deleted()].find((server) => server.id === marker);
  if (!marked) throw badRequest(`marker [${marker}] not found`);
  return rows.filter((server) => order(server, marked) > 0).slice(0, limit);
}

function* candidates(cloud: Cloud, query: ListQuery): Generator<Server> {
  const wantsChanges = query.changesSince !== undefined || query.changesBefore !== undefined;
  // Read first: the last occasion of the switch takes the frozen picture away.
  const { frozen } = cloud;
  const seen = cloud.faults.take('listing-lags') && frozen ? frozen : cloud.servers();
  if (query.deleted !== true) yield* seen;
  else yield* [...cloud.servers()].filter((server) => server.vmState === 'soft-delete');
  if (query.deleted === true || wantsChanges) yield* cloud.deleted();
}

/** Whether a server is one of those asked for. */
function matcher(cloud: Cloud, q: ListQuery): (server: Server) => boolean {
  const name = q.name === undefined ? undefined : patterns(q.name);
  const ip = q.ip === undefined ? undefined : new RegExp(q.ip);
  const hidden = q.softDeleted !== true && q.deleted === undefined && q.changesSince === undefined;
  const is = <T>(wanted: T | undefined, has: T) => wanted === undefined || wanted === has;
  const among = (wanted: readonly string[] | undefined, has: string | null) =>
    wanted === undefined || (has !== null && wanted.includes(has));
  return (s) =>
    !(hidden && s.vmState === 'soft-delete' && q.vmStates === undefined) &&
    (name === undefined || (isInCell(s) ? name.inTable : name.inRequest).test(s.name)) &&
    hasTags(s, q) &&
    among(q.vmStates, s.vmState) &&
    among(q.taskStates, s.taskState) &&
    is(q.host, s.host ?? undefined) &&
    (q.node === undefined || (s.host !== null && new RegExp(q.node).test(s.host))) &&
    is(q.image, s.imageId) &&
    is(q.flavor, s.flavorId) &&
    is(q.reservationId, s.reservationId) &&
    is(q.uuid, s.id) &&
    is(q.userId, s.userId) &&
    is(q.zone, s.zone ?? cloud.hosts.get(s.host ?? '')?.zone) &&
    is(q.hostName, s.hostName) &&
    is(q.locked, s.lock !== null) &&
    (ip === undefined || cloud.ports.of(s.id).some((port) => ip.test(port.address))) &&
    // A request has not been changed yet, so that the filter does not look at it.
    (q.changesSince === undefined || !isInCell(s) || s.updatedAt >= q.changesSince) &&
    (q.changesBefore === undefined || !isInCell(s) || s.updatedAt <= q.changesBefore);
}

function hasTags(s: Server, q: ListQuery): boolean {
  if (q.tags && !q.tags.every((tag) => s.tags.includes(tag))) return false;
  if (q.tagsAny && !q.tagsAny.some((tag) => s.tags.includes(tag))) return false;
  if (q.notTags?.every((tag) => s.tags.includes(tag))) return false;
  return !q.notTagsAny?.some((tag) => s.tags.includes(tag));
}

/** The database compares without regard to case, Python (for requests) with. */
const patterns = (text: string) => ({ inTable: new RegExp(text, 'i'), inRequest: new RegExp(text) });

const SORT_VALUE: Record<string, (s: Server) => string | number> = {
  created_at: (s) => Math.floor(s.createdAt / 1000),
  updated_at: (s) => Math.floor(s.updatedAt / 1000),
  launched_at: (s) => Math.floor((s.launchedAt ?? 0) / 1000),
  display_name: (s) => s.name,
  hostname: (s) => s.hostName,
  host: (s) => s.host ?? '',
  node: (s) => s.host ?? '',
  vm_state: (s) => s.vmState,
  task_state: (s) => s.taskState ?? '',
  power_state: (s) => s.power,
  uuid: (s) => s.id,
  user_id: (s) => s.userId,
  project_id: (s) => s.projectId,
  availability_zone: (s) => s.zone ?? '',
  image_ref: (s) => s.imageId,
};

/** Times are kept to the second; among equals the id decides. */
function comparison(query: ListQuery): (a: Server, b: Server) => number {
  const keys = query.sort ?? [{ key: 'created_at', ascending: false }];
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) => {
    for (const { key, ascending } of keys) {
      const value = SORT_VALUE[key];
      const order = value ? compare(value(a), value(b)) : 0;
      if (order !== 0) return ascending ? order : -order;
    }
    return compare(a.id, b.id);
  };
}

/** The same server falls on the same side every time. */
const shareOf = (id: string): number => parseInt(id.slice(0, 8), 16) / 2 ** 32;
