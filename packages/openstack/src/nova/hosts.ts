import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

export interface ComputeService {
  /** Undefined in a cell that is down. */
  readonly id: string | undefined;
  readonly host: string;
  readonly binary: string;
  readonly zone: string | undefined;
  /** `unknown`: its cell is down. */
  readonly status: 'enabled' | 'disabled' | 'unknown';
  /** By its last heartbeat (60 s). A lost message bus makes every host look down. */
  readonly up: boolean | undefined;
  readonly forcedDown: boolean;
  readonly disabledReason: string | undefined;
}

const services = z.object({
  services: z.array(
    z.object({
      id: z.string().nullish(),
      host: z.string(),
      binary: z.string(),
      zone: z.string().nullish(),
      status: z.string(),
      state: z.string().nullish(),
      forced_down: z.boolean().nullish(),
      disabled_reason: z.string().nullish(),
    }),
  ),
});

/** The services of compute hosts. Admin. */
export const listComputeServices = (compute: Service, signal?: AbortSignal): Promise<ComputeService[]> =>
  listServices(compute, new URLSearchParams({ binary: COMPUTE }), signal);

/** Those that are none: the scheduler, the conductors. Admin. */
export const listOtherServices = async (compute: Service, signal?: AbortSignal): Promise<ComputeService[]> =>
  (await listServices(compute, undefined, signal)).filter(({ binary }) => binary !== COMPUTE);

const COMPUTE = 'nova-compute';

async function listServices(
  compute: Service,
  query: URLSearchParams | undefined,
  signal: AbortSignal | undefined,
): Promise<ComputeService[]> {
  const what = 'list the compute services';
  const answer = await compute.call(
    {
      method: 'GET',
      path: '/os-services',
      query,
      what,
      version: { want: '2.90', least: '2.53' },
      deadlineMs: 90_000,
    },
    signal,
  );
  return parsed(services, answer.body, compute.type, what).services.map((s) => ({
    id: s.id ?? undefined,
    host: s.host,
    binary: s.binary,
    zone: s.zone ?? undefined,
    status: s.status === 'enabled' || s.status === 'disabled' ? s.status : 'unknown',
    up: s.state === null || s.state === undefined ? undefined : s.state === 'up',
    forcedDown: s.forced_down ?? false,
    disabledReason: s.disabled_reason ?? undefined,
  }));
}

/** Whether a compute host is given new servers (≥ 2.53). Admin. Nothing that runs there is touched. */
export async function setComputeService(
  compute: Service,
  id: string,
  to: { enabled: true } | { enabled: false; reason: string },
  signal?: AbortSignal,
): Promise<void> {
  await compute.call(
    {
      method: 'PUT',
      path: `/os-services/${encodeURIComponent(id)}`,
      body: to.enabled
        ? { status: 'enabled' }
        : // Nova keeps 255 characters of it.
          { status: 'disabled', disabled_reason: to.reason.slice(0, 255) },
      what: to.enabled ? 'enable a compute host' : 'disable a compute host',
      version: { want: '2.90', least: '2.53' },
    },
    signal,
  );
}

export interface Hypervisor {
  readonly id: string;
  readonly hostname: string;
  /** Name of its compute service. */
  readonly host: string;
  readonly up: boolean;
  readonly enabled: boolean;
  readonly type: string;
  readonly runningServers: number | undefined;
}

const hypervisors = z.object({
  hypervisors: z.array(
    z.object({
      id: z.string(),
      hypervisor_hostname: z.string(),
      hypervisor_type: z.string().default(''),
      state: z.string(),
      status: z.string(),
      running_vms: z.number().nullish(),
      service: z.object({ host: z.string() }),
    }),
  ),
});

/** Admin. At 2.87: later versions ask every host for its uptime (until 2025.2) and no longer count its servers. */
export async function listHypervisors(compute: Service, signal?: AbortSignal): Promise<Hypervisor[]> {
  const what = 'list the hypervisors';
  const answer = await compute.call(
    {
      method: 'GET',
      path: '/os-hypervisors/detail',
      what,
      version: { want: '2.87', least: '2.53' },
      deadlineMs: 90_000,
    },
    signal,
  );
  return parsed(hypervisors, answer.body, compute.type, what).hypervisors.map((h) => ({
    id: h.id,
    hostname: h.hypervisor_hostname,
    host: h.service.host,
    up: h.state === 'up',
    enabled: h.status === 'enabled',
    type: h.hypervisor_type,
    runningServers: h.running_vms ?? undefined,
  }));
}

const zones = z.object({
  availabilityZoneInfo: z.array(
    z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) }),
  ),
});

export async function listZones(
  compute: Service,
  signal?: AbortSignal,
): Promise<{ name: string; available: boolean }[]> {
  const what = 'list the availability zones';
  const answer = await compute.call({ method: 'GET', path: '/os-availability-zone', what }, signal);
  return parsed(zones, answer.body, compute.type, what).availabilityZoneInfo.map((zone) => ({
    name: zone.zoneName,
    available: zone.zoneState.available,
  }));
}
