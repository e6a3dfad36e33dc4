import { hash } from 'node:crypto';
import { isFault, newSecret, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { SpiceDisplay } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Desktop, Endpoint } from '../domain/desktop.ts';
import { metadataKeys } from '../domain/naming.ts';
import type { Claim } from '../domain/session.ts';
import { answers, displayOf, proveDesktop, resolveEndpoint, type ProofResult } from '../reconcile/proof.ts';
import type { Store } from '../store/store.ts';

/** A secret for a grant, and what the store keeps of it. */
export interface Secret {
  secret: string;
  secretHash: string;
}

export const hashSecret = (secret: string): string => hash('sha256', secret, 'hex');

export function makeSecret(): Secret {
  const secret = newSecret();
  return { secret, secretHash: hashSecret(secret) };
}

/** Links that stand to desktops that are ready: the proof that was made before anybody asked. */
export interface Standing {
  /** Whether this very desktop answers over one, within a second. The link is over then. */
  take(desktop: Desktop): Promise<boolean>;
}

export interface GrantDeps {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  standing: Standing;
  clock: Clock;
  log: Log;
}

/**
 * What a desktop was found to be, just before it is granted. When it is no good: `look-again` where it could not be reached,
 * which may be the network's fault; `broken` where it is another's, refuses, or the cloud agrees that it is no more;
 * `unknown` where somebody's desktop does not answer and the cloud does not say that it is lost: then it is theirs still.
 */
export type Prepared =
  | { ok: true; display: SpiceDisplay }
  | { ok: false; verdict: 'look-again' | 'broken' | 'unknown'; code: string; text: string };

const RESOLVE_WITHIN_MS = SECOND;

/**
 * Makes sure, just before a grant, that the display is this very desktop's (rule 12).
 *
 * A desktop that nobody held is proved by the link that stands to it, if one does and answers; else by a full link, first
 * where it was last found: that needs nothing of the cloud's API, so ready desktops are handed out while it is down, and no
 * call to a compute host stands in anybody's login. Only when that fails is the display looked up anew, within a second,
 * and proved again.
 *
 * A desktop that somebody holds is looked up first, within a second, and gets the bare link only (rule 13). While the cloud
 * says nothing it is taken where it was last proved; by a full link when its seat says that nobody has it open, because it may
 * have died there, and another have its address. When the cloud says that it has no display, somebody else's may be there.
 */
export async function prepareGrant(desktop: Desktop, claim: Claim, deps: GrantDeps): Promise<Prepared> {
  const cloud = deps.clouds.get(desktop.cloud);
  if (!cloud) return no('unknown', 'cloud-unavailable', `hub.yaml names no cloud “${desktop.cloud}”`);
  // Whatever comes of it: from here on no link of ours is in the way of the person's viewer.
  const answered = await deps.standing.take(desktop);
  if (claim === 'held') return prepareHeld(desktop, cloud, deps);
  if (await isOff(desktop, cloud)) return no('unknown', 'unreachable', IS_OFF);
  return answered ? granted(desktop.endpoint!, cloud) : prepareFree(desktop, cloud, deps);
}

async function prepareFree(desktop: Desktop, cloud: Cloud, deps: GrantDeps): Promise<Prepared> {
  const failures: Exclude<ProofResult, { ok: true }>[] = [];
  for (const find of [() => desktop.endpoint, () => lookUp(desktop, cloud, deps)]) {
    const endpoint = await find();
    if (!endpoint || endpoint === 'none') continue;
    const proof = await proveDesktop(desktop.serverId!, endpoint, cloud.spice, deps.clock);
    if (proof.ok) return granted(endpoint, cloud);
    failures.push(proof);
    // Another one has the address, and is not to be linked to again.
    if (proof.code === 'wrong-desktop') await isNotThere(desktop, deps);
  }
  const code = failures.at(-1)?.code ?? 'unreachable';
  const text =
    failures.map((failure) => failure.text).join('; looked up anew: ') || 'its display was never found';
  return no(code === 'unreachable' ? 'look-again' : 'broken', code, text);
}

async function prepareHeld(desktop: Desktop, cloud: Cloud, deps: GrantDeps): Promise<Prepared> {
  const anew = desktop.unconfirmedSince === undefined ? false : await wasMadeAnew(desktop, cloud);
  if (anew === true)
    return no('broken', 'restored', 'it was made anew since the backup, and may be somebody else’s');
  // Its display may well be told, and its address be its own: it is the same server.
  if (anew === undefined)
    return no('unknown', 'unreachable', 'the cloud does not say whether it was made anew since the backup');
  const told = await lookUp(desktop, cloud, deps);
  const endpoint = told ?? desktop.endpoint;
  const answer: ProofResult =
    endpoint && endpoint !== 'none'
      ? await (told === undefined && endpoint.left
          ? proveDesktop(desktop.serverId!, endpoint, cloud.spice, deps.clock)
          : answers(endpoint, cloud.spice, deps.clock))
      : { ok: false, code: 'unreachable', text: 'its display cannot be found now' };
  if (answer.ok) return granted(endpoint as Endpoint, cloud);
  // It is not there, whatever the cloud says; once the cloud says nothing, another may be.
  if (told && told !== 'none') await isNotThere(desktop, deps);
  return no((await isLost(desktop, cloud)) ? 'broken' : 'unknown', answer.code, answer.text);
}

