import { gunzipSync } from 'node:zlib';
import { Fault, SECOND } from '@anyseat/base';
import {
  lockRequest,
  logsRequest,
  messageRequest,
  powerRequest,
  readFingerprint,
  screenshotRequest,
  type ActAnswer,
  type LogsAnswer,
  type ScreenshotAnswer,
  type TcCommand,
} from '@anyseat/protocol';
import { isLive, type Session } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import { graceOf } from '../login/login.ts';
import { ANSWERS_WITHIN_MS, type Outcome } from '../tc/tcCommands.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** Those that may send a magic packet for another box; one that hears is enough. */
const NEIGHBOURS = 3;
/** The hub gives every request up after a minute. */
const MOST_WAIT_MS = 50 * SECOND;

/** A TC by its fingerprint, or by the seat where it stands. @throws Fault `tc-unknown` (refused) */
export async function tcNamed({ params }: Asked, { store }: OperatorDeps): Promise<Tc> {
  const name = params['tc'] ?? '';
  const fingerprint = readFingerprint(name);
  const tcs = (await store.tcs()).filter(({ state }) => state === 'enrolled');
  const tc = tcs.find((one) => one.fingerprint === fingerprint) ?? tcs.find((one) => one.seat === name);
  if (tc) return tc;
  throw new Fault(
    'tc-unknown',
    'refused',
    `there is no enrolled thin client with the fingerprint “${name}”, and none at a seat of that name`,
  );
}

const sessionAt = async (tc: Tc, { store }: OperatorDeps): Promise<Session | undefined> =>
  (await store.sessions({ live: true })).find((session) => session.tc === tc.id && isLive(session));

async function sessionRequired(tc: Tc, deps: OperatorDeps): Promise<Session> {
  const session = await sessionAt(tc, deps);
  if (session) return session;
  throw new Fault('session-unknown', 'refused', `nobody is logged in at ${placeOf(tc)}`);
}

const placeOf = (tc: Tc): string => (tc.seat === undefined ? tc.fingerprint : `seat ${tc.seat}`);

/** What a box said, or a fault where it would not or could not. */
function said(outcome: Outcome, tc: Tc): Outcome {
  const { state, text } = outcome;
  if (state !== 'refused' && state !== 'failed') return outcome;
  throw new Fault(`tc-command-${state}`, 'refused', `${placeOf(tc)}: ${text ?? state}`);
}

export async function messageTc(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const { text, waitSeconds } = messageRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  const { by, signal } = asked;
  const until = waitSeconds > 0 ? 'done' : 'accepted';
  const waitMs = waitSeconds > 0 ? Math.min(waitSeconds * SECOND, MOST_WAIT_MS) : ANSWERS_WITHIN_MS;
  const { state } = said(
    await deps.tcCommands.ask(tc.id, { do: 'message', text }, { by, until, waitMs, signal }),
    tc,
  );
  if (state === 'done') return { text: `Somebody at ${placeOf(tc)} has read it.` };
  if (state === 'accepted')
    return { text: `It is on the screen of ${placeOf(tc)}; when it is read, the audit has it.` };
  return { text: `${placeOf(tc)} did not say that it shows it; an agent of an earlier release cannot.` };
}

const DONE = {
  restartAgent: 'starts its agent anew',
  reboot: 'starts anew',
  shutDown: 'shuts down',
} as const;

/** Reboot, shut down, or start the agent anew. What takes a desktop from under somebody wants a second word. */
export async function powerTc(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const { do: what, anyway } = powerRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  const session = what === 'restartAgent' ? undefined : await sessionAt(tc, deps);
  if (session && !anyway)
    throw new Fault(
      'tc-in-use',
      'refused',
      `${session.displayName || session.user} is logged in at ${placeOf(tc)} (${session.state}); --anyway does it all the same`,
    );
  const { state } = said(await ask(tc, { do: what }, asked, deps), tc);
  const silent = state === 'silent' ? ', as far as is known: it did not say so' : '';
  return { text: `${placeOf(tc)} ${DONE[what]}${silent}.` };
}

export async function logsOfTc(asked: Asked, deps: OperatorDeps): Promise<LogsAnswer> {
  const { lines } = logsRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  const { state, data } = said(await ask(tc, { do: 'logs', lines }, asked, deps), tc);
  if (state !== 'done' || data === undefined)
    throw new Fault('tc-command-failed', 'refused', `${placeOf(tc)} did not send its log in time`);
  return { text: unpacked(data) };
}

