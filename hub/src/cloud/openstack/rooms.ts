import { isFault } from '@anyseat/base';
import {
  listHypervisors,
  listOtherServices,
  listProviders,
  roomOf,
  showLimits,
  type Room,
  type Session,
} from '@anyseat/openstack';
import type { CloudQuota, CloudService, HostRoom, Promised } from '../../domain/hostRoom.ts';

/** What the member's project may have, and has. */
export async function quotasOf({ compute }: Session, signal?: AbortSignal): Promise<CloudQuota[]> {
  const { servers, cores, memoryMb } = await showLimits(compute, signal);
  return [
    { name: 'servers', ...servers },
    { name: 'cores', ...cores },
    { name: 'memory (MB)', ...memoryMb },
  ];
}

/** Nova's services on its controllers; one that somebody disabled is not missed. */
export async function servicesOf({ compute }: Session, signal?: AbortSignal): Promise<CloudService[]> {
  return (await listOtherServices(compute, signal))
    .filter(({ status, up }) => status === 'enabled' && up !== undefined)
    .map(({ binary, host, up, forcedDown }) => ({
      name: `${binary} on ${host}`,
      up: up === true && !forcedDown,
    }));
}

/**
 * What each compute host has promised: one call, and two for each host, one after the other: three hundred hosts are some ten
 * seconds of a lane that nobody waits in.
 */
export async function roomsOf({ compute, placement }: Session, signal?: AbortSignal): Promise<HostRoom[]> {
  // Placement knows a host by its hypervisor's name, and everybody else by that of its compute service.
  const hosts = new Map((await listHypervisors(compute, signal)).map((one) => [one.hostname, one.host]));
  const rooms: HostRoom[] = [];
  for (const { id, name } of await listProviders(placement, signal)) {
    const host = hosts.get(name);
    if (host === undefined) continue;
    try {
      const { memoryMb, cpus } = await roomOf(placement, id, signal);
      rooms.push({ host, memoryMb: promised(memoryMb), cpus: promised(cpus) });
    } catch (error) {
      // It was taken away meanwhile.
      if (!isFault(error, 'cloud-not-found')) throw error;
    }
  }
  return rooms;
}

const promised = (room: Room | undefined): Promised | undefined =>
  room && { has: room.total - room.reserved, promised: room.used, ratio: room.ratio };