const IS_OFF = 'it was parked, and does not run again yet';

/**
 * Of one that was parked and that its person takes back: a guest that is asked to shut down answers for up to a minute still, and
 * would go off under its person. While the cloud says nothing, it is linked to.
 */
async function isOff({ state, readyAt, serverId }: Desktop, cloud: Cloud): Promise<boolean> {
  if (state !== 'bound' || readyAt !== undefined) return false;
  try {
    const server = await cloud.server(serverId!, AbortSignal.timeout(2 * SECOND));
    return server === 'gone' || server.state !== 'running';
  } catch {
    return false;
  }
}

/** Rebuilt after the backup that its row is from: whoever has it by that has it no more. Undefined while the cloud does not say. */
async function wasMadeAnew(desktop: Desktop, cloud: Cloud): Promise<boolean | undefined> {
  try {
    const server = await cloud.server(desktop.serverId!, AbortSignal.timeout(2 * SECOND));
    return server !== 'gone' && Number(server.metadata[metadataKeys.rebuild] ?? 0) > desktop.attempt;
  } catch {
    return undefined;
  }
}

const isNotThere = ({ id }: Desktop, { store }: GrantDeps) =>
  store.recordDesktop(id, { kind: 'moved', endpoint: undefined }, theHub);

/**
 * Of a desktop that was switched on again for the person who waits for it. It has most likely another port than before,
 * and somebody else's desktop may have the old one: it is looked up first, and proved by a full link (rule 12).
 */
export async function prepareRestarted(desktop: Desktop, deps: GrantDeps): Promise<Prepared> {
  const cloud = deps.clouds.get(desktop.cloud);
  if (!cloud) return no('unknown', 'cloud-unavailable', `hub.yaml names no cloud “${desktop.cloud}”`);
  await deps.standing.take(desktop);
  // As it stood in a backup: somebody may have it open (rule 13).
  if (desktop.unconfirmedSince !== undefined) return prepareHeld(desktop, cloud, deps);
  if (await isOff(desktop, cloud)) return no('unknown', 'unreachable', IS_OFF);
  const endpoint = (await lookUp(desktop, cloud, deps)) ?? desktop.endpoint;
  if (!endpoint || endpoint === 'none')
    return no('unknown', 'unreachable', 'its display cannot be found now');
  const proof = await proveDesktop(desktop.serverId!, endpoint, cloud.spice, deps.clock);
  return proof.ok ? granted(endpoint, cloud) : no('unknown', proof.code, proof.text);
}

const no = (verdict: 'look-again' | 'broken' | 'unknown', code: string, text: string): Prepared => ({
  ok: false,
  verdict,
  code,
  text,
});

/**
 * The display as the cloud has it now, kept for the next time; `none` when the cloud says that there is none, undefined
 * when it does not say within a second.
 */
async function lookUp(
  desktop: Desktop,
  cloud: Cloud,
  { store, clock, log }: GrantDeps,
): Promise<Endpoint | 'none' | undefined> {
  try {
    const endpoint = await resolveEndpoint(cloud, desktop.serverId!, clock, RESOLVE_WITHIN_MS);
    const { host, port, tlsPort } = desktop.endpoint ?? {};
    if (endpoint.host !== host || endpoint.port !== port || endpoint.tlsPort !== tlsPort) {
      await store.recordDesktop(desktop.id, { kind: 'moved', endpoint }, theHub);
    }
    return endpoint;
  } catch (error) {
    log.debug({ desktop: desktop.id, why: toFault(error).message }, 'the display could not be looked up');
    return isFault(error, 'cloud-no-console') ? 'none' : undefined;
  }
}

/** Whether the cloud says that the server was switched off: from inside, or by somebody. */
export async function isSwitchedOff(
  { cloud, serverId }: Desktop,
  { clouds }: Pick<GrantDeps, 'clouds'>,
): Promise<boolean> {
  try {
    const server = await clouds.get(cloud)?.server(serverId!, AbortSignal.timeout(2 * SECOND));
    return server !== undefined && server !== 'gone' && server.state === 'stopped';
  } catch {
    return false;
  }
}

/** Whether the cloud itself says that the server no longer runs; while it says nothing, nothing is lost. */
async function isLost(desktop: Desktop, cloud: Cloud): Promise<boolean> {
  try {
    const server = await cloud.server(desktop.serverId!, AbortSignal.timeout(2 * SECOND));
    return (
      server === 'gone' ||
      server.state === 'stopped' ||
      server.state === 'failed' ||
      server.state === 'leaving'
    );
  } catch {
    return false;
  }
}

function granted(endpoint: Endpoint, cloud: Cloud): Prepared {
  const display = displayOf(endpoint, cloud.spice);
  return display
    ? { ok: true, display }
    : no('unknown', 'refused', 'the display does not meet the settings for TLS');
}