/** The person is asked by their box, and has half a minute to answer. */
export async function screenshotOfTc(asked: Asked, deps: OperatorDeps): Promise<ScreenshotAnswer> {
  screenshotRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  const { by, signal } = asked;
  const how = { by, until: 'done', waitMs: MOST_WAIT_MS, signal } as const;
  const { state, data } = said(await deps.tcCommands.ask(tc.id, { do: 'screenshot' }, how), tc);
  if (state !== 'done' || data === undefined)
    throw new Fault('tc-command-failed', 'refused', `${placeOf(tc)} did not send its screen in time`);
  // A box is not believed: what is written into an operator's file is a picture.
  if (!Buffer.from(data.slice(0, 12), 'base64').subarray(0, 8).equals(PNG))
    throw new Fault('tc-command-failed', 'refused', 'what the thin client sent as its screen is no picture');
  return { png: data };
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

const MOST_TEXT_BYTES = 8 * 1024 * 1024;

/** What a box sends is not believed: neither that it is gzip, nor that it stays small. */
function unpacked(data: string): string {
  try {
    return gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: MOST_TEXT_BYTES }).toString('utf8');
  } catch (cause) {
    throw new Fault('tc-command-failed', 'refused', 'what the thin client sent as its log is none', {
      cause,
    });
  }
}

export async function wakeTc(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const tc = await tcNamed(asked, deps);
  if (deps.online().has(tc.id)) return { text: `${placeOf(tc)} is awake.` };
  if (tc.macs.length === 0)
    throw new Fault('tc-no-mac', 'refused', `no network address of ${placeOf(tc)} is known`);
  const command: TcCommand = { do: 'wake', macs: [...tc.macs] };
  for (const neighbour of await neighboursOf(tc, deps)) {
    const outcome = await ask(neighbour, command, asked, deps).catch(() => undefined);
    if (outcome?.state === 'done')
      return {
        text: `${placeOf(neighbour)} sent the magic packet; whether ${placeOf(tc)} wakes is up to it.`,
      };
  }
  throw new Fault('no-neighbour', 'refused', `nobody near ${placeOf(tc)} is connected and could wake it`);
}

/** Connected ones of the same site, those that come from the same network first: a magic packet goes no further. */
async function neighboursOf(tc: Tc, { store, online, catalogue }: OperatorDeps): Promise<Tc[]> {
  const siteOf = (one: Tc) =>
    one.seat === undefined ? undefined : catalogue().seats.get(one.seat)?.spec.site;
  const networkOf = ({ address }: Tc) =>
    address.slice(0, Math.max(address.lastIndexOf('.'), address.lastIndexOf(':')));
  const here = online();
  const near = (one: Tc) => Number(networkOf(one) === networkOf(tc));
  return (await store.tcs())
    .filter((one) => one.id !== tc.id && here.has(one.id) && siteOf(one) === siteOf(tc))
    .sort((a, b) => near(b) - near(a))
    .slice(0, NEIGHBOURS);
}

/**
 * @throws Fault `tc-offline` (refused): the picture cannot be taken away there, and whoever works on would lose the desktop when
 * its grace is over
 */
export async function lockTc(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  lockRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  if (!deps.online().has(tc.id))
    throw new Fault(
      'tc-offline',
      'refused',
      `${placeOf(tc)} is not connected, and cannot be locked; anyseat session end takes the desktop from whoever is there`,
    );
  const session = await sessionRequired(tc, deps);
  const graceUntil = deps.now() + graceOf(deps.catalogue(), session.pools[0] ?? '', session);
  const { generation } = session;
  const locked = await deps.store.lockSession(session.id, graceUntil, asked.by, { tc: tc.id, generation });
  if (!locked)
    throw new Fault(
      'session-changed',
      'refused',
      'the session has changed meanwhile, or has no desktop; look again',
    );
  deps.onSessionLocked(locked);
  return { text: `${placeOf(tc)} is locked: ${session.user} has to log in again, and the desktop waits.` };
}

export async function logOffTc(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  lockRequest.parse(asked.body);
  const tc = await tcNamed(asked, deps);
  const { id, generation, user } = await sessionRequired(tc, deps);
  const ended = await deps.store.endSession(id, 'ended-by-operator', asked.by, { tc: tc.id, generation });
  if (!ended) throw new Fault('session-changed', 'refused', 'the session has changed meanwhile; look again');
  deps.onSessionEnded(ended);
  return { text: `${user} is logged off at ${placeOf(tc)}.` };
}

const ask = (
  tc: Tc,
  command: TcCommand,
  { by, signal }: Asked,
  { tcCommands }: OperatorDeps,
): Promise<Outcome> =>
  tcCommands.ask(tc.id, command, { by, until: 'done', waitMs: ANSWERS_WITHIN_MS, signal });
