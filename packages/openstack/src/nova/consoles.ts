import { z } from 'zod';
import { parsed } from '../parsed.ts';
import { garbled, type Service } from '../service.ts';
import { serverPath } from './servers.ts';

/**
 * `spice-direct` (≥ 2.99, 2025.1) tells the TLS port as well. `spice-html5` is meant for Nova's own web proxy, but its token
 * tells the plain port to whoever may look it up.
 */
export type ConsoleKind = 'spice-html5' | 'spice-direct';

/** Where a guest's SPICE server listens. */
export interface ConsoleTarget {
  readonly serverId: string;
  readonly host: string;
  /** Absent while the guest has none: libvirt says -1 until it runs. */
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
}

/** Somebody waits for it. */
const CONSOLE_MS = 15_000;

/**
 * Makes a console and gives its token, good for ten minutes (`[consoleauth]token_ttl`); the guest's own SPICE server knows
 * nothing of it. 400 where the server has no such console, 409 (`cloud-conflict`) while it is in no state for one.
 */
export async function openConsole(
  compute: Service,
  id: string,
  kind: ConsoleKind,
  signal?: AbortSignal,
): Promise<string> {
  const what = 'open a console';
  const answer = await compute.call(
    {
      method: 'POST',
      path: serverPath(id, '/remote-consoles'),
      body: { remote_console: { protocol: 'spice', type: kind } },
      what,
      version: kind === 'spice-direct' ? DIRECT : { want: '2.90', least: '2.6' },
      deadlineMs: CONSOLE_MS,
      urgent: true,
    },
    signal,
  );
  const schema = z.object({ remote_console: z.object({ url: z.string() }) });
  const { url } = parsed(schema, answer.body, compute.type, what).remote_console;
  const token = tokenIn(url);
  if (token === undefined) throw garbled(compute.type, what, 'no token in the address');
  return token;
}

export const DIRECT = { want: '2.99', least: '2.99', because: 'learn the TLS port of a console' } as const;

const target = z.object({
  console: z.object({
    instance_uuid: z.string(),
    host: z.string().min(1),
    port: z.number().nullish(),
    tls_port: z.number().nullish(),
  }),
});

/** What a token stands for. Admin, or a policy that opens `os_compute_api:os-console-auth-tokens`. 404 when it is over. */
export async function lookUpConsole(
  compute: Service,
  token: string,
  kind: ConsoleKind,
  signal?: AbortSignal,
): Promise<ConsoleTarget> {
  const what = 'look up a console token';
  const answer = await compute.call(
    {
      method: 'GET',
      path: `/os-console-auth-tokens/${encodeURIComponent(token)}`,
      what,
      // Below 2.31 only RDP is told, by a 401 that has nothing to do with our token.
      version: kind === 'spice-direct' ? DIRECT : { want: '2.90', least: '2.31' },
      deadlineMs: CONSOLE_MS,
      urgent: true,
    },
    signal,
  );
  const { console: found } = parsed(target, answer.body, compute.type, what);
  return {
    serverId: found.instance_uuid,
    host: found.host,
    port: realPort(found.port),
    tlsPort: realPort(found.tls_port),
  };
}

const realPort = (port: number | null | undefined): number | undefined =>
  typeof port === 'number' && port > 0 && port <= 65535 ? port : undefined;

/** `…?token=…`, or within `path=` as some proxies' pages have it. */
export function tokenIn(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { searchParams } = new URL(address);
  const own = searchParams.get('token') ?? /[?&]token=([^&]+)/.exec(searchParams.get('path') ?? '')?.[1];
  return own === undefined || own === '' ? undefined : own;
}
