import { STATUS } from '../../model/server.ts';
import type { ListQuery } from '../../model/listServers.ts';
import { Refusal } from '../../model/refusal.ts';
import { repr } from '../schema.ts';
import { adminOnly, type NovaCall, type NovaDeps } from './nova.ts';

/** What a project's member may filter by; anything else is stripped without a word (`_get_server_search_options`). */
const FOR_MEMBERS: readonly [name: string, since: number][] = [
  ['reservation_id', 1],
  ['name', 1],
  ['status', 1],
  ['image', 1],
  ['flavor', 1],
  ['ip', 1],
  ['changes-since', 1],
  ['all_tenants', 1],
  ['ip6', 5],
  ['tags', 26],
  ['tags-any', 26],
  ['not-tags', 26],
  ['not-tags-any', 26],
  ['changes-before', 66],
  ['locked', 73],
  ['availability_zone', 83],
  ['config_drive', 83],
  ['key_name', 83],
  ['created_at', 83],
  ['launched_at', 83],
  ['terminated_at', 83],
  ['power_state', 83],
  ['task_state', 83],
  ['vm_state', 83],
  ['progress', 83],
  ['user_id', 83],
  ['hostname', 90],
];

/** Names that the schema knows besides; from 2.75 on others are refused. */
const KNOWN = new Set([
  ...FOR_MEMBERS.map(([name]) => name),
  'project_id',
  'tenant_id',
  'launch_index',
  'image_ref',
  'kernel_id',
  'ramdisk_id',
  'hostname',
  'host',
  'node',
  'display_name',
  'description',
  'display_description',
  'locked_by',
  'uuid',
  'root_device_name',
  'access_ip_v4',
  'access_ip_v6',
  'auto_disk_config',
  'sort_key',
  'sort_dir',
  'soft_deleted',
  'deleted',
  'limit',
  'marker',
]);

/** Tables that cannot be asked for. */
const JOINED = new Set([
  'block_device_mapping',
  'services',
  'metadata',
  'system_metadata',
  'info_cache',
  'security_groups',
  'pci_devices',
]);

const PAGING = new Set(['limit', 'marker', 'sort_key', 'sort_dir']);
const REGEX = ['name', 'display_name', 'ip', 'ip6', 'node', 'tags'];

const bad = (message: string) => new Refusal(400, message);

/**
 * The query of GET /servers, as this caller may ask it. `nothing`: a status that does not exist, before 2.38.
 *
 * @throws Refusal 400 or 403, as Nova words them.
 */
export function readListQuery(
  call: NovaCall,
  deps: NovaDeps,
  how: 'brief' | 'detail',
): ListQuery | 'nothing' {
  checkNames(call);
  const { isAdmin } = call.token;
  const may = new Set(FOR_MEMBERS.filter(([, since]) => call.minor >= since).map(([name]) => name));
  const filters = new Map(
    [...call.query].filter(([name]) => !PAGING.has(name) && (isAdmin || may.has(name))),
  );
  for (const name of filters.keys()) {
    if (JOINED.has(name) || name.startsWith('_')) throw bad(`Invalid filter field: ${name}.`);
  }
  const states = statesOf(call);
  if (states === 'none') {
    if (call.minor >= 38) throw bad('Invalid status value');
    return 'nothing';
  }
  if (states?.vmStates.join() === 'deleted' && !isAdmin) {
    throw new Refusal(403, 'Only administrators may list deleted instances');
  }
  const everybody = isTrue(filters.get('all_tenants'), true);
  if (everybody) adminOnly(call, `servers:${how === 'detail' ? 'detail' : 'index'}:get_all_tenants`);
  const asked = [...filters.keys()].filter((name) => name !== 'all_tenants');
  const paged = [...call.query.keys()].some((name) => PAGING.has(name));
  const get = (...names: string[]) =>
    names.map((name) => filters.get(name)).find((value) => value !== undefined);
  const list = (name: string) => filters.get(name)?.split(',');
  return {
    projectId: everybody ? get('project_id', 'tenant_id') : call.projectId,
    name: get('name', 'display_name'),
    tags: list('tags'),
    tagsAny: list('tags-any'),
    notTags: list('not-tags'),
    notTagsAny: list('not-tags-any'),
    vmStates: states?.vmStates ?? one(get('vm_state')),
    taskStates: states?.taskStates ?? one(get('task_state')),
    host: get('host'),
    node: get('node'),
    image: get('image', 'image_ref'),
    flavor: get('flavor'),
    reservationId: get('reservation_id'),
    uuid: get('uuid'),
    userId: get('user_id'),
    zone: get('availability_zone'),
    hostName: get('hostname'),
    ip: get('ip', 'ip6'),
    locked: filters.has('locked') ? isTrue(filters.get('locked'), false) : undefined,
    changesSince: time(filters.get('changes-since'), 'changes-since'),
    changesBefore: time(filters.get('changes-before'), 'changes-before'),
    deleted:
      filters.has('deleted') || states?.vmStates.join() === 'deleted'
        ? isTrue(filters.get('deleted') ?? 'true', false)
        : undefined,
    softDeleted: isTrue(filters.get('soft_deleted'), false),
    sort: sorting(call),
    limit: Math.min(deps.maxLimit, whole(call.query.get('limit'), 'limit') ?? deps.maxLimit),
    marker: call.query.get('marker') ?? undefined,
    downCells: call.minor >= 69 && asked.length === 0 && !paged ? 'tell' : 'skip',
  };
}

