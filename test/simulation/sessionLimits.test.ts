import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Minicloud } from '@anyseat/minicloud';
import type { Grant } from '@anyseat/protocol';
import type { FileDirectory } from '../../hub/src/directory/file.ts';
import type { SessionId } from '../../hub/src/domain/session.ts';
import type { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openGround } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';

/** How long somebody may work, or be away from the keyboard, and what their seat is told before it is over. */
let stack: AsyncDisposableStack;
let cloud: Minicloud;
let directory: FileDirectory;
let folder: string;

beforeEach(async () => {
  ({ stack, folder, cloud, directory } = await openGround('limits', ['u1']));
});
afterEach(() => stack.disposeAsync());

/** Somebody at work, by an allocator that says this. */
async function atWork(allocator: Record<string, unknown>) {
  const hub = stack.use(
    await InsideHub.open({
      folder,
      cloud,
      directories: [directory],
      resources: smallSite(1, { floor: 2, ceiling: 4 }, allocator),
    }),
  );
  await hub.ready(2);
  const seat = stack.use(await hub.seat('s1'));
  const grant = await seat.granted('u1', PASSWORD);
  await seat.viewer(grant, 'connected');
  return { hub, seat, grant };
}

/** The seat says how long nobody has touched it. */
async function reportIdle(seat: SeatClient, { sessionId }: Grant, idleMs: number): Promise<void> {
  const { epoch } = await seat.welcome();
  const counts = { overMs: 15_000, keys: 0, clicks: 0, wheel: 0, moves: 0 };
  seat.send({ type: 'activity', epoch, sessionId, ...counts, idleMs });
}

/** Minutes pass ten times as fast, and a machine may be busy. */
const PATIENCE_MS = 90_000;

const warnings = (seat: SeatClient) =>
  seat.frames.flatMap((frame) => (frame.type === 'warning' ? [frame.warning?.code ?? 'taken back'] : []));
const released = (seat: SeatClient) =>
  seat.frames.flatMap((frame) => (frame.type === 'release' ? [frame.code] : []));

describe('a session', { timeout: 300_000 }, () => {
  test('outside of its hours is warned, and then ended', async () => {
    const { hub, seat, grant } = await atWork({ atMost: { hours: ['2001-01-01'], warnMinutes: 1 } });
    await waitFor('the end', () => released(seat).length > 0, PATIENCE_MS);
    expect([warnings(seat).at(-1), released(seat)]).toEqual(['hours-over-soon', ['hours-over']]);
    expect(await hub.store.session(grant.sessionId as SessionId)).toMatchObject({
      state: 'ended',
      end: 'hours-over',
    });
  });

  test('that nobody uses is locked: only the password brings it back, with the same desktop', async () => {
    const { hub, seat, grant } = await atWork({
      idle: { afterMinutes: 2, warnMinutes: 1, action: 'lock' },
      graceSeconds: 86_400,
    });
    await reportIdle(seat, grant, 70_000);
    await waitFor(
      'a warning',
      async () => {
        await reportIdle(seat, grant, 70_000);
        return warnings(seat).length > 0;
      },
      PATIENCE_MS,
    );
    // A touch takes it back.
    await waitFor(
      'that to be taken back',
      async () => {
        await reportIdle(seat, grant, 0);
        return warnings(seat).at(-1) === 'taken back';
      },
      PATIENCE_MS,
    );
    await waitFor(
      'the lock',
      async () => {
        await reportIdle(seat, grant, 100_000);
        return released(seat).length > 0;
      },
      PATIENCE_MS,
    );
    // On a machine that stands still for seconds reports are late, and a warning comes and goes once more.
    expect([warnings(seat).at(0), warnings(seat).at(-1), released(seat)]).toEqual([
      'idle-lock-soon',
      'idle-lock-soon',
      ['idle-locked'],
    ]);
    const { sessionId, generation, resumeSecret: secret, requestId } = grant;
    for (const [want, once] of [
      ['attach', requestId],
      ['display', 'another-request'],
    ] as const)
      seat.send({ type: 'resume', requestId: once, sessionId, generation, secret, want, language: 'en' });
    expect([await seat.answer(requestId), await seat.answer('another-request')]).toMatchObject([
      { type: 'grant' },
      { type: 'refused', code: 'session-over' },
    ]);
    expect(
      seat.frames.findLast((frame) => frame.type === 'refused' && frame.requestId === requestId),
    ).toMatchObject({ code: 'session-over' });
    // What was asked before is no way back in either.
    seat.send({ type: 'login', requestId, user: 'u1', password: '', language: 'en' });
    await waitFor('the refusal', () =>
      seat.frames.some((frame) => frame.type === 'refused' && frame.code === 'empty-password'),
    );
    const again = await seat.granted('u1', PASSWORD);
    expect(again).toMatchObject({ sessionId, desktop: grant.desktop });
    expect((await hub.store.session(sessionId as SessionId))?.end).toBeUndefined();
  });
});
