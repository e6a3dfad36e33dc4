import { createHash } from 'node:crypto';
import type { Cloud } from '../../model/cloud.ts';
import { statusOf, type Server } from '../../model/server.ts';
import { isoMicros, isoSeconds } from '../answer.ts';
import type { NovaDeps } from './nova.ts';

/** Who looks, and how. */
export interface Eyes {
  minor: number;
  isAdmin: boolean;
  /** One server by itself shows its groups (2.71); in a list it does not. */
  alone: boolean;
}

const PROGRESS = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

export function selfLinks(deps: NovaDeps, kind: string, id: string): object[] {
  return [
    { rel: 'self', href: `${deps.base()}/v2.1/${kind}/${id}` },
    { rel: 'bookmark', href: `${deps.base()}/${kind}/${id}` },
  ];
}

/** A row of GET /servers. */
export const briefServer = (deps: NovaDeps, server: Server): object => ({
  id: server.id,
  name: server.name,
  links: selfLinks(deps, 'servers', server.id),
});

/** A server as nova/api/openstack/compute/views/servers.py shows it, field by field as microversions brought them. */
export function viewServer(deps: NovaDeps, server: Server, eyes: Eyes): Record<string, unknown> {
  const { cloud } = deps;
  const { minor, isAdmin } = eyes;
  const status = statusOf(server);
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostIdOf(server),
    image: viewImage(deps, server, minor),
    flavor: viewFlavor(deps, server, minor),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: addressesOf(cloud, server, true),
    accessIPv4: '',
    accessIPv6: '',
    links: selfLinks(deps, 'servers', server.id),
    'OS-DCF:diskConfig': 'MANUAL',
    ...((status === 'ERROR' || status === 'DELETED') && faultOf(server, isAdmin)),
    ...(PROGRESS.has(status) && { progress: 0 }),
    'OS-EXT-AZ:availability_zone': zoneOf(cloud, server),
    config_drive: server.configDrive ? 'True' : '',
    key_name: null,
    'OS-SRV-USG:launched_at': server.launchedAt === null ? null : isoMicros(server.launchedAt),
    'OS-SRV-USG:terminated_at': server.deletedAt === null ? null : isoMicros(server.deletedAt),
    // They are Neutron's, of its ports: without a port there are none.
    ...(cloud.ports.of(server.id).length > 0 && {
      security_groups: server.securityGroups.map((name) => ({ name })),
    }),
    ...(isAdmin && adminAttributes(server, minor)),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.power,
    'os-extended-volumes:volumes_attached': [],
    ...later(cloud, server, eyes),
  };
}

/** What microversions added at the end. */
function later(cloud: Cloud, server: Server, { minor, isAdmin, alone }: Eyes): object {
  return {
    ...(minor >= 16 && isAdmin && { host_status: hostStatusOf(cloud, server) }),
    ...(minor >= 9 && { locked: server.lock !== null }),
    ...(minor >= 73 && { locked_reason: server.lock?.reason ?? null }),
    ...(minor >= 19 && { description: server.description }),
    ...(minor >= 26 && { tags: server.tags }),
    ...(minor >= 63 && { trusted_image_certificates: null }),
    ...(minor >= 90 && !isAdmin && { 'OS-EXT-SRV-ATTR:hostname': server.hostName }),
    ...(minor >= 71 && alone && { server_groups: [] }),
    ...(minor >= 96 && { pinned_availability_zone: server.zone ?? null }),
    ...(minor >= 100 && { scheduler_hints: server.hints }),
  };
}

function adminAttributes(server: Server, minor: number): object {
  return {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': instanceName(server),
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
    ...(minor >= 3 && {
      'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
      'OS-EXT-SRV-ATTR:launch_index': server.launchIndex,
      'OS-EXT-SRV-ATTR:hostname': server.hostName,
      'OS-EXT-SRV-ATTR:kernel_id': '',
      'OS-EXT-SRV-ATTR:ramdisk_id': '',
      'OS-EXT-SRV-ATTR:root_device_name':
        server.host === null && server.launchedAt === null ? null : '/dev/sda',
      'OS-EXT-SRV-ATTR:user_data': server.userData,
    }),
  };
}

