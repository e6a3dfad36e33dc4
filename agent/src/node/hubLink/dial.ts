import { accessSync, constants, readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Fault } from '@anyseat/base';
import { CHANNEL_BYTES, CHANNEL_LABEL } from '@anyseat/protocol';
import { pinOf, type Pins } from './pins.ts';
import { throughProxy, type Proxy } from './throughProxy.ts';

/** A connection on which nothing has been said yet, to somebody who showed the right key. */
export interface Line {
  socket: Socket;
  /** What `hello` is bound to: the TLS exporter of this channel (RFC 9266) in base64, or `plain`. */
  channel: string;
  /** The pin of the key that the hub showed; absent without TLS. */
  shown?: string;
}

/** How a hub is known, and by which way it is reached. */
export interface Trust {
  pins: Pins;
  /** PEM of the hub's authority. */
  caFile?: string | undefined;
  /** For `wss`; plain connections stay on this machine. */
  proxy?: Proxy | undefined;
}

/** Below the ping of the protocol, for whoever forgets quiet connections on the way. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Connects and checks who answers, before a byte of ours goes out. With pins the key alone counts; a CA file is checked
 * besides; with neither, the authorities of the system and the host name decide.
 *
 * @throws Fault `hub-untrusted` (terminal) for a wrong key or certificate, `hub-unreachable` (transient) for the rest.
 */
export async function dial(url: URL, trust: Trust, signal: AbortSignal): Promise<Line> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || (url.protocol === 'wss:' ? 443 : 80);
  if (url.protocol === 'ws:') {
    const socket = connectTcp({ host, port, noDelay: true });
    await opened(socket, 'connect', signal);
    return { socket, channel: 'plain' };
  }
  const { proxy } = trust;
  const tunnel = proxy && (await throughProxy(proxy, `${url.hostname}:${port}`, signal));
  const socket = connectTls({
    ...(tunnel ? { socket: tunnel } : { host, port }),
    ...tlsOptions(host, trust),
  });
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  await opened(socket, 'secureConnect', signal);
  try {
    return { socket, ...proved(socket, trust) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * The CA file is read anew for each connection; a wrong path is to be known at the start, not as a hub that never answers.
 *
 * @throws Fault `ca-file-unreadable` (terminal)
 */
export function checkTrust(caFile: string | undefined): void {
  try {
    if (caFile !== undefined) accessSync(caFile, constants.R_OK);
  } catch (cause) {
    throw new Fault('ca-file-unreadable', 'terminal', `the hub's CA file ${caFile} cannot be read`, {
      cause,
    });
  }
}

function tlsOptions(host: string, { pins, caFile }: Trust): ConnectionOptions {
  return {
    // The exporter that binds `hello` to the channel is only sound from 1.3 on (RFC 9266 4.2).
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) ? {} : { servername: host }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    rejectUnauthorized: caFile !== undefined || !pins.used,
  };
}

function proved(socket: TLSSocket, { pins }: Trust): { channel: string; shown: string } {
  const shown = pinOf(socket.getPeerCertificate().raw);
  if (pins.used && !pins.accepts(shown)) {
    throw new Fault('hub-untrusted', 'terminal', `the hub showed the key ${shown}, which is not pinned`, {
      fields: { shown },
    });
  }
  const exported = socket.exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_LABEL, Buffer.alloc(0));
  return { channel: exported.toString('base64'), shown };
}

/** Resolves at `event`; a socket that fails, closes or takes too long is destroyed. */
async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason as Error);
  const onClose = () => reject(new Error('the connection was closed'));
  socket.once(event, resolve);
  socket.once('error', reject);
  socket.once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await promise;
  } catch (cause) {
    socket.destroy();
    socket.on('error', () => {});
    throw faultOf(cause);
  } finally {
    socket.off(event, resolve);
    socket.off('error', reject);
    socket.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Codes of a certificate that does not hold: OpenSSL's names (X509_V_ERR_…) and Node's own for the host name. */
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function faultOf(cause: unknown): Fault {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (CERTIFICATE.test(code)) {
    return new Fault('hub-untrusted', 'terminal', 'the certificate of the hub does not hold', { cause });
  }
  return new Fault('hub-unreachable', 'transient', 'the hub cannot be reached', { cause });
}
