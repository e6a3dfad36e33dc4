import { Agent, request } from 'undici';
import { isFault } from '@anyseat/base';
import type { TlsSettings } from '../credentials/credentials.ts';
import { cloudFault } from '../faults.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

export interface WireRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /**
   * A connection of its own, closed afterwards. A kept one may be closed by the other side while the request is under way,
   * and then nobody knows whether it was taken.
   */
  readonly fresh?: boolean | undefined;
}

export interface WireAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
}

const MOST_REDIRECTS = 3;
const CONNECT_MS = 10_000;

/**
 * HTTP to one cloud: kept connections, its own authority, no redirect to another host, no answer larger than allowed.
 * An answer of any status is an answer; a fault is what prevented one.
 */
export class Wire implements AsyncDisposable {
  readonly #kept: Agent;
  readonly #fresh: Agent;
  readonly #mostBytes: number;

  constructor(tls: TlsSettings, mostBytes: number) {
    const options: Agent.Options = {
      connect: {
        rejectUnauthorized: tls.verify,
        timeout: CONNECT_MS,
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.cert === undefined ? {} : { cert: tls.cert, key: tls.key }),
      },
      allowH2: false,
      // The caller's deadline is the only one that counts.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    this.#kept = new Agent(options);
    this.#fresh = new Agent({ ...options, pipelining: 0 });
    this.#mostBytes = mostBytes;
  }

  /** @throws Fault `cloud-unreachable` or `cloud-settings` with the field `sent`; the signal's reason when that is aborted. */
  async exchange(order: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    let url = order.url;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once({ ...order, url }, signal);
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
      // 300 is Keystone's list of versions, with an address beside it.
      if (location === undefined || answer.status === 300 || answer.status === 304) return answer;
      url = redirected(order, url, location, redirects);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#kept.destroy(), this.#fresh.destroy()]);
  }

  async #once(order: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    try {
      const answer = await request(order.url.href, {
        dispatcher: order.fresh ? this.#fresh : this.#kept,
        method: order.method,
        headers: order.headers,
        body: order.body ?? null,
        signal,
      });
      return {
        status: answer.statusCode,
        headers: plainHeaders(answer.headers),
        text: await readText(answer.body, this.#mostBytes),
        url: order.url,
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw wireFault(error, order.url);
    }
  }
}

function redirected(order: WireRequest, from: URL, location: string, redirects: number): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin !== from.origin || (order.method !== 'GET' && order.method !== 'HEAD')) {
    throw cloudFault(
      'cloud-settings',
      `${from.origin} sends requests on to ${to?.origin ?? location}, which is not followed: no token goes to another host. ` +
        'Correct the catalog, or set the endpoint override of this service.',
      { fields: { sent: false } },
    );
  }
  if (redirects >= MOST_REDIRECTS)
    throw cloudFault('cloud-unreachable', `${from.origin} redirects in a circle`, { fields: { sent: true } });
  return to;
}

async function readText(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    // Leaving the loop destroys the stream, and the connection with it.
    if (bytes > mostBytes)
      throw cloudFault('cloud-unreachable', `the answer is larger than ${mostBytes} bytes`, {
        fields: { sent: true },
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const TLS_TROUBLE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO$|INVALID_CA$)/;

function wireFault(error: unknown, url: URL): Error {
  if (isFault(error)) return error;
  const { code, syscall } = systemError(error);
  // Our own end, which no repetition mends.
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return new Error('the session with the cloud is closed', { cause: error });
  if (TLS_TROUBLE.test(code)) {
    return cloudFault(
      'cloud-settings',
      `the certificate or TLS of ${url.host} is not accepted (${code}); see cacert and verify in clouds.yaml`,
      { cause: error, fields: { sent: false, errno: code } },
    );
  }
  // Without a connection no byte was sent; any later error leaves that open.
  const sent = code !== 'UND_ERR_CONNECT_TIMEOUT' && syscall !== 'connect' && syscall !== 'getaddrinfo';
  return cloudFault(
    'cloud-unreachable',
    `${url.host} ${sent ? 'broke off' : 'cannot be reached'}${code ? ` (${code})` : ''}`,
    { cause: error, fields: { sent, errno: code } },
  );
}

function systemError(error: unknown): { code: string; syscall: string | undefined } {
  // Both addresses of a name were tried: the first says enough.
  if (error instanceof AggregateError) return systemError(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', syscall: undefined };
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? { code, syscall } : systemError(error.cause);
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