/** What little is told of a server whose cell does not answer (2.69): by itself a little more than in a list. */
export function viewUnknown(deps: NovaDeps, server: Server, eyes: Eyes): object {
  const least = {
    id: server.id,
    status: 'UNKNOWN',
    tenant_id: server.projectId,
    created: isoSeconds(server.createdAt),
    links: selfLinks(deps, 'servers', server.id),
  };
  if (!eyes.alone) return least;
  return {
    ...least,
    image: viewImage(deps, server, eyes.minor),
    flavor: viewFlavor(deps, server, eyes.minor),
    'OS-EXT-AZ:availability_zone': server.zone ?? 'UNKNOWN',
    'OS-EXT-STS:power_state': 0,
    user_id: server.userId,
    ...(eyes.minor >= 71 && { server_groups: [] }),
  };
}

/** By network. While it is being built it has none, whatever Neutron knows. `full`: with kind and MAC. */
export function addressesOf(cloud: Cloud, server: Server, full: boolean): Record<string, object[]> {
  if (server.vmState === 'building' || server.vmState === 'deleted') return {};
  const found: Record<string, object[]> = {};
  for (const port of cloud.ports.of(server.id)) {
    const name = cloud.ports.network(port.networkId)?.name ?? port.networkId;
    const more = full && { 'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': port.mac };
    (found[name] ??= []).push({ version: 4, addr: port.address, ...more });
  }
  return found;
}

export const instanceName = (server: Server): string =>
  `instance-${server.serial.toString(16).padStart(8, '0')}`;

/** The same for all servers of a project on a host, and nothing else (nova/utils.py `generate_hostid`). */
const hostIds = new Map<string, string>();

export function hostIdOf(server: Pick<Server, 'projectId' | 'host'>): string {
  if (server.host === null) return '';
  const key = server.projectId + server.host;
  const known = hostIds.get(key);
  if (known !== undefined) return known;
  const made = createHash('sha224').update(key).digest('hex');
  hostIds.set(key, made);
  return made;
}

function zoneOf(cloud: Cloud, server: Server): string {
  if (server.host !== null) return cloud.hosts.get(server.host)?.zone ?? '';
  // `default_schedule_zone`: until a host was found it says what was asked for, or where it would go.
  const looking = server.cell === 'request' || server.cell === 'cell0' || server.vmState === 'building';
  return looking ? (server.zone ?? cloud.hosts.all()[0]?.zone ?? '') : '';
}

export function hostStatusOf(cloud: Cloud, server: Server): string {
  const host = server.host === null ? undefined : cloud.hosts.get(server.host);
  if (!host || server.vmState === 'deleted') return '';
  if (host.forcedDown) return 'DOWN';
  if (!cloud.hosts.isUp(host)) return 'UNKNOWN';
  return host.disabled ? 'MAINTENANCE' : 'UP';
}

/** Details are for administrators, and for faults that are not 500. */
function faultOf({ fault }: Server, isAdmin: boolean): object {
  if (!fault) return {};
  const { code, message, details, at } = fault;
  const shown = details !== '' && (isAdmin || code !== 500);
  return { fault: { code, created: isoSeconds(at), message, ...(shown && { details }) } };
}

function viewImage(deps: NovaDeps, server: Server, minor: number): object {
  const href = `${deps.base()}/images/${server.imageId}`;
  const properties = deps.cloud.image(server.imageId)?.properties ?? {};
  return {
    id: server.imageId,
    links: [{ rel: 'bookmark', href }],
    ...(minor >= 98 && { properties }),
  };
}

function viewFlavor(deps: NovaDeps, server: Server, minor: number): object {
  const flavor = deps.cloud.flavorOf(server);
  if (minor < 47) {
    return { id: flavor.id, links: [{ rel: 'bookmark', href: `${deps.base()}/flavors/${flavor.id}` }] };
  }
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ramMb,
    disk: flavor.diskGb,
    ephemeral: 0,
    swap: 0,
    original_name: flavor.name,
    extra_specs: {},
  };
}
