import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Fault } from '@anyseat/base';

/** An HTTP proxy between this box and its hub. It sees TLS, and no byte of what is said. */
export interface Proxy {
  /** `http://proxy.example:3128` */
  url: string;
  /** Holds `user:password`; read anew for each connection. */
  loginFile?: string | undefined;
}

/**
 * A tunnel to `host:port` (RFC 9110 9.3.6).
 *
 * @param authority `hub.example:8443`, `[2001:db8::1]:8443`
 * @throws Fault `hub-unreachable` (transient): no proxy there, or it will not; the reason is for the log
 */
export async function throughProxy(proxy: Proxy, authority: string, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(proxy.url);
  const asked = request({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || 80,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...login(proxy.loginFile) },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const refused = (status: number | undefined) =>
    reject(unreachable(`the proxy ${proxy.url} answered ${status} to CONNECT ${authority}`));
  asked.once('connect', ({ statusCode }, socket: Socket, head) => {
    if (statusCode === 200 && head.length === 0) return resolve(socket);
    socket.destroy();
    // A TLS server does not speak first: somebody else does.
    return refused(statusCode);
  });
  // It answered as a server does that is no proxy.
  asked.once('response', (response) => {
    response.destroy();
    refused(response.statusCode);
  });
  asked.on('error', (cause) => reject(unreachable(`the proxy ${proxy.url} cannot be reached`, cause)));
  // Not the request's own `signal`: that would end the tunnel as well, long after it was made.
  const onAbort = () => asked.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    asked.end();
    const socket = await promise;
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    asked.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function login(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}

const unreachable = (text: string, cause?: unknown) =>
  new Fault('hub-unreachable', 'transient', text, cause === undefined ? {} : { cause });
