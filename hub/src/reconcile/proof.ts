import { connect } from 'node:net';
import { Fault, type Clock } from '@anyseat/base';
import type { Readiness, SpiceDisplay } from '@anyseat/protocol';
import { bareLink, proveIdentity } from '@anyseat/spice';
import type { Cloud, SpiceSettings } from '../cloud/cloud.ts';
import type { Endpoint } from '../domain/desktop.ts';

/** Whether a desktop is what it should be, at this endpoint. `wrong-desktop`: another VM answers there. */
export type ProofResult =
  | { ok: true }
  | { ok: false; code: 'unreachable' | 'wrong-desktop' | 'refused' | 'no-identity'; text: string };

const LINK_TIMEOUT_MS = 3000;

/**
 * The display as a viewer is to open it: TLS as the cloud's settings ask, only the TLS port where there is one (a viewer
 * that is given both speaks plain text). Undefined where the settings cannot be met.
 */
export function displayOf(endpoint: Endpoint, spice: SpiceSettings): SpiceDisplay | undefined {
  const tls = spice.tls !== 'never' && endpoint.tlsPort !== undefined;
  if (spice.tls === 'require' && !tls) return undefined;
  if (!tls && endpoint.port === undefined) return undefined;
  return {
    kind: 'spice',
    host: endpoint.host,
    ...(tls ? { tlsPort: endpoint.tlsPort } : { port: endpoint.port }),
    ...(tls && spice.ca !== undefined ? { ca: spice.ca } : {}),
    ...(tls && spice.hostSubject !== undefined ? { hostSubject: spice.hostSubject } : {}),
    ...(spice.password !== undefined ? { password: spice.password } : {}),
  };
}

/**
 * Proves that this very server answers there, by the UUID that it tells on a full link (rule 12). Only for a desktop
 * that nobody holds: a full link throws out whoever is connected (rule 13).
 */
export async function proveDesktop(
  serverId: string,
  endpoint: Endpoint,
  spice: SpiceSettings,
  clock: Clock,
): Promise<ProofResult> {
  const display = displayOf(endpoint, spice);
  if (!display) return { ok: false, code: 'refused', text: noTls(endpoint) };
  const proof = await proveIdentity(display, { timeoutMs: LINK_TIMEOUT_MS, clock });
  switch (proof.outcome) {
    case 'proved':
      if (proof.uuid === serverId.toLowerCase()) return { ok: true };
      return {
        ok: false,
        code: 'wrong-desktop',
        text: `${addressOf(display)} is ${proof.name || proof.uuid}`,
      };
    case 'no-identity':
      return { ok: false, code: 'no-identity', text: proof.why };
    case 'unreachable':
    case 'timed-out':
    case 'closed':
      return { ok: false, code: 'unreachable', text: `${addressOf(display)}: ${proof.why}` };
    case 'refused-ticket':
    case 'not-spice':
    case 'bad-certificate':
    case 'needs-tls':
    case 'refused':
      return { ok: false, code: 'refused', text: `${addressOf(display)}: ${proof.why}` };
    default:
      return proof satisfies never;
  }
}

/** Whether a SPICE server answers at all: the one look that is allowed at a desktop that somebody holds. */
export async function answers(endpoint: Endpoint, spice: SpiceSettings, clock: Clock): Promise<ProofResult> {
  const display = displayOf(endpoint, spice);
  if (!display) return { ok: false, code: 'refused', text: noTls(endpoint) };
  const link = await bareLink(display, { timeoutMs: LINK_TIMEOUT_MS, clock });
  if (link.outcome === 'answered') return { ok: true };
  return { ok: false, code: 'unreachable', text: `${addressOf(display)}: ${link.why}` };
}

/**
 * Where the display is now, asked of the cloud, by `withinMs` at the latest.
 * @throws what the cloud throws: `cloud-no-console` when it has none now, `cloud-unreachable` when it does not say in time
 */
export async function resolveEndpoint(
  cloud: Cloud,
  serverId: string,
  clock: Clock,
  withinMs: number,
  stop?: AbortSignal,
): Promise<Endpoint> {
  const late = new AbortController();
  const text = `the cloud did not say within ${withinMs} ms where the display is`;
  using _ = clock.after(withinMs, () => late.abort(new Fault('cloud-unreachable', 'transient', text)));
  const found = await cloud.endpoint(serverId, stop ? AbortSignal.any([late.signal, stop]) : late.signal);
  return { ...found, resolvedAt: clock.now() };
}

/** Whether something listens on a TCP port of the guest. */
export function tcpAnswers(host: string, port: number): Promise<ProofResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LINK_TIMEOUT_MS });
    const over = (result: ProofResult) => {
      socket.destroy();
      resolve(result);
    };
    const no = (why: string) => over({ ok: false, code: 'unreachable', text: `${host}:${port}: ${why}` });
    socket.once('connect', () => over({ ok: true }));
    socket.once('timeout', () => no('no answer'));
    socket.once('error', (error) => no(error.message));
  });
}

/** Whether this readiness is proved over the display. */
export const provesDisplay = (readiness: Readiness): boolean => readiness.kind === 'spice';

const addressOf = (display: SpiceDisplay): string => `${display.host}:${display.tlsPort ?? display.port}`;

const noTls = (endpoint: Endpoint): string =>
  `the cloud gives no TLS port for ${endpoint.host}, and this hub's settings require one`;
