import { RESERVED_MB, type Host } from '../model/hosts.ts';
import { Refusal } from '../model/refusal.ts';
import { json, type ApiAnswer, type AuthedCall, type Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';
import { framed } from './frame.ts';
import { route } from './routes.ts';

/** Placement's highest microversion in Zed, and since. */
const MAX_MINOR = 39;

/** Placement: resource providers with inventories and usages, and whether something would fit. Administrators only. */
export function placement(deps: ServiceDeps): (call: Call) => ApiAnswer {
  const { hosts } = deps.cloud;
  const serve = framed(deps, {
    headers: (call) => ({
      'openstack-api-version': `placement ${textOf(call)}`,
      vary: 'openstack-api-version',
      'x-openstack-request-id': call.requestId,
    }),
    refuse: refusal,
    routes: [
      route('GET /resource_providers', (call) => {
        admit(call);
        const wanted = hosts.all().filter((h) => is(call, 'name', h.name) && is(call, 'uuid', h.id));
        return json(200, { resource_providers: wanted.map((host) => provider(host, minorOf(call))) });
      }),
      route('GET /resource_providers/:id', (call) => json(200, provider(hostOf(deps, call), minorOf(call)))),
      route('GET /resource_providers/:id/inventories', (call) => {
        const host = hostOf(deps, call);
        return json(200, { resource_provider_generation: host.number, inventories: inventories(host) });
      }),
      route('GET /resource_providers/:id/usages', (call) => {
        const host = hostOf(deps, call);
        const { vcpus: VCPU, ramMb: MEMORY_MB, diskGb: DISK_GB } = host.used;
        return json(200, { resource_provider_generation: host.number, usages: { VCPU, MEMORY_MB, DISK_GB } });
      }),
      route('GET /allocation_candidates', (call) => candidates(deps, call)),
    ],
  });
  return (call) => {
    if (call.path !== '/') return serve(call);
    const version = { id: 'v1.0', max_version: `1.${MAX_MINOR}`, min_version: '1.0', status: 'CURRENT' };
    return json(200, { versions: [{ ...version, links: [{ rel: 'self', href: '' }] }] });
  };
}

const is = (call: Call, name: string, has: string): boolean => (call.query.get(name) ?? has) === has;

const textOf = (call: Call): string => {
  const named = /placement\s+(\S+)/.exec(call.request.headers['openstack-api-version'] ?? '')?.[1];
  return named === undefined ? '1.0' : named === 'latest' ? `1.${MAX_MINOR}` : named;
};

/** @throws Refusal 400 or 406. */
function minorOf(call: Call): number {
  const text = textOf(call);
  const minor = /^1\.(\d+)$/.exec(text)?.[1];
  if (minor === undefined && !/^\d+\.\d+$/.test(text))
    throw new Refusal(400, `invalid version string: ${text}`);
  if (minor !== undefined && Number(minor) <= MAX_MINOR) return Number(minor);
  throw new Refusal(406, `Unacceptable version header: ${text}`);
}

function admit(call: AuthedCall): void {
  minorOf(call);
  if (call.token.isAdmin) return;
  throw new Refusal(403, 'Policy does not allow placement:resource_providers:list to be performed.');
}

function hostOf(deps: ServiceDeps, call: AuthedCall): Host {
  admit(call);
  const id = call.params['id']!;
  const host = deps.cloud.hosts.all().find((h) => h.id === id);
  if (!host)
    throw new Refusal(
      404,
      `No resource provider with uuid ${id} found : No resource provider with uuid ${id} found`,
    );
  return host;
}

function refusal({ status, message }: Refusal, call: Call): ApiAnswer {
  const title =
    {
      400: 'Bad Request',
      403: 'Forbidden',
      404: 'Not Found',
      405: 'Method Not Allowed',
      406: 'Not Acceptable',
    }[status] ?? 'Error';
  const range = status === 406 && { max_version: `1.${MAX_MINOR}`, min_version: '1.0' };
  const code = Number(textOf(call).split('.')[1]) >= 23 && { code: 'placement.undefined_code' };
  const detail = `${message}\n\n   `;
  return json(status, { errors: [{ status, title, detail, request_id: call.requestId, ...code, ...range }] });
}

const provider = (host: Host, minor: number): object => ({
  uuid: host.id,
  name: host.name,
  generation: host.number,
  ...(minor >= 14 && { root_provider_uuid: host.id, parent_provider_uuid: null }),
  links: ['', '/inventories', '/usages', '/aggregates', '/traits', '/allocations'].map((part) => ({
    rel: part === '' ? 'self' : part.slice(1),
    href: `/placement/resource_providers/${host.id}${part}`,
  })),
});

/** capacity = (total - reserved) x ratio, and no single guest larger than max_unit. */
function inventories(host: Host): Record<string, object> {
  const of = (total: number, reserved: number, allocation_ratio: number) => ({
    total,
    reserved,
    min_unit: 1,
    max_unit: total,
    step_size: 1,
    allocation_ratio,
  });
  return {
    VCPU: of(host.vcpus, 0, host.cpuRatio),
    MEMORY_MB: of(host.memoryMb, RESERVED_MB, host.memoryRatio),
    DISK_GB: of(host.diskGb, 0, 1),
  };
}

/** Would it fit? `resources=VCPU:2,MEMORY_MB:4096,DISK_GB:40`. Up or down, enabled or not, is not Placement's business. */
function candidates(deps: ServiceDeps, call: AuthedCall): ApiAnswer {
  admit(call);
  const text = call.query.get('resources');
  if (text === null) throw new Refusal(400, "JSON does not validate: 'resources' is a required property");
  const asked = Object.fromEntries(
    text.split(',').map((part) => [part.split(':')[0]!, Number(part.split(':')[1])]),
  );
  const limit = Number(call.query.get('limit') ?? Infinity);
  const fitting = deps.cloud.hosts
    .all()
    .filter((host) => holds(host, asked))
    .slice(0, limit);
  const requests = fitting.map((host) => ({
    allocations: { [host.id]: { resources: asked } },
    mappings: { '': [host.id] },
  }));
  const summaries = fitting.map((host) => [host.id, { resources: summary(host) }]);
  return json(200, {
    allocation_requests: requests,
    provider_summaries: Object.fromEntries(summaries) as object,
  });
}

function summary(host: Host): Record<string, { capacity: number; used: number }> {
  const { used } = host;
  return {
    VCPU: { capacity: Math.floor(host.vcpus * host.cpuRatio), used: used.vcpus },
    MEMORY_MB: { capacity: Math.floor((host.memoryMb - RESERVED_MB) * host.memoryRatio), used: used.ramMb },
    DISK_GB: { capacity: host.diskGb, used: used.diskGb },
  };
}

function holds(host: Host, asked: Record<string, number>): boolean {
  const rows = summary(host);
  return Object.entries(asked).every(([name, amount]) => {
    const row = rows[name];
    return row !== undefined && row.used + amount <= row.capacity;
  });
}
