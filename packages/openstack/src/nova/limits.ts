import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

/** A limit and what is used of it; `most` is Infinity where there is none. */
export interface Limit {
  readonly most: number;
  readonly used: number;
}

export interface Limits {
  readonly servers: Limit;
  readonly cores: Limit;
  readonly memoryMb: Limit;
  /** Entries of metadata on one server. */
  readonly metadataEntries: number;
}

const body = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      totalInstancesUsed: z.number(),
      maxTotalCores: z.number(),
      totalCoresUsed: z.number(),
      maxTotalRAMSize: z.number(),
      totalRAMUsed: z.number(),
      maxServerMeta: z.number(),
    }),
  }),
});

/** The project's own limits. Counted from the cells: too low while one of them is down. */
export async function showLimits(compute: Service, signal?: AbortSignal): Promise<Limits> {
  const what = 'read the limits';
  const answer = await compute.call(
    { method: 'GET', path: '/limits', what, version: { want: '2.57' } },
    signal,
  );
  const a = parsed(body, answer.body, compute.type, what).limits.absolute;
  return {
    servers: { most: unlimited(a.maxTotalInstances), used: a.totalInstancesUsed },
    cores: { most: unlimited(a.maxTotalCores), used: a.totalCoresUsed },
    memoryMb: { most: unlimited(a.maxTotalRAMSize), used: a.totalRAMUsed },
    metadataEntries: unlimited(a.maxServerMeta),
  };
}

const unlimited = (n: number): number => (n < 0 ? Infinity : n);