function checkNames(call: NovaCall): void {
  for (const [name, value] of call.query) {
    if (REGEX.includes(name)) checkPattern(name, value);
    if (call.minor >= 75 && !KNOWN.has(name) && !JOINED.has(name) && !name.startsWith('_')) {
      throw bad(`Additional properties are not allowed (${repr(name)} was unexpected)`);
    }
  }
}

function checkPattern(name: string, value: string): void {
  try {
    RegExp(value);
  } catch {
    throw bad(`Invalid input for query parameters ${name}. Value: ${value}. ${repr(value)} is not a 'regex'`);
  }
}

/** `status` as states; it maps to several, and a task decides only where the status has one. */
function statesOf(
  call: NovaCall,
): { vmStates: string[]; taskStates: string[] | undefined } | 'none' | undefined {
  const wanted = call.query.getAll('status').map((status) => status.toLowerCase());
  if (wanted.length === 0) return undefined;
  const vmStates: string[] = [];
  const tasks: string[] = [];
  for (const [vmState, map] of Object.entries(STATUS)) {
    for (const [task, status] of Object.entries(map)) {
      if (!wanted.includes(status.toLowerCase())) continue;
      if (!vmStates.includes(vmState)) vmStates.push(vmState);
      tasks.push(task);
    }
  }
  if (vmStates.length === 0) return 'none';
  return { vmStates, taskStates: tasks.includes('default') ? undefined : tasks };
}

function sorting(call: NovaCall): ListQuery['sort'] {
  const keys = call.query.getAll('sort_key');
  if (keys.length === 0) return undefined;
  const directions = call.query.getAll('sort_dir');
  for (const key of keys) {
    if ((key === 'host' || key === 'node') && !call.token.isAdmin) {
      throw new Refusal(403, `Only administrators can sort servers by ${key}`);
    }
  }
  return keys.map((key, i) => ({ key, ascending: directions[i] === 'asc' }));
}

const one = (value: string | undefined): string[] | undefined => (value === undefined ? undefined : [value]);

function time(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) {
    throw bad(
      `Invalid input for query parameters ${name}. Value: ${text}. ${repr(text)} is not a 'date-time'`,
    );
  }
  return at;
}

function whole(text: string | null, name: string): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw bad(
    `Invalid input for query parameters ${name}. Value: ${text}. ${repr(text)} does not match '^[0-9]*$'`,
  );
}

/** oslo's `bool_from_string`; `all_tenants` alone, with no value, means yes. */
function isTrue(text: string | undefined, emptyIsYes: boolean): boolean {
  if (text === undefined) return false;
  if (text === '') return emptyIsYes;
  return ['1', 't', 'true', 'on', 'y', 'yes'].includes(text.toLowerCase());
}
