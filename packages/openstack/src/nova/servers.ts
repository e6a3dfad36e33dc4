import { z } from 'zod';
import { isFault } from '@anyseat/base';
import { parsed } from '../parsed.ts';
import { garbled, type Service } from '../service.ts';
import { LISTING_MS, SERVERS } from './listServers.ts';
import { serverRecord, type ServerRecord } from './serverRecord.ts';

/** The body of `POST /servers`, ids resolved. */
export interface ServerRequest {
  readonly name: string;
  /** ≥ 2.90. 63 characters of a–z, 0–9 and dashes. */
  readonly hostname: string;
  readonly imageRef: string;
  readonly flavorRef: string;
  readonly networks: readonly ({ readonly uuid: string } | { readonly port: string })[] | 'auto' | 'none';
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly config_drive: boolean;
  /** Base 64. */
  readonly user_data?: string | undefined;
  readonly availability_zone?: string | undefined;
  /** Only where Nova makes the port. */
  readonly security_groups?: readonly { readonly name: string }[] | undefined;
}

/** The POST does Glance's, Neutron's and the quota's work before it answers. */
const CREATE_MS = 90_000;

/**
 * Orders a server. There is no key that would make this repeatable, so it is sent once: again only when it surely never
 * arrived, was refused for its token (401), or put off (429). A fault with `sent: true` and a status of 5xx or none leaves open
 * whether the order was taken.
 */
export async function createServer(
  compute: Service,
  server: ServerRequest,
  signal?: AbortSignal,
): Promise<{ id: string }> {
  const what = 'create a server';
  const answer = await compute.call(
    {
      method: 'POST',
      path: '/servers',
      body: { server },
      what,
      version: { want: '2.90', least: '2.90', because: 'give a server its host name' },
      deadlineMs: CREATE_MS,
      once: true,
    },
    signal,
  );
  const body = z.object({ server: z.object({ id: z.string().min(1) }) }).safeParse(answer.body);
  const id = body.success
    ? body.data.server.id
    : /\/servers\/([\w-]+)$/.exec(answer.headers['location'] ?? '')?.[1];
  if (id === undefined) throw garbled(compute.type, what, 'no id');
  return { id };
}

const one = z.object({ server: z.unknown() });

/**
 * One server; `gone` only when Nova itself says that there is none: a 404 of a proxy, or of an address that is no
 * longer Nova's, is not proof. A server whose cell is down has the status UNKNOWN.
 */
export async function showServer(
  compute: Service,
  id: string,
  signal?: AbortSignal,
): Promise<ServerRecord | 'gone'> {
  const what = 'look at a server';
  try {
    const answer = await compute.call(
      { method: 'GET', path: serverPath(id), what, version: SERVERS, deadlineMs: LISTING_MS },
      signal,
    );
    const record = serverRecord(parsed(one, answer.body, compute.type, what).server);
    if (!record) throw garbled(compute.type, what, 'no server in it');
    return record;
  } catch (error) {
    if (isNoSuchServer(error)) return 'gone';
    throw error;
  }
}

/** Asks for removal. `gone` when there is no such server. A second request while the first is at work does nothing. */
export async function deleteServer(
  compute: Service,
  id: string,
  signal?: AbortSignal,
): Promise<'asked' | 'gone'> {
  try {
    await compute.call(
      { method: 'DELETE', path: serverPath(id), what: 'remove a server', version: SERVERS },
      signal,
    );
    return 'asked';
  } catch (error) {
    if (isNoSuchServer(error)) return 'gone';
    throw error;
  }
}

export const serverPath = (id: string, below = ''): string => `/servers/${encodeURIComponent(id)}${below}`;

/** Nova's own 404, with its own name for it. */
export const isNoSuchServer = (error: unknown): boolean =>
  isFault(error, 'cloud-not-found') && error.fields['type'] === 'itemNotFound';
