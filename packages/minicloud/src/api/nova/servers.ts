import { listServers, type Listed } from '../../model/listServers.ts';
import { Refusal, unexpected } from '../../model/refusal.ts';
import { removeServer } from '../../model/removeServer.ts';
import type { Server } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, isUuid, sentence } from '../schema.ts';
import { readListQuery } from './listQuery.ts';
import { callerOf, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';
import { UPDATE_SERVER } from './schemas.ts';
import { addressesOf, briefServer, selfLinks, viewServer, viewUnknown, type Eyes } from './serverView.ts';

export function serverRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('GET /servers', (call) => list(deps, call, 'brief')),
    route('GET /servers/detail', (call) => list(deps, call, 'detail')),
    route('GET /servers/:id', (call) => show(deps, call)),
    route('PUT /servers/:id', (call) => update(deps, call)),
    route('DELETE /servers/:id', (call) => {
      removeServer(deps.cloud, findServer(deps, call), callerOf(call));
      return { status: 204 };
    }),
    route('GET /servers/:id/ips', (call) => ({
      status: 200,
      body: { addresses: addressesOf(deps.cloud, findServer(deps, call), false) },
    })),
    route('GET /servers/:id/os-interface', (call) => interfaces(deps, call)),
    route('GET /servers/:id/diagnostics', (call) => diagnostics(deps, call)),
  ];
}

/** @throws Refusal 404: unknown, deleted, or another project's; 500 when its cell does not answer. */
export function findServer(deps: NovaDeps, call: NovaCall): Server {
  const server = findAnywhere(deps, call);
  if (isCellDown(deps, server)) {
    throw unexpected('nova.exception.NovaException');
  }
  return server;
}

function findAnywhere(deps: NovaDeps, call: NovaCall): Server {
  const id = call.params['id']!;
  const server = isUuid(id) ? deps.cloud.server(id) : undefined;
  if (!server || (server.projectId !== call.projectId && !call.token.isAdmin)) {
    throw new Refusal(404, `Instance ${id} could not be found.`);
  }
  return server;
}

const isCellDown = (deps: NovaDeps, server: Server): boolean =>
  deps.cloud.faults.on('cells-down')?.cells.includes(server.cell) ?? false;

/** Security groups come from Neutron with every server that is shown. @throws Refusal 500. */
export function needNeutron(deps: NovaDeps): void {
  if (!deps.cloud.faults.on('neutron-down')) return;
  throw unexpected('keystoneauth1.exceptions.connection.ConnectFailure');
}

export const eyesOf = (call: NovaCall, alone: boolean): Eyes => ({
  minor: call.minor,
  isAdmin: call.token.isAdmin,
  alone,
});

function show(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const eyes = eyesOf(call, true);
  const server = findAnywhere(deps, call);
  if (isCellDown(deps, server) && call.minor >= 69)
    return { status: 200, body: { server: viewUnknown(deps, server, eyes) } };
  findServer(deps, call);
  needNeutron(deps);
  return { status: 200, body: { server: viewServer(deps, server, eyes) } };
}

function list(deps: NovaDeps, call: NovaCall, how: 'brief' | 'detail'): NovaAnswer {
  const query = readListQuery(call, deps, how);
  if (query === 'nothing') return { status: 200, body: { servers: [] } };
  const found = listServers(deps.cloud, query);
  if (how === 'detail' && found.servers.length > 0) needNeutron(deps);
  return {
    status: 200,
    body: { servers: rows(deps, call, found, how), ...nextLink(deps, call, found, query.limit, how) },
  };
}

function rows(
  deps: NovaDeps,
  call: NovaCall,
  { servers, unknown }: Listed,
  how: 'brief' | 'detail',
): object[] {
  const eyes = eyesOf(call, false);
  const known =
    how === 'brief' ? (s: Server) => briefServer(deps, s) : (s: Server) => viewServer(deps, s, eyes);
  const lost = (s: Server) =>
    how === 'detail'
      ? viewUnknown(deps, s, eyes)
      : { id: s.id, status: 'UNKNOWN', links: selfLinks(deps, 'servers', s.id) };
  return [...unknown.map(lost), ...servers.map(known)];
}

/** A page that is exactly full has a next one, even if that is empty. */
function nextLink(deps: NovaDeps, call: NovaCall, found: Listed, limit: number, how: string): object {
  const last = found.servers.at(-1);
  if (!last || found.servers.length < limit) return {};
  const query = new URLSearchParams(call.query);
  query.delete('marker');
  query.append('marker', last.id);
  const path = how === 'detail' ? 'servers/detail' : 'servers';
  return { servers_links: [{ rel: 'next', href: `${deps.base()}/v2.1/${path}?${query.toString()}` }] };
}

function update(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const problem = check(UPDATE_SERVER(call.minor), call.body ?? null);
  if (problem) throw new Refusal(400, sentence(problem));
  const server = findServer(deps, call);
  const { server: patch } = call.body as {
    server: { name?: string; description?: string | null; hostname?: string };
  };
  deps.cloud.change(server, {
    ...(patch.name !== undefined && { name: patch.name }),
    ...(patch.description !== undefined && { description: patch.description }),
    ...(patch.hostname !== undefined && { hostName: patch.hostname }),
  });
  return { status: 200, body: { server: viewServer(deps, server, eyesOf(call, true)) } };
}

function interfaces(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const server = findServer(deps, call);
  needNeutron(deps);
  const attachments = deps.cloud.ports.of(server.id).map((port) => ({
    net_id: port.networkId,
    port_id: port.id,
    mac_addr: port.mac,
    port_state: port.status,
    fixed_ips: [{ subnet_id: port.subnetId, ip_address: port.address }],
    ...(call.minor >= 70 && { tag: null }),
  }));
  return { status: 200, body: { interfaceAttachments: attachments } };
}

/** The uniform diagnostics of 2.48. Of a guest that is nothing but a state there is little to tell. */
function diagnostics(deps: NovaDeps, call: NovaCall): NovaAnswer {
  if (!call.token.isAdmin)
    throw new Refusal(403, "Policy doesn't allow os_compute_api:os-server-diagnostics to be performed.");
  const server = findServer(deps, call);
  if (server.host === null) throw new Refusal(409, `Instance ${server.id} is not ready`);
  const { cloud } = deps;
  const flavor = cloud.flavorOf(server);
  const nics = cloud.ports.of(server.id).map((port) => ({ mac_address: port.mac }));
  return {
    status: 200,
    body: {
      state: cloud.hypervisor.isRunning(server.id) ? 'running' : 'shutdown',
      driver: 'libvirt',
      hypervisor: cloud.hypervisor.kind,
      hypervisor_os: 'linux',
      uptime: server.launchedAt === null ? 0 : Math.floor((cloud.clock.now() - server.launchedAt) / 1000),
      config_drive: server.configDrive,
      num_cpus: flavor.vcpus,
      num_nics: nics.length,
      num_disks: 1,
      disk_details: [],
      cpu_details: [],
      nic_details: nics,
      memory_details: { maximum: flavor.ramMb, used: null },
    },
  };
}
