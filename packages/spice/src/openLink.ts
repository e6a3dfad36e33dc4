import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { messageOf, systemClock, type Clock } from '@anyseat/base';
import { ByteReader, PeerGone } from './byteReader.ts';
import { subjectMatches } from './certificateSubject.ts';
import type { SpiceEndpoint } from './endpoint.ts';

/** Why a link did not come to what it was made for. `why` is for a log line or an operator, and holds no secret. */
export type LinkFailure =
  /** Nobody answers there: refused, no route, no such name, or closed before a word. */
  | { outcome: 'unreachable'; why: string }
  /** Somebody answered too slowly, or never ended; `why` says what was being waited for. */
  | { outcome: 'timed-out'; why: string }
  /** It broke off in the middle: it ended, or somebody else took the link. */
  | { outcome: 'closed'; why: string }
  /** Somebody answered, but not as a SPICE server does. */
  | { outcome: 'not-spice'; why: string }
  /** The certificate is not from our authority, not for this host or subject, or over. */
  | { outcome: 'bad-certificate'; why: string }
  /** A SPICE server that lets nobody in without TLS. */
  | { outcome: 'needs-tls'; why: string }
  /** A SPICE server that will not have this link, for another reason (`error`: its number for it). */
  | { outcome: 'refused'; error: number; why: string };

export interface LinkOptions {
  /** For the whole of it, names, TLS and all. */
  timeoutMs?: number;
  clock?: Clock;
}

export const DEFAULT_LINK_TIMEOUT_MS = 3000;

/** An open connection while it is used, and what it is being waited for, should it be too slow. */
export interface OpenLink {
  readonly socket: Socket;
  readonly reader: ByteReader;
  waitingFor: string;
}

/** Thrown inside `withLink` to end it with an outcome; never seen outside. */
export class LinkEnded extends Error {
  override readonly name = 'LinkEnded';
  readonly failure: LinkFailure;
  constructor(failure: LinkFailure) {
    super(failure.why);
    this.failure = failure;
  }
}

/**
 * Connects, by TLS where there is a TLS port, and closes again whatever happens. Every way in which network or peer
 * can fail is an outcome; only a bug of ours is thrown.
 */
export function withLink<T>(
  endpoint: SpiceEndpoint,
  options: LinkOptions,
  use: (link: OpenLink) => Promise<T>,
): Promise<T | LinkFailure> {
  return openLink(endpoint, options, use, () => false);
}

/** As `withLink`, but what `use` came to may keep the connection: it is then `use`'s own to close. */
export async function openLink<T>(
  endpoint: SpiceEndpoint,
  options: LinkOptions,
  use: (link: OpenLink) => Promise<T>,
  keeps: (result: T) => boolean,
): Promise<T | LinkFailure> {
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? DEFAULT_LINK_TIMEOUT_MS;
  const port = endpoint.tlsPort ?? endpoint.port;
  // Nova says -1 or nothing for a VM that is not running. (Node would throw on it, and leak a handle.)
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return { outcome: 'unreachable', why: `${endpoint.host} has no SPICE port` };
  }

  const socket = open(endpoint, port);
  if ('outcome' in socket) return socket;
  const link: OpenLink = { socket, reader: new ByteReader(socket), waitingFor: 'the connection' };
  let late = false;
  let kept = false;
  using _deadline = clock.after(timeoutMs, () => {
    late = true;
    socket.destroy();
  });
  try {
    await connected(socket);
    socket.setNoDelay(true);
    link.waitingFor = 'the first word';
    const result = await use(link);
    kept = !late && keeps(result);
    return result;
  } catch (error) {
    if (late)
      return { outcome: 'timed-out', why: `waited ${timeoutMs} ms, at the end for ${link.waitingFor}` };
    if (error instanceof LinkEnded) return error.failure;
    if (error instanceof PeerGone) return peerGone(error, link);
    if (error instanceof NotConnected) return notConnected(error, socket);
    throw error;
  } finally {
    if (!kept) socket.destroy();
  }
}

class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

function open(endpoint: SpiceEndpoint, port: number): Socket | LinkFailure {
  const { host, ca, hostSubject } = endpoint;
  try {
    if (endpoint.tlsPort === undefined) return connectTcp({ host, port });
    return connectTls({
      host,
      port,
      ...(ca === undefined ? {} : { ca }),
      ...(hostSubject === undefined ? {} : { checkServerIdentity: compareSubject(hostSubject) }),
    });
  } catch (error) {
    // What can be wrong before anything is sent: an authority that is no PEM.
    if (ca === undefined) throw error;
    return { outcome: 'bad-certificate', why: `the authority cannot be read: ${messageOf(error)}` };
  }
}

function compareSubject(wanted: string) {
  return (_host: string, peer: PeerCertificate): Error | undefined => {
    const { subject } = new X509Certificate(peer.raw);
    if (subjectMatches(wanted, subject)) return undefined;
    return new Error(`the certificate's subject is ${subject.replaceAll('\n', ',')}, not ${wanted}`);
  };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const ready = 'authorized' in socket ? 'secureConnect' : 'connect';
    const onError = (error: Error) => reject(new NotConnected(error.message, { cause: error }));
    const onClose = () => reject(new NotConnected('closed before it was open'));
    socket.once(ready, () => {
      // What goes wrong from here on is the reader's to tell.
      socket.off('error', onError).off('close', onClose);
      resolve();
    });
    socket.once('error', onError).once('close', onClose);
  });
}

function notConnected(error: NotConnected, socket: Socket): LinkFailure {
  const why = error.message;
  const tls = socket as Partial<TLSSocket>;
  // Set by Node when the handshake went well and only the certificate did not please.
  if (tls.authorizationError) return { outcome: 'bad-certificate', why };
  // A TCP connection stood, so somebody is there; what he speaks is not TLS.
  if (tls.authorized !== undefined && !isRefusal(error.cause)) return { outcome: 'not-spice', why };
  return { outcome: 'unreachable', why };
}

const REFUSALS = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EINVAL',
]);

function isRefusal(error: unknown): boolean {
  return REFUSALS.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

function peerGone(gone: PeerGone, link: OpenLink): LinkFailure {
  const how = gone.cause instanceof Error ? gone.cause.message : 'closed';
  return link.reader.total === 0
    ? { outcome: 'unreachable', why: `closed before a word (${how})` }
    : { outcome: 'closed', why: `closed while we waited for ${link.waitingFor} (${how})` };
}
