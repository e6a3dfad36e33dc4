import { isFault } from '@anyseat/base';
import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

export interface Port {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** The server it is on; empty for one left behind. */
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly addresses: readonly string[];
}

const ports = z.object({
  ports: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullish(),
      status: z.string(),
      device_id: z.string().nullish(),
      device_owner: z.string().nullish(),
      fixed_ips: z.array(z.object({ ip_address: z.string() })).nullish(),
    }),
  ),
});

/** The ports of one server, with the addresses that Neutron gave it: Nova's own copy of them may lag behind. */
export async function portsOf(neutron: Service, serverId: string, signal?: AbortSignal): Promise<Port[]> {
  const what = 'list the ports of a server';
  const query = new URLSearchParams({ device_id: serverId });
  const answer = await neutron.call({ method: 'GET', path: '/ports', query, what }, signal);
  return parsed(ports, answer.body, neutron.type, what).ports.map((port) => ({
    id: port.id,
    name: port.name ?? '',
    status: port.status,
    deviceId: port.device_id ?? '',
    deviceOwner: port.device_owner ?? '',
    addresses: (port.fixed_ips ?? []).map((ip) => ip.ip_address),
  }));
}

/**
 * The ports that are on a server, or were: by whom they are used stays when Nova fails to take one away. One page: where an
 * operator limits pages (`pagination_max_limit`) some are not seen.
 */
export async function portsOnServers(
  neutron: Service,
  signal?: AbortSignal,
): Promise<{ id: string; serverId: string }[]> {
  const what = 'list the ports on servers';
  const query = new URLSearchParams({ project_id: await neutron.whoami(signal).then((me) => me.projectId) });
  for (const field of ['id', 'device_id', 'device_owner', 'status']) query.append('fields', field);
  const answer = await neutron.call(
    { method: 'GET', path: '/ports', query, what, deadlineMs: 90_000 },
    signal,
  );
  return parsed(ports, answer.body, neutron.type, what)
    .ports.filter((port) => (port.device_owner ?? '').startsWith('compute:') && port.device_id)
    .map((port) => ({ id: port.id, serverId: port.device_id! }));
}

/** Removing what is gone is success. */
export async function deletePort(neutron: Service, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await neutron.call(
      { method: 'DELETE', path: `/ports/${encodeURIComponent(id)}`, what: 'remove a port' },
      signal,
    );
  } catch (error) {
    if (isFault(error, 'cloud-not-found')) return;
    throw error;
  }
}
