import { z } from 'zod';
import type { Network } from '../model/installation.ts';
import type { Port } from '../model/ports.ts';
import { Refusal } from '../model/refusal.ts';
import { empty, isoSeconds, json, type ApiAnswer, type AuthedCall, type Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';
import { bodyOf, framed } from './frame.ts';
import { route } from './routes.ts';

/** Extensions that clients look for before they use what came with them. */
const EXTENSIONS = [
  'quota_details',
  'standard-attr-tag',
  'port-security',
  'security-group',
  'net-mtu',
  'ip-substring-filtering',
];

/** Neutron v2.0: networks, subnets, ports with their tags, security groups to name, quotas. */
export function neutron(deps: ServiceDeps): (call: Call) => ApiAnswer {
  const { cloud } = deps;
  const { networks } = cloud.installation;
  const serve = framed(deps, {
    headers: (call) => ({ 'X-Openstack-Request-Id': call.requestId }),
    refuse: ({ status, message, type }) =>
      json(status, { NeutronError: { type: type ?? TYPE[status] ?? 'BadRequest', message, detail: '' } }),
    routes: [
      route('GET /v2.0/extensions', () => json(200, { extensions: EXTENSIONS.map(extension) })),
      route('GET /v2.0/networks', (call) =>
        list(
          call,
          'networks',
          networks.map((n) => viewNetwork(n, cloud.installation.projects[0]!.id)),
        ),
      ),
      route('GET /v2.0/networks/:id', (call) => {
        const network = cloud.ports.network(call.params['id']!);
        if (!network)
          throw new Refusal(404, `Network ${call.params['id']} could not be found.`, 'NetworkNotFound');
        return json(200, { network: viewNetwork(network, cloud.installation.projects[0]!.id) });
      }),
      route('GET /v2.0/subnets', (call) => list(call, 'subnets', networks.map(viewSubnet))),
      route('GET /v2.0/security-groups', (call) =>
        list(call, 'security_groups', [securityGroup(deps, call)]),
      ),
      route('GET /v2.0/ports', (call) => {
        const mine = [...cloud.ports.all()].filter(
          (p) => call.token.isAdmin || p.projectId === call.token.project?.id,
        );
        return list(
          call,
          'ports',
          mine.map((port) => viewPort(port, call.token.isAdmin)),
        );
      }),
      route('POST /v2.0/ports', (call) => createPort(deps, call)),
      route('GET /v2.0/ports/:id', (call) =>
        json(200, { port: viewPort(portOf(deps, call), call.token.isAdmin) }),
      ),
      route('PUT /v2.0/ports/:id', (call) => updatePort(deps, call)),
      route('DELETE /v2.0/ports/:id', (call) => {
        cloud.ports.delete(portOf(deps, call).id);
        return empty(204);
      }),
      route('PUT /v2.0/ports/:id/tags', (call) => {
        const { tags } = tagsBody(call);
        cloud.ports.change(portOf(deps, call), { tags: [...new Set(tags)] }, cloud.clock.now());
        return json(200, { tags });
      }),
      route('GET /v2.0/quotas/:project', (call) => json(200, { quota: limits(deps, call) })),
      route('GET /v2.0/quotas/:project/details', (call) => json(200, { quota: details(deps, call) })),
    ],
  });
  return (call) => {
    if (call.path !== '/') return serve(call);
    const href = `${deps.origin()}/network/v2.0/`;
    return json(200, { versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href }] }] });
  };
}

const TYPE: Record<number, string> = {
  404: 'HTTPNotFound',
  405: 'HTTPMethodNotAllowed',
  403: 'PolicyNotAuthorized',
};

const extension = (alias: string) => ({
  alias,
  name: alias,
  description: '',
  updated: '2017-02-10T10:00:00-00:00',
  links: [],
});

