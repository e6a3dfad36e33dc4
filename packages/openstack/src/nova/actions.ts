import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';
import { SERVERS } from './listServers.ts';
import { serverPath } from './servers.ts';

/**
 * `POST /servers/{id}/action`. Nova answers 202 and works on; 409 (`cloud-conflict`) when the server is in no state for it,
 * as when it is already in the state wanted. None is repeated by itself.
 */
async function act(
  compute: Service,
  id: string,
  what: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const answer = await compute.call(
    { method: 'POST', path: serverPath(id, '/action'), body, what, version: SERVERS },
    signal,
  );
  return answer.body;
}

export async function startServer(compute: Service, id: string, signal?: AbortSignal): Promise<void> {
  await act(compute, id, 'start a server', { 'os-start': null }, signal);
}

/** Asks the guest to shut down, and switches it off when it has not within `shutdown_timeout` (60 s). */
export async function stopServer(compute: Service, id: string, signal?: AbortSignal): Promise<void> {
  await act(compute, id, 'stop a server', { 'os-stop': null }, signal);
}

/** A hard one makes the guest anew, and its SPICE port may change with it. */
export async function rebootServer(
  compute: Service,
  id: string,
  kind: 'SOFT' | 'HARD',
  signal?: AbortSignal,
): Promise<void> {
  await act(compute, id, 'reboot a server', { reboot: { type: kind } }, signal);
}

export interface RebuildRequest {
  readonly imageRef: string;
  /** Replaces all of it. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly hostname?: string | undefined;
  /** Base 64. */
  readonly user_data?: string | undefined;
}

/**
 * The same server with a new disk from an image. Below 2.93 a server on a volume keeps its old disk, and so the last person's
 * data. Refused for guests with a TPM. Sent once: a second one would begin anew, whoever sits there by then. A fault with
 * `sent: true` and a status of 5xx or none leaves open whether it was taken.
 */
export async function rebuildServer(
  compute: Service,
  id: string,
  request: RebuildRequest,
  signal?: AbortSignal,
): Promise<void> {
  await compute.call(
    {
      method: 'POST',
      path: serverPath(id, '/action'),
      body: { rebuild: request },
      what: 'rebuild a server',
      version: { want: '2.93', least: '2.93', because: 'rebuild a server on a volume with a clean disk' },
      deadlineMs: 90_000,
      once: true,
    },
    signal,
  );
}

/** A lock keeps the owner's credentials from changing the server; an admin's are not kept from it. */
export async function lockServer(
  compute: Service,
  id: string,
  reason: string,
  signal?: AbortSignal,
): Promise<void> {
  await act(compute, id, 'lock a server', { lock: { locked_reason: reason } }, signal);
}

export async function unlockServer(compute: Service, id: string, signal?: AbortSignal): Promise<void> {
  await act(compute, id, 'unlock a server', { unlock: null }, signal);
}

/** Admin. Changes what the database says, and nothing else; what is stuck can be removed afterwards. */
export async function resetState(
  compute: Service,
  id: string,
  state: 'active' | 'error',
  signal?: AbortSignal,
): Promise<void> {
  await act(compute, id, 'reset the state of a server', { 'os-resetState': { state } }, signal);
}

/** Removes at once what waits in SOFT_DELETED (`reclaim_instance_interval`): it still takes quota and a host. */
export async function forceDeleteServer(compute: Service, id: string, signal?: AbortSignal): Promise<void> {
  await act(compute, id, 'remove a server for good', { forceDelete: null }, signal);
}

/** The last lines of the serial console: why a guest did not come up. */
export async function consoleOutput(
  compute: Service,
  id: string,
  lines: number,
  signal?: AbortSignal,
): Promise<string> {
  const what = 'read the console of a server';
  const body = await act(compute, id, what, { 'os-getConsoleOutput': { length: lines } }, signal);
  return parsed(z.object({ output: z.string().nullish() }), body, compute.type, what).output ?? '';
}
