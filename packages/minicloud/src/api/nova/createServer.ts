import { createServers, type ServerOrder } from '../../model/createServers.ts';
import { Refusal } from '../../model/refusal.ts';
import type { Wiring } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, sentence } from '../schema.ts';
import { callerOf, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';
import { CREATE_SERVER } from './schemas.ts';
import { needNeutron } from './servers.ts';
import { selfLinks } from './serverView.ts';

interface CreateBody {
  server: {
    name: string;
    imageRef?: string;
    flavorRef: string | number;
    networks?: 'auto' | 'none' | { uuid?: string; port?: string | null; fixed_ip?: string }[];
    metadata?: Record<string, string>;
    tags?: string[];
    user_data?: string;
    availability_zone?: string;
    config_drive?: boolean | string;
    key_name?: string;
    min_count?: number | string;
    max_count?: number | string;
    return_reservation_id?: boolean | string;
    security_groups?: { name?: string }[];
    description?: string | null;
    hostname?: string;
    block_device_mapping?: unknown[];
    block_device_mapping_v2?: unknown[];
  };
  'os:scheduler_hints'?: Record<string, unknown>;
  'OS-SCH-HNT:scheduler_hints'?: Record<string, unknown>;
}

export function createRoutes(deps: NovaDeps): NovaRoute[] {
  return [route('POST /servers', (call) => create(deps, call))];
}

function create(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const problem = check(CREATE_SERVER(call.minor), call.body ?? null);
  if (problem) throw new Refusal(400, sentence(problem));
  const refused = deps.cloud.faults.take('create-refused');
  if (refused) throw new Refusal(refused.status, refused.message);
  const body = call.body as CreateBody;
  if (body.server.networks !== 'none') needNeutron(deps);
  const servers = createServers(deps.cloud, orderOf(body, call.minor), callerOf(call));
  const first = servers[0]!;
  if (isYes(body.server.return_reservation_id))
    return { status: 202, body: { reservation_id: first.reservationId } };
  const server = {
    id: first.id,
    links: selfLinks(deps, 'servers', first.id),
    'OS-DCF:diskConfig': 'MANUAL',
    security_groups: first.securityGroups.map((name) => ({ name })),
    adminPass: deps.cloud.chance.letters(12),
  };
  return { status: 202, body: { server }, headers: { Location: `${deps.base()}/v2.1/servers/${first.id}` } };
}

/** @throws Refusal 400 for what is well formed and makes no sense. */
function orderOf(body: CreateBody, minor: number): ServerOrder {
  const { server } = body;
  if (server.block_device_mapping?.length || server.block_device_mapping_v2?.length) {
    throw new Refusal(400, 'Block Device Mapping is Invalid: minicloud has no volumes.');
  }
  if (server.key_name !== undefined) throw new Refusal(400, 'Invalid key_name provided.');
  if (!server.imageRef) throw new Refusal(400, 'Missing imageRef attribute');
  const least = Number(server.min_count ?? 1);
  const most = Number(server.max_count ?? least);
  if (least > most) throw new Refusal(400, 'min_count must be <= max_count');
  return {
    name: server.name,
    hostName: server.hostname,
    // Before 2.19 there is no description, and Nova puts the name there.
    description: minor >= 19 ? (server.description ?? null) : server.name,
    flavorId: String(server.flavorRef).split('/').at(-1)!,
    imageId: server.imageRef.split('/').at(-1)!,
    wiring: wiringOf(server.networks),
    zone: server.availability_zone,
    metadata: server.metadata ?? {},
    tags: server.tags ?? [],
    userData: server.user_data ?? null,
    configDrive: isYes(server.config_drive),
    hints: body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {},
    securityGroups: (server.security_groups ?? []).flatMap((group) => group.name ?? []),
    least,
    most,
  };
}

/** Before 2.37 nothing need be said, which means `auto`. */
function wiringOf(networks: CreateBody['server']['networks']): Wiring {
  if (networks === undefined) return 'auto';
  if (typeof networks === 'string') return networks;
  const ports = new Set<string>();
  return networks.map(({ uuid, port, fixed_ip: address }) => {
    if (port) {
      if (ports.has(port))
        throw new Refusal(
          400,
          `Port ID '${port}' was specified twice: you cannot attach a port multiple times.`,
        );
      ports.add(port);
      return { port };
    }
    if (uuid === undefined) throw new Refusal(400, "Bad network format: missing 'uuid'");
    return { network: uuid, ...(address !== undefined && { address }) };
  });
}

/** oslo's `bool_from_string` for what the schema lets through. */
export const isYes = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && ['1', 'true', 'on', 'yes'].includes(value.toLowerCase()));
