import { capacityOf, RESERVED_MB, type Host } from '../../model/hosts.ts';
import { Refusal } from '../../model/refusal.ts';
import { isoMicros } from '../answer.ts';
import { route } from '../routes.ts';
import { isUuid } from '../schema.ts';
import { isYes } from './createServer.ts';
import { adminOnly, since, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';

/** Services that are no compute hosts; there is nothing to them. */
const OTHERS = ['nova-scheduler', 'nova-conductor'] as const;

export function hostRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('GET /os-services', (call) => services(deps, call)),
    route('PUT /os-services/:id', (call) => updateService(deps, call)),
    route('GET /os-hypervisors', (call) => hypervisors(deps, call, false)),
    route('GET /os-hypervisors/detail', (call) => hypervisors(deps, call, true)),
    route('GET /os-hypervisors/:id', (call) => {
      adminOnly(call, 'os-hypervisors:show');
      const id = call.params['id']!;
      if (call.minor >= 53 && !isUuid(id)) throw new Refusal(400, `Invalid uuid ${id}`);
      const host = deps.cloud.hosts.all().find((h) => idOf(h, call) === (call.minor >= 53 ? id : Number(id)));
      if (!host) throw new Refusal(404, `Hypervisor with ID '${id}' could not be found.`);
      return { status: 200, body: { hypervisor: hypervisor(deps, call, host, true) } };
    }),
    route('GET /os-availability-zone', () => ({
      status: 200,
      body: { availabilityZoneInfo: zones(deps, false) },
    })),
    route('GET /os-availability-zone/detail', (call) => {
      adminOnly(call, 'os-availability-zone:detail');
      return { status: 200, body: { availabilityZoneInfo: zones(deps, true) } };
    }),
  ];
}

/** Numbers before 2.53, UUIDs since. */
const idOf = (host: Host, call: NovaCall): string | number => (call.minor >= 53 ? host.id : host.number);

function services(deps: NovaDeps, call: NovaCall): NovaAnswer {
  adminOnly(call, 'os-services:list');
  const [host, binary] = [call.query.get('host'), call.query.get('binary')];
  const now = isoMicros(Math.floor(deps.cloud.clock.now() / 10_000) * 10_000);
  const others = OTHERS.map((name, i) => ({
    binary: name,
    host: 'controller',
    id: call.minor >= 53 ? `00000000-0000-4000-8000-00000000000${i + 1}` : 1000 + i,
    zone: 'internal',
    status: 'enabled',
    state: 'up',
    updated_at: now,
    disabled_reason: null,
    ...(call.minor >= 11 && { forced_down: false }),
  }));
  const all = [...others, ...deps.cloud.hosts.all().map((h) => service(deps, call, h))];
  const rows = all.filter((row) => (!host || row.host === host) && (!binary || row.binary === binary));
  return { status: 200, body: { services: rows } };
}

function service(deps: NovaDeps, call: NovaCall, host: Host): { binary: string; host: string } {
  const least = { binary: 'nova-compute', host: host.name };
  const lost = deps.cloud.faults.on('cells-down')?.cells.includes(host.cell) && call.minor >= 69;
  if (lost) return { ...least, status: 'UNKNOWN' } as typeof least;
  const row = {
    ...least,
    id: call.minor >= 53 ? host.serviceId : host.number,
    zone: host.zone,
    status: host.disabled ? 'disabled' : 'enabled',
    state: deps.cloud.hosts.isUp(host) ? 'up' : 'down',
    updated_at: isoMicros(deps.cloud.hosts.reportedAt(host)),
    disabled_reason: host.disabledReason,
    ...(call.minor >= 11 && { forced_down: host.forcedDown }),
  };
  return row;
}

function updateService(deps: NovaDeps, call: NovaCall): NovaAnswer {
  adminOnly(call, 'os-services:update');
  since(call, 53);
  const id = call.params['id']!;
  if (!isUuid(id)) throw new Refusal(400, `Invalid uuid ${id}`);
  const host = deps.cloud.hosts.all().find((h) => h.serviceId === id);
  if (!host) throw new Refusal(404, `Service ${id} could not be found.`);
  const body = (call.body ?? {}) as { status?: string; disabled_reason?: string; forced_down?: unknown };
  if (body.status === undefined && body.forced_down === undefined) {
    throw new Refusal(
      400,
      "No updates were requested. Fields 'status' or 'forced_down' should be specified.",
    );
  }
  if (body.disabled_reason !== undefined && body.status !== 'disabled') {
    throw new Refusal(400, "Specifying disabled_reason requires status to be 'disabled'.");
  }
  deps.cloud.hosts.decide(host, {
    ...(body.status !== undefined && {
      disabled: body.status === 'disabled',
      disabledReason: body.disabled_reason ?? null,
    }),
    ...(body.forced_down !== undefined && { forcedDown: isYes(body.forced_down) }),
  });
  return { status: 200, body: { service: service(deps, call, host) } };
}

