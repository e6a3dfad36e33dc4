import { expect, test } from 'vitest';
import { firstSeat, tickAt, type Seat } from './seat.ts';
import { step } from './step.ts';
import { warningAbove } from './warning.ts';

const session = {
  id: 'ses_1',
  generation: 1,
  secret: 's',
  person: { displayName: 'Anna', user: 'anna' },
  desktop: { name: 'd', pool: 'p' },
};

/** Somebody at work, and a clock that the test moves. */
function atWork() {
  const world = { now: 0, monotonic: 1000, newId: () => 'request-1', random: () => 0.5 };
  let seat: Seat = {
    ...firstSeat({ logoffs: [] }, world),
    session: { kind: 'onDesktop', session, run: 'r', since: 0, openedAt: 0, tookMs: 1 },
  };
  const happen = (event: Parameters<typeof step>[1]) => {
    seat = step(seat, event, world).seat;
    return warningAbove(seat)?.code;
  };
  return {
    warn: (inMs: number | undefined, sessionId = session.id) =>
      happen({
        kind: 'frame',
        frame: {
          type: 'warning',
          sessionId,
          ...(inMs === undefined ? {} : { warning: { code: 'hours-over-soon', fields: {}, inMs } }),
        },
      }),
    lose: () => happen({ kind: 'link', news: { kind: 'lost', trouble: 'silent', retryAt: 0 } }),
    note: () => happen({ kind: 'intent', intent: { type: 'noted' } }),
    /** Moves the clock to the next tick, and says how long that was. */
    tick: () => {
      const at = tickAt(seat);
      if (at === undefined) return 'no tick';
      const after = at - world.monotonic;
      world.monotonic = at;
      return [after, happen({ kind: 'tick' })];
    },
  };
}

test('a warning of ten minutes stands above the desktop for half a minute, and for the last one', () => {
  const w = atWork();
  expect(w.warn(600_000)).toBe('hours-over-soon');
  expect([w.tick(), w.tick(), w.tick()]).toEqual([
    [30_000, undefined],
    [510_000, 'hours-over-soon'],
    'no tick',
  ]);
});

test('a short one stays until it is noted, and comes back for the last minute', () => {
  const w = atWork();
  expect([w.warn(120_000), w.tick()]).toEqual(['hours-over-soon', 'no tick']);
  expect(w.note()).toBeUndefined();
  expect(w.tick()).toEqual([60_000, 'hours-over-soon']);
  expect([w.note(), w.tick()]).toEqual([undefined, 'no tick']);
});

test('one that is taken back goes, and one of another session never comes', () => {
  const w = atWork();
  expect([w.warn(60_000), w.warn(undefined), w.warn(60_000, 'ses_2')]).toEqual([
    'hours-over-soon',
    undefined,
    undefined,
  ]);
});

test('with the hub away nothing is about to happen, now or in the last minute', () => {
  const w = atWork();
  expect([w.warn(600_000), w.lose(), w.tick()]).toEqual(['hours-over-soon', undefined, 'no tick']);
});