/** Filtered by the query's names, each of whose values will do; then paged; then cut to the fields asked for. */
function list(call: Call, name: string, rows: readonly Record<string, unknown>[]): ApiAnswer {
  const fields = call.query.getAll('fields');
  const special = new Set(['fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'page_reverse']);
  const filters = [...new Set(call.query.keys())].filter((key) => !special.has(key));
  const found = rows.filter((row) => filters.every((key) => hits(row, key, call.query.getAll(key))));
  const marker = call.query.get('marker');
  const from = marker === null ? 0 : found.findIndex((row) => row['id'] === marker) + 1;
  if (marker !== null && from === 0) throw new Refusal(404, `${marker} could not be found.`, 'HTTPNotFound');
  const limit = Number(call.query.get('limit') ?? found.length);
  const page = found.slice(from, from + limit);
  const cut = (row: Record<string, unknown>) =>
    fields.length === 0 ? row : Object.fromEntries(fields.filter((f) => f in row).map((f) => [f, row[f]]));
  const query = new URLSearchParams([...call.query].filter(([key]) => key !== 'marker'));
  query.append('marker', String(page.at(-1)?.['id']));
  const more = from + limit < found.length && {
    [`${name}_links`]: [{ rel: 'next', href: `${call.path}?${query.toString()}` }],
  };
  return json(200, { [name]: page.map(cut), ...more });
}

function hits(row: Record<string, unknown>, key: string, wanted: readonly string[]): boolean {
  if (key === 'fixed_ips') return wanted.every((one) => hasAddress(row, one));
  const has = row[key];
  // A name that is no attribute filters nothing here; Neutron refuses some of those.
  if (has === undefined) return true;
  if (Array.isArray(has)) return wanted.every((one) => one.split(',').every((part) => has.includes(part)));
  return wanted.some((one) => JSON.stringify(has) === one || has === one);
}

function hasAddress(row: Record<string, unknown>, wanted: string): boolean {
  const [key, value = ''] = wanted.split(/=(.*)/);
  const ips = (row['fixed_ips'] ?? []) as { subnet_id: string; ip_address: string }[];
  if (key === 'ip_address_substr') return ips.some((ip) => ip.ip_address.includes(value));
  return ips.some((ip) => (key === 'ip_address' ? ip.ip_address : ip.subnet_id) === value);
}

const TIMES = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', revision_number: 1 };

const viewNetwork = (network: Network, projectId: string) => ({
  id: network.id,
  name: network.name,
  tenant_id: projectId,
  project_id: projectId,
  admin_state_up: true,
  mtu: 1500,
  status: 'ACTIVE',
  subnets: [network.subnetId],
  shared: true,
  'router:external': false,
  port_security_enabled: true,
  availability_zone_hints: [],
  availability_zones: [],
  ipv4_address_scope: null,
  ipv6_address_scope: null,
  description: '',
  tags: [],
  ...TIMES,
});

const viewSubnet = (network: Network) => ({
  id: network.subnetId,
  name: network.subnetName,
  network_id: network.id,
  ip_version: 4,
  cidr: `${network.prefix}.0.0/16`,
  gateway_ip: `${network.prefix}.0.1`,
  enable_dhcp: false,
  allocation_pools: [{ start: `${network.prefix}.0.2`, end: `${network.prefix}.255.254` }],
  dns_nameservers: [],
  host_routes: [],
  description: '',
  tags: [],
  ...TIMES,
});

const securityGroup = ({ cloud }: ServiceDeps, call: AuthedCall) => ({
  id: cloud.installation.securityGroupId,
  name: 'default',
  description: 'Default security group',
  tenant_id: call.token.project?.id,
  project_id: call.token.project?.id,
  security_group_rules: [],
  stateful: true,
  tags: [],
  ...TIMES,
});

const viewPort = (port: Port, isAdmin: boolean) => ({
  id: port.id,
  name: port.name,
  network_id: port.networkId,
  tenant_id: port.projectId,
  project_id: port.projectId,
  mac_address: port.mac,
  admin_state_up: port.adminUp,
  status: port.status,
  device_id: port.deviceId,
  device_owner: port.deviceOwner,
  fixed_ips: [{ subnet_id: port.subnetId, ip_address: port.address }],
  allowed_address_pairs: [],
  extra_dhcp_opts: [],
  security_groups: port.securityGroups,
  description: port.description,
  'binding:vnic_type': 'normal',
  ...(isAdmin && {
    'binding:profile': {},
    'binding:host_id': port.host,
    'binding:vif_type': port.host === '' ? 'unbound' : 'ovs',
    'binding:vif_details': {},
  }),
  port_security_enabled: true,
  tags: port.tags,
  created_at: isoSeconds(port.createdAt),
  updated_at: isoSeconds(port.updatedAt),
  revision_number: port.revision,
});

/** @throws Refusal 404: unknown, or another project's. */
function portOf({ cloud }: ServiceDeps, call: AuthedCall): Port {
  const id = call.params['id']!;
  const port = cloud.ports.get(id);
  if (port && (call.token.isAdmin || port.projectId === call.token.project?.id)) return port;
  throw new Refusal(404, `Port ${id} could not be found.`, 'PortNotFound');
}

const portSchema = z.object({
  port: z.object({
    network_id: z.string().optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    fixed_ips: z.array(z.object({ ip_address: z.string().optional() })).optional(),
    security_groups: z.array(z.string()).optional(),
    device_id: z.string().optional(),
    device_owner: z.string().optional(),
    admin_state_up: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
  }),
});

/** @throws Refusal 400. */
function tagsBody(call: Call): { tags: string[] } {
  const body = z.object({ tags: z.array(z.string()) }).safeParse(bodyOf(call));
  if (body.success) return body.data;
  throw new Refusal(400, 'Invalid tags body.', 'HTTPBadRequest');
}

/** @throws Refusal 400. */
function portBody(call: Call): z.infer<typeof portSchema>['port'] {
  const body = portSchema.safeParse(bodyOf(call));
  if (body.success) return body.data.port;
  throw new Refusal(400, `Invalid input for ${body.error.issues[0]?.path.join('.')}.`, 'HTTPBadRequest');
}

function createPort(deps: ServiceDeps, call: AuthedCall): ApiAnswer {
  const { cloud } = deps;
  const port = portBody(call);
  if (!port.network_id)
    throw new Refusal(
      400,
      "Failed to parse request. Required attribute 'network_id' not specified",
      'HTTPBadRequest',
    );
  if (cloud.faults.take('ports-fail'))
    throw new Refusal(
      500,
      'Request Failed: internal server error while processing your request.',
      'HTTPInternalServerError',
    );
  if (port.tags) throw new Refusal(400, "Unrecognized attribute(s) 'tags'", 'HTTPBadRequest');
  const projectId = call.token.project?.id ?? '';
  const limit = cloud.quotaOf(projectId).ports;
  if (limit >= 0 && cloud.ports.countOf(projectId) >= limit) {
    throw new Refusal(409, "Quota exceeded for resources: ['port'].", 'OverQuota');
  }
  const address = port.fixed_ips?.[0]?.ip_address;
  const made = cloud.ports.create(
    {
      networkId: port.network_id,
      projectId,
      name: port.name ?? '',
      description: port.description ?? '',
      securityGroups: port.security_groups ?? [cloud.installation.securityGroupId],
      deviceId: port.device_id ?? '',
      deviceOwner: port.device_owner ?? '',
      novaMade: false,
      ...(address !== undefined && { address }),
    },
    cloud.clock.now(),
  );
  return json(201, { port: viewPort(made, call.token.isAdmin) });
}

function updatePort(deps: ServiceDeps, call: AuthedCall): ApiAnswer {
  const found = portOf(deps, call);
  const port = portBody(call);
  deps.cloud.ports.change(
    found,
    {
      ...(port.name !== undefined && { name: port.name }),
      ...(port.description !== undefined && { description: port.description }),
      ...(port.device_id !== undefined && { deviceId: port.device_id }),
      ...(port.device_owner !== undefined && { deviceOwner: port.device_owner }),
      ...(port.security_groups !== undefined && { securityGroups: port.security_groups }),
      ...(port.admin_state_up !== undefined && { adminUp: port.admin_state_up }),
    },
    deps.cloud.clock.now(),
  );
  return json(200, { port: viewPort(found, call.token.isAdmin) });
}

/** @throws Refusal 404: another project's quota is not shown to members. */
function quotaProject(call: AuthedCall): string {
  const project = call.params['project']!;
  if (project === call.token.project?.id || call.token.isAdmin) return project;
  throw new Refusal(404, 'The resource could not be found.', 'HTTPNotFound');
}

const PLENTY = {
  network: 100,
  subnet: 100,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
};

function limits({ cloud }: ServiceDeps, call: AuthedCall): Record<string, number> {
  return { ...PLENTY, port: cloud.quotaOf(quotaProject(call)).ports };
}

function details(deps: ServiceDeps, call: AuthedCall): object {
  const used: Record<string, number> = {
    port: deps.cloud.ports.countOf(quotaProject(call)),
    network: deps.cloud.installation.networks.length,
  };
  const rows = Object.entries(limits(deps, call)).map(([name, limit]) => [
    name,
    { limit, used: used[name] ?? 0, reserved: 0 },
  ]);
  return Object.fromEntries(rows) as object;
}