function hypervisors(deps: NovaDeps, call: NovaCall, detail: boolean): NovaAnswer {
  adminOnly(call, `os-hypervisors:${detail ? 'list-detail' : 'list'}`);
  const pattern = call.minor >= 53 ? call.query.get('hypervisor_hostname_pattern') : null;
  const hosts = deps.cloud.hosts.all().filter((host) => pattern === null || host.name.includes(pattern));
  if (hosts.length === 0) throw new Refusal(404, `No hypervisor matching '${pattern}' could be found.`);
  const marker = call.minor >= 33 ? call.query.get('marker') : null;
  const from = marker === null ? 0 : hosts.findIndex((host) => String(idOf(host, call)) === marker) + 1;
  if (marker !== null && from === 0) throw new Refusal(400, `marker [${marker}] not found`);
  const limit = Math.min(
    deps.maxLimit,
    call.minor >= 33 ? Number(call.query.get('limit') ?? Infinity) : Infinity,
  );
  const page = hosts.slice(from, from + limit);
  const path = `${deps.base()}/v2.1/os-hypervisors${detail ? '/detail' : ''}`;
  const href = `${path}?limit=${limit}&marker=${page.at(-1) && idOf(page.at(-1)!, call)}`;
  const more = call.minor >= 33 && page.length === limit && { hypervisors_links: [{ rel: 'next', href }] };
  return {
    status: 200,
    body: { hypervisors: page.map((host) => hypervisor(deps, call, host, detail)), ...more },
  };
}

function hypervisor(deps: NovaDeps, call: NovaCall, host: Host, detail: boolean): object {
  const { cloud } = deps;
  const with_servers = call.minor >= 53 && isYes(call.query.get('with_servers'));
  const servers = with_servers
    ? [...cloud.servers()].filter((s) => s.host === host.name).map((s) => ({ name: s.name, uuid: s.id }))
    : [];
  return {
    id: idOf(host, call),
    hypervisor_hostname: host.name,
    state: cloud.hosts.isUp(host) ? 'up' : 'down',
    status: host.disabled ? 'disabled' : 'enabled',
    ...(detail && {
      hypervisor_type: cloud.hypervisor.kind,
      hypervisor_version: cloud.hypervisor.version,
      host_ip: '127.0.0.1',
      service: {
        id: call.minor >= 53 ? host.serviceId : host.number,
        host: host.name,
        disabled_reason: host.disabledReason,
      },
    }),
    ...(detail && call.minor < 88 && resources(call, host)),
    ...(detail && call.minor >= 88 && { uptime: null }),
    ...((servers.length > 0 || (with_servers && call.minor >= 75)) && { servers }),
  };
}

/** Gone since 2.88: they never knew of ratios. */
function resources(call: NovaCall, host: Host): object {
  const { used } = host;
  return {
    vcpus: host.vcpus,
    memory_mb: host.memoryMb,
    local_gb: host.diskGb,
    vcpus_used: used.vcpus,
    memory_mb_used: used.ramMb + RESERVED_MB,
    local_gb_used: used.diskGb,
    free_ram_mb: host.memoryMb - used.ramMb - RESERVED_MB,
    free_disk_gb: host.diskGb - used.diskGb,
    current_workload: host.building,
    running_vms: used.guests,
    disk_available_least: capacityOf(host).diskGb - used.diskGb,
    cpu_info: call.minor >= 28 ? {} : '',
  };
}

function zones(deps: NovaDeps, detail: boolean): object[] {
  const { hosts } = deps.cloud;
  return [...new Set(hosts.all().map((host) => host.zone))].map((zone) => {
    const inZone = hosts.all().filter((host) => host.zone === zone);
    const compute = (host: Host) => ({
      'nova-compute': {
        active: !host.disabled,
        available: hosts.isUp(host),
        updated_at: isoMicros(hosts.reportedAt(host)),
      },
    });
    return {
      zoneName: zone,
      zoneState: { available: inZone.some((host) => !host.disabled) },
      hosts: detail ? Object.fromEntries(inZone.map((host) => [host.name, compute(host)])) : null,
    };
  });
}
