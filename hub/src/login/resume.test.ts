import { expect, test } from 'vitest';
import type { Session, TcId } from '../domain/session.ts';
import { hashSecret } from './grants.ts';
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

const attach = (generation: number) =>
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
    },
    { store: { session: () => Promise.resolve(session) } } as unknown as ResumeDeps,
  );

test('a seat to which the session is known to be elsewhere is told so, and ends its viewer', async () => {
  expect(await attach(1)).toEqual({ ok: false, code: 'session-over' });
});

// The session moved here after the backup was made that was restored: seeds 4 and 22 of the simulation.
test('a seat that has had a later grant than the store knows keeps its picture', async () => {
  expect(await attach(3)).toEqual({ ok: false, code: 'session-unknown' });
});
