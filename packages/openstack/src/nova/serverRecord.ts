import { z } from 'zod';

const text = z.string().nullish();

/**
 * A server as `GET /servers/detail` and `GET /servers/{id}` give it, as far as anybody here wants to know. Nearly all of it
 * may be missing: a server whose cell is down has an id, the status UNKNOWN and little else (≥ 2.69).
 */
const body = z.object({
  id: z.string().min(1),
  status: z.string(),
  name: text,
  created: text,
  tenant_id: text,
  user_id: text,
  metadata: z.record(z.string(), z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
  hostId: text,
  host_status: text,
  'OS-EXT-SRV-ATTR:host': text,
  'OS-EXT-STS:vm_state': text,
  'OS-EXT-STS:task_state': text,
  'OS-EXT-STS:power_state': z.number().nullish(),
  locked: z.boolean().nullish(),
  // Neither is worth losing a server for.
  fault: z.object({ code: z.number(), message: z.string() }).nullish().catch(undefined),
  addresses: z
    .record(z.string(), z.array(z.object({ addr: z.string() })))
    .nullish()
    .catch(undefined),
});

export interface ServerRecord {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly vmState: string | undefined;
  readonly taskState: string | undefined;
  /** 0 none, 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended (nova/compute/power_state.py). */
  readonly powerState: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly projectId: string | undefined;
  readonly userId: string | undefined;
  /** Only for credentials that may see it. */
  readonly host: string | undefined;
  readonly hostId: string | undefined;
  /** UP, DOWN, UNKNOWN, MAINTENANCE; where the policy lets it be seen. */
  readonly hostStatus: string | undefined;
  readonly fault: { readonly code: number; readonly message: string } | undefined;
  readonly addresses: readonly string[];
  readonly locked: boolean;
  /** Epoch ms; 0 where the cloud does not say. */
  readonly createdAt: number;
}

/** Undefined for what is no server. */
export function serverRecord(item: unknown): ServerRecord | undefined {
  const result = body.safeParse(item);
  if (!result.success) return undefined;
  const b = result.data;
  return {
    id: b.id,
    name: b.name ?? '',
    status: b.status,
    vmState: b['OS-EXT-STS:vm_state'] ?? undefined,
    taskState: b['OS-EXT-STS:task_state'] ?? undefined,
    powerState: b['OS-EXT-STS:power_state'] ?? undefined,
    metadata: b.metadata ?? {},
    tags: b.tags ?? [],
    projectId: b.tenant_id ?? undefined,
    userId: b.user_id ?? undefined,
    // Empty before there is a host, and after shelving.
    host: b['OS-EXT-SRV-ATTR:host'] || undefined,
    hostId: b.hostId || undefined,
    hostStatus: b.host_status || undefined,
    fault: b.fault ?? undefined,
    addresses: Object.values(b.addresses ?? {}).flatMap((list) => list.map((one) => one.addr)),
    locked: b.locked ?? false,
    createdAt: Date.parse(b.created ?? '') || 0,
  };
}

/** An id, even of what is otherwise no server: a listing goes on behind it. */
export function idOf(item: unknown): string | undefined {
  const id = (item as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' && id !== '' ? id : undefined;
}
