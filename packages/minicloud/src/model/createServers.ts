import type { Caller, Cloud } from './cloud.ts';
import { buildServer } from './buildServer.ts';
import type { Flavor } from './installation.ts';
import type { Image } from './image.ts';
import { checkWiring } from './ports.ts';
import { badRequest, forbidden } from './refusal.ts';
import { POWER, type Server, type Wiring } from './server.ts';

/** What POST /servers asks for, its body found to be well formed. */
export interface ServerOrder {
  name: string;
  hostName: string | undefined;
  description: string | null;
  flavorId: string;
  imageId: string;
  wiring: Wiring;
  zone: string | undefined;
  metadata: Record<string, string>;
  tags: string[];
  userData: string | null;
  configDrive: boolean;
  hints: Record<string, unknown>;
  securityGroups: string[];
  least: number;
  most: number;
}

/** `[quota]metadata_items`. */
export const METADATA_ITEMS = 128;

/**
 * What nova-api does while the caller waits: checks image, flavor, networks and quota, then writes the requests down.
 * Building goes on by itself. Nothing was created when it throws.
 *
 * @throws Refusal 400, 403 (quota) or 409, as Nova words them.
 */
export function createServers(cloud: Cloud, order: ServerOrder, caller: Caller): Server[] {
  const flavor = cloud.flavor(order.flavorId);
  if (!flavor || flavor.retired) throw badRequest(`Flavor ${order.flavorId} could not be found.`);
  const image = cloud.image(order.imageId);
  if (!image) throw badRequest('Can not find requested image');
  checkImage(image, flavor);
  if (order.zone !== undefined && !cloud.hosts.all().some((host) => host.zone === order.zone)) {
    throw badRequest('The requested availability zone is not available');
  }
  const { least, most } = order;
  if (order.hostName !== undefined && most > 1) {
    throw badRequest('Unable to allocate a single hostname to multiple instances');
  }
  const wires = checkWiring(order.wiring, cloud.installation.networks, cloud.ports, caller.projectId);
  if (most > 1 && wires.some((wire) => wire.port !== undefined)) {
    throw badRequest('It is not possible to attach multiple instances to the same port.');
  }
  checkMetadata(order.metadata);
  const count = grant(cloud, caller.projectId, flavor, wires.length, least, most);
  const reservationId = `r-${cloud.chance.letters(8, 'abcdefghijklmnopqrstuvwxyz0123456789')}`;
  return Array.from({ length: count }, (_, i) => {
    const name = most > 1 ? `${order.name}-${i + 1}` : order.name;
    const server = newServer(cloud, order, caller, name, reservationId, i);
    cloud.add(server);
    cloud.record(server, 'create', caller, 'compute__do_build_and_run_instance');
    cloud.begin(server, (course) => buildServer(cloud, server, course));
    return server;
  });
}

function newServer(
  cloud: Cloud,
  order: ServerOrder,
  caller: Caller,
  name: string,
  reservationId: string,
  launchIndex: number,
): Server {
  const now = cloud.clock.now();
  const id = cloud.chance.uuid();
  return {
    id,
    serial: cloud.nextSerial(),
    name,
    hostName: order.hostName ?? hostNameOf(name, id),
    description: order.description,
    projectId: caller.projectId,
    userId: caller.userId,
    createdAt: now,
    updatedAt: now,
    launchedAt: null,
    deletedAt: null,
    vmState: 'building',
    taskState: 'scheduling',
    power: POWER.none,
    cell: 'request',
    host: null,
    zone: order.zone,
    imageId: order.imageId,
    flavorId: order.flavorId,
    metadata: { ...order.metadata },
    tags: [...order.tags],
    userData: order.userData,
    configDrive: order.configDrive,
    hints: order.hints,
    lock: null,
    fault: null,
    reservationId,
    launchIndex,
    wiring: order.wiring,
    securityGroups: order.securityGroups.length > 0 ? order.securityGroups : ['default'],
    actions: [],
  };
}

function checkImage(image: Image, flavor: Flavor): void {
  if (image.status !== 'active') throw badRequest(`Image ${image.id} is not active.`);
  if (flavor.ramMb < image.minRamMb) throw badRequest("Flavor's memory is too small for requested image.");
  const gb = 2 ** 30;
  if (flavor.diskGb > 0 && flavor.diskGb < image.minDiskGb) {
    throw badRequest(
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ` +
        `${flavor.diskGb * gb} bytes, minimum size is ${image.minDiskGb * gb} bytes.`,
    );
  }
}

/** @throws Refusal 403 when it is more than the quota of metadata items. */
export function checkMetadata(metadata: Record<string, string>): void {
  const count = Object.keys(metadata).length;
  if (count > METADATA_ITEMS) {
    throw forbidden(`Maximum number of metadata items exceeds ${METADATA_ITEMS}`);
  }
}

/** How many of `least` to `most` servers the quota allows. @throws Refusal 403 when it is fewer than `least`. */
function grant(
  cloud: Cloud,
  projectId: string,
  flavor: Flavor,
  ports: number,
  least: number,
  most: number,
): number {
  const quota = cloud.quotaOf(projectId);
  const usage = cloud.usageOf(projectId);
  const rows = [
    { name: 'cores', each: flavor.vcpus, used: usage.cores, limit: quota.cores },
    { name: 'instances', each: 1, used: usage.instances, limit: quota.instances },
    { name: 'ram', each: flavor.ramMb, used: usage.ramMb, limit: quota.ramMb },
  ];
  for (let count = most; count >= least; count--) {
    const over = rows.filter((row) => row.limit >= 0 && row.used + count * row.each > row.limit);
    if (over.length === 0) {
      checkPorts(cloud, projectId, quota.ports, ports * count);
      return count;
    }
    if (count > least) continue;
    const list = (values: (string | number)[]) => values.join(', ');
    const names = list(over.map((row) => row.name));
    const of = list(over.map((row) => row.limit));
    throw forbidden(
      `Quota exceeded for ${names}: Requested ${list(over.map((row) => count * row.each))}, but already used ` +
        `${list(over.map((row) => row.used))} of ${of} ${names}`,
    );
  }
  return least;
}

function checkPorts(cloud: Cloud, projectId: string, limit: number, wanted: number): void {
  if (limit >= 0 && cloud.ports.countOf(projectId) + wanted > limit) {
    throw forbidden('Maximum number of ports exceeded');
  }
}

/** nova/utils.py `sanitize_hostname`. */
export function hostNameOf(name: string, id: string): string {
  const clean = name
    .normalize('NFKD')
    .replace(/[ _.]/g, '-')
    .replace(/[^\w-]+/g, '')
    .toLowerCase()
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return clean === '' ? `server-${id}` : clean;
}
