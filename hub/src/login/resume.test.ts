import { expect, test } from 'vitest';
import type { Desktop } from '../domain/desktop.ts';
import type { Session, TcId } from '../domain/session.ts';
import { hashSecret, makeSecret } from './grants.ts';
import { resume, type ResumeDeps } from './resume.ts';

const session = {
  id: 'ses_1',
  state: 'connected',
  desktop: 'dt_1',
  tc: 'tc_before',
  generation: 2,
  requestId: 'request-before',
  secretHash: hashSecret('secret'),
} as unknown as Session;

const attach = (generation: number, desktop: Partial<Desktop> = { state: 'leased' }) =>
  resume(
    {
      type: 'resume',
      requestId: 'request-now',
      sessionId: session.id,
      secret: 'secret',
      generation,
      want: 'attach',
      language: 'en',
    },
    {
      tc: 'tc_now' as TcId,
      signal: new AbortController().signal,
      onStage: () => undefined,
      onQueued: () => undefined,
      secret: makeSecret(),
    },
    {
      store: { session: () => Promise.resolve(session), desktop: () => Promise.resolve(desktop) },
    } as unknown as ResumeDeps,
  );

test('a seat to which the session is known to be elsewhere is told so, and ends its viewer', async () => {
  expect(await attach(1)).toEqual({ ok: false, code: 'session-over' });
});

// The session moved here after the backup was made that was restored: seeds 4 and 22 of the simulation.
test('a seat that has had a later grant than the store knows keeps its picture', async () => {
  expect(await attach(3)).toEqual({ ok: false, code: 'session-unknown' });
});

// Generations of two stores may be equal: it moved twice since, once by each of them (seed 399 of the simulation).
test('a seat is not told that a session is over that is as it stood in a backup', async () => {
  const restored = { state: 'leased', unconfirmedSince: 1 } as const;
  expect(await attach(1, restored)).toEqual({ ok: false, code: 'session-unknown' });
  // The seat may have another desktop in this session (seed 20174).
  expect(await attach(1, { ...restored, state: 'gone' })).toEqual({ ok: false, code: 'session-unknown' });
});
