import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

/** Of one thing that a host has: how much, how much of it is kept for itself, and how much is promised to servers. */
export interface Room {
  readonly total: number;
  readonly reserved: number;
  /** May be more than there is: up to (total − reserved) × ratio. */
  readonly used: number;
  readonly ratio: number;
}

export interface ProviderRoom {
  readonly memoryMb: Room | undefined;
  readonly cpus: Room | undefined;
}

const VERSION = { want: '1.39', least: '1.0' } as const;

const providers = z.object({
  resource_providers: z.array(z.object({ uuid: z.string(), name: z.string() })),
});

/** Resource providers: compute hosts by their hypervisor's name, and what else Placement keeps account of. Admin. */
export async function listProviders(
  placement: Service,
  signal?: AbortSignal,
): Promise<{ id: string; name: string }[]> {
  const what = 'list the resource providers';
  const answer = await placement.call(
    { method: 'GET', path: '/resource_providers', what, version: VERSION },
    signal,
  );
  return parsed(providers, answer.body, placement.type, what).resource_providers.map(({ uuid, name }) => ({
    id: uuid,
    name,
  }));
}

const inventories = z.object({
  inventories: z.record(
    z.string(),
    z.object({ total: z.number(), reserved: z.number(), allocation_ratio: z.number() }),
  ),
});
const usages = z.object({ usages: z.record(z.string(), z.number()) });

/** What a provider has and has promised, in two calls. Admin. @throws Fault `cloud-not-found` when it is gone */
export async function roomOf(placement: Service, id: string, signal?: AbortSignal): Promise<ProviderRoom> {
  const path = `/resource_providers/${encodeURIComponent(id)}`;
  const what = 'read what a host has promised';
  const ask = (part: string) =>
    placement.call({ method: 'GET', path: `${path}/${part}`, what, version: VERSION }, signal);
  const has = parsed(inventories, (await ask('inventories')).body, placement.type, what).inventories;
  const used = parsed(usages, (await ask('usages')).body, placement.type, what).usages;
  const of = (name: string): Room | undefined => {
    const own = has[name];
    return (
      own && { total: own.total, reserved: own.reserved, used: used[name] ?? 0, ratio: own.allocation_ratio }
    );
  };
  return { memoryMb: of('MEMORY_MB'), cpus: of('VCPU') };
}
