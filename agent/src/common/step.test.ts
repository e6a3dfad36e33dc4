import * as fc from 'fast-check';
import type { Grant, Welcome } from '@anyseat/protocol';
import { describe, expect, test } from 'vitest';
import { pageOf } from './pageState.ts';
import {
  firstSeat,
  keptOf,
  PATIENCE_MS,
  reportOf,
  tickAt,
  type Effect,
  type Kept,
  type Seat,
  type SeatEvent,
} from './seat.ts';
import { runOf, sessionOf } from './sessionState.ts';
import { step } from './step.ts';

const welcome: Welcome = {
  type: 'welcome',
  tcId: 'tc_1',
  epoch: 7,
  seat: { name: 'nt-1-001', label: '1-001' },
  site: { name: 'nantong', title: 'Nantong', timeZone: 'Asia/Shanghai' },
  hubTime: 0,
  reportEveryMs: 15_000,
  pins: [],
  capabilities: [],
};
const display = { kind: 'spice', host: '10.0.0.1', port: 5900, password: 'ticket-1' } as const;
const grant = (requestId: string, more: Partial<Grant> = {}): Grant => ({
  type: 'grant',
  requestId,
  sessionId: 'ses_1',
  generation: 1,
  resumeSecret: 'secret-1',
  person: { displayName: 'Li Na', user: 'lina' },
  desktop: { name: 'seat-00001', pool: 'front' },
  graceMs: 300_000,
  display,
  ...more,
});
const session = {
  id: 'ses_1',
  generation: 1,
  secret: 'secret-1',
  person: { displayName: 'Li Na', user: 'lina' },
  desktop: { name: 'seat-00001', pool: 'front' },
  graceMs: 300_000,
};
const proof = { sessionId: 'ses_1', secret: 'secret-1', generation: 1 };

const on: SeatEvent = { kind: 'link', news: { kind: 'welcome', welcome } };
/** A new connection. */
const onAgain: SeatEvent = {
  kind: 'link',
  news: { kind: 'welcome', welcome: { ...welcome, epoch: 8 } },
};
const off: SeatEvent = { kind: 'link', news: { kind: 'lost', trouble: 'silent', retryAt: 0 } };
const login: SeatEvent = { kind: 'intent', intent: { type: 'login', user: 'lina', requestId: 'login-1' } };
const cancel: SeatEvent = { kind: 'intent', intent: { type: 'cancel' } };
const back: SeatEvent = { kind: 'intent', intent: { type: 'backToDesktop' } };
const bye: SeatEvent = { kind: 'intent', intent: { type: 'logOff' } };
const frame = (frame: Extract<SeatEvent, { kind: 'frame' }>['frame']): SeatEvent => ({
  kind: 'frame',
  frame,
});
const refused = (requestId: string, code: string, more: { retryAfterMs?: number } = {}): SeatEvent =>
  frame({ type: 'refused', requestId, code, fields: {}, ...more });
const release = (code: string): SeatEvent =>
  frame({ type: 'release', sessionId: 'ses_1', code, fields: { seat: '2-002' } });
const connected = (run = 'ses_1/1'): SeatEvent => ({
  kind: 'viewer',
  run,
  news: { state: 'connected', tookMs: 400 },
});
const viewerEnds = (run = 'ses_1/1'): SeatEvent => ({
  kind: 'viewer',
  run,
  news: { state: 'ended', end: 'link-lost' },
});
/** Time goes by. */
const wait = (ms: number) => ({ wait: ms });

/** Plays events one after the other; a wait gives the tick that falls due. Request ids of the agent are ask-1, ask-2 … */
function play(events: readonly (SeatEvent | { wait: number })[], kept: Kept = { logoffs: [] }) {
  let now = 1000;
  let ids = 0;
  const world = { now, monotonic: now - 900, newId: () => `ask-${++ids}`, random: () => 0.5 };
  let seat: Seat = firstSeat(kept, world);
  let effects: readonly Effect[] = [];
  const perform = (event: SeatEvent) =>
    ({ seat, effects } = step(seat, event, { ...world, now, monotonic: now - 900 }));
  for (const event of events) {
    if ('wait' in event) {
      now += event.wait;
      effects = [];
      if ((tickAt(seat) ?? Infinity) <= now - 900) perform({ kind: 'tick' });
    } else perform(event);
  }
  return { seat, session: seat.session, effects, said: said(effects) };
}
const said = (effects: readonly Effect[]) => effects.flatMap((e) => (e.do === 'say' ? [e.frame] : []));
const onChanging: SeatEvent = {
  kind: 'link',
  news: { kind: 'welcome', welcome: { ...welcome, capabilities: ['change-password'] } },
};
const wantNew: SeatEvent = { kind: 'intent', intent: { type: 'wantNewPassword', user: 'lina' } };
const change: SeatEvent = {
  kind: 'intent',
  intent: { type: 'changePassword', user: 'lina', requestId: 'change-1' },
};
const working = [on, login, frame(grant('login-1')), connected()];

describe('a login', () => {
  test('is asked, steps forward, is granted and shows the desktop', () => {
    expect(play([on, login])).toMatchObject({
      session: { kind: 'loggingIn', stage: 'hub', ask: { requestId: 'login-1', sent: true } },
      said: [{ type: 'login', requestId: 'login-1', user: 'lina' }],
    });
    const proof = frame({ type: 'progress', requestId: 'login-1', stage: 'proof' });
    expect(play([on, login, proof]).session).toMatchObject({ kind: 'loggingIn', stage: 'proof' });
    expect(play([on, login, proof, frame(grant('login-1'))])).toMatchObject({
      session: { kind: 'starting', phase: 'starting', run: 'ses_1/1', session },
      effects: [{ do: 'open', run: 'ses_1/1', display, session }],
    });
    expect(play(working).session).toEqual({
      kind: 'onDesktop',
      session,
      run: 'ses_1/1',
      since: 1000,
      openedAt: 100,
      tookMs: 400,
    });
  });

  test('is asked something, goes on with a yes, and is given up with a no', () => {
    const question = frame({
      type: 'question',
      requestId: 'login-1',
      code: 'move-here',
      fields: { seat: '2' },
    });
    const yes: SeatEvent = { kind: 'intent', intent: { type: 'confirm' } };
    const asked = [on, login, question];
    expect(play(asked)).toMatchObject({
      session: { kind: 'questioned', question: { code: 'move-here', fields: { seat: '2' } } },
      said: [],
    });
    expect(play([...asked, yes])).toMatchObject({
      session: { kind: 'loggingIn', stage: 'desktop', ask: { requestId: 'login-1' } },
      said: [{ type: 'confirm', requestId: 'login-1' }],
    });
    expect(play([...asked, yes, yes]).said).toEqual([]);
    expect(play([...asked, yes, frame(grant('login-1'))]).session.kind).toBe('starting');
    expect(play([...asked, cancel])).toMatchObject({
      session: { kind: 'login' },
      said: [{ type: 'cancel', requestId: 'login-1' }],
    });
    expect(play([...asked, refused('login-1', 'working-elsewhere')]).session).toMatchObject({
      kind: 'login',
      notice: { code: 'working-elsewhere' },
    });
    expect(
      play([on, login, frame({ type: 'question', requestId: 'other', code: 'x', fields: {} })]).session.kind,
    ).toBe('loggingIn');
  });

  test('that was asked something has to be begun anew when the hub goes away', () => {
    const question = frame({ type: 'question', requestId: 'login-1', code: 'move-here', fields: {} });
    expect(play([on, login, question, off]).session).toMatchObject({
      kind: 'login',
      notice: { code: 'login-interrupted' },
    });
    expect(play([on, login, question, off, onAgain]).said).toEqual([]);
  });

  test('waits in the queue with its place and goes on from there', () => {
    const queued = frame({ type: 'queued', requestId: 'login-1', place: 3, waitMs: 60_000 });
    expect(play([on, login, queued]).session).toMatchObject({ kind: 'queued', place: 3, waitUntil: 61_000 });
    expect(play([on, login, queued, frame(grant('login-1'))]).session.kind).toBe('starting');
  });

  test('typed while the hub is away is said when it comes, and given up after a minute', () => {
    expect(play([login])).toMatchObject({ session: { kind: 'loggingIn' }, said: [] });
    expect(play([login, on]).said).toEqual([{ type: 'login', requestId: 'login-1', user: 'lina' }]);
    expect(play([login, wait(PATIENCE_MS), on])).toMatchObject({
      session: { kind: 'login', notice: { code: 'no-hub' } },
      said: [],
    });
  });

  test('whose answer was lost is asked again by the same name', () => {
    expect(play([on, login, off, wait(5000), on]).said).toEqual([
      { type: 'login', requestId: 'login-1', user: 'lina' },
    ]);
  });

  test('that the hub had not heard when the connection broke is told as interrupted', () => {
    expect(play([on, login, off, on, refused('login-1', 'empty-password')]).session).toEqual({
      kind: 'login',
      notice: { code: 'login-interrupted', fields: {} },
    });
    // The same refusal to the first question is what it says.
    expect(play([on, login, refused('login-1', 'empty-password')]).session).toMatchObject({
      notice: { code: 'empty-password' },
    });
  });

  test('in the queue outlives a hub that is away for hours', () => {
    const queued = frame({ type: 'queued', requestId: 'login-1', place: 3 });
    expect(play([on, login, queued, off, wait(3_600_000)]).session.kind).toBe('queued');
    expect(play([on, login, queued, off, wait(3_600_000), on]).said).toMatchObject([{ type: 'login' }]);
  });

  test('refused shows the form with the reason and when to try again', () => {
    expect(
      play([on, login, refused('login-1', 'too-many-attempts', { retryAfterMs: 9000 })]).session,
    ).toEqual({ kind: 'login', notice: { code: 'too-many-attempts', fields: { retryAfterMs: 9000 } } });
  });

  test('is not started a second time by a second click', () => {
    expect(play([on, login, login]).said).toEqual([]);
  });

  test('never said is taken back when the hub does not serve this box', () => {
    const pending: SeatEvent = { kind: 'link', news: { kind: 'pending', fingerprint: 'K7F2' } };
    expect(play([login, pending]).session).toEqual({ kind: 'login' });
  });
});

describe('a cancelled login', () => {
  test('is taken back at the hub, now or when it is there again', () => {
    expect(play([on, login, cancel])).toMatchObject({
      session: { kind: 'login' },
      said: [{ type: 'cancel', requestId: 'login-1' }],
    });
    expect(play([on, login, off, cancel]).said).toEqual([]);
    expect(play([on, login, off, cancel, on]).said).toEqual([{ type: 'cancel', requestId: 'login-1' }]);
    expect(play([login, cancel, on]).said).toEqual([]);
  });

  test('whose grant was on its way already gives the desktop back', () => {
    expect(play([on, login, cancel, frame(grant('login-1'))])).toMatchObject({
      session: { kind: 'login' },
      effects: [
        { do: 'say', frame: { type: 'logoff', requestId: 'ask-1', sessionId: 'ses_1', secret: 'secret-1' } },
      ],
    });
  });

  test('leaves no way for a grant that nobody asked for', () => {
    expect(play([on, frame(grant('somebody'))])).toMatchObject({ session: { kind: 'login' }, effects: [] });
  });
});

describe('a running desktop', () => {
  test('is picked up on a new connection, and goes on when the hub does not know it', () => {
    expect(play([...working, off]).session.kind).toBe('onDesktop');
    expect(play([...working, off, on]).said).toEqual([
      { type: 'resume', requestId: 'ask-1', want: 'attach', ...proof },
    ]);
    expect(play([...working, off, on, refused('ask-1', 'session-unknown')]).session.kind).toBe('onDesktop');
    const attached = frame({ type: 'attached', requestId: 'ask-1', sessionId: 'ses_1', generation: 4 });
    expect(reportOf(play([...working, off, on, attached]).seat)).toEqual({
      sessionId: 'ses_1',
      generation: 4,
      state: 'connected',
      tookMs: 400,
    });
  });

  test('is closed when the hub says that its session is over', () => {
    const over = play([...working, off, on, refused('ask-1', 'session-over')]);
    expect(over.session).toMatchObject({ kind: 'login', notice: { code: 'session-over' } });
    expect(runOf(over.session)).toBeUndefined();
  });

  test('is asked for again when the hub was too busy to pick it up', () => {
    const busy = [...working, off, on, refused('ask-1', 'hub-busy', { retryAfterMs: 2000 })];
    expect(play([...busy, wait(1999)]).said).toEqual([]);
    expect(play([...busy, wait(2000)]).said).toMatchObject([{ type: 'resume', requestId: 'ask-2' }]);
    const ended = play([...busy, viewerEnds(), wait(2000)]);
    expect([ended.said, tickAt(ended.seat)]).toMatchObject([[{ want: 'display' }], undefined]);
  });

  test('that moved to another seat is released here with the reason', () => {
    const moved = play([...working, release('moved')]);
    expect(moved.session).toEqual({
      kind: 'login',
      notice: { code: 'moved', fields: { seat: '2-002' } },
    });
    expect([runOf(moved.session), keptOf(moved.seat)]).toEqual([undefined, { logoffs: [] }]);
  });

  test('is not picked up twice on one connection when the seat is told anew', () => {
    expect(play([...working, on]).said).toEqual([]);
    expect(play([...working, onAgain]).said).toMatchObject([{ type: 'resume', want: 'attach' }]);
  });

  test('is left to itself by a release of another session', () => {
    const other = frame({ type: 'release', sessionId: 'ses_0', code: 'moved', fields: {} });
    expect(play([...working, other]).session.kind).toBe('onDesktop');
  });

  test('whose picture ended is kept for the grace, and reported', () => {
    const ended = play([...working, viewerEnds()]);
    expect(ended.session).toEqual({
      kind: 'viewerEnded',
      session,
      end: 'link-lost',
      keptUntil: 301_000,
      overAt: 300_100,
      retry: { tries: 0, at: 1100, until: 2000 },
    });
    expect(reportOf(ended.seat)).toEqual({
      sessionId: 'ses_1',
      generation: 1,
      state: 'ended',
      end: 'link-lost',
    });
  });

  test('does not hear an earlier run of the viewer', () => {
    expect(play([...working, viewerEnds('ses_1/0')]).session.kind).toBe('onDesktop');
  });
});

describe('the way back', () => {
  const ended = [...working, viewerEnds()];
  const second = grant('ask-1', { generation: 2, resumeSecret: 'secret-2' });

  test('asks for a fresh grant with the session’s proof and opens it', () => {
    expect(play([...ended, back]).said).toEqual([
      { type: 'resume', requestId: 'ask-1', want: 'display', ...proof },
    ]);
    expect(play([...ended, back, frame(second)])).toMatchObject({
      session: { kind: 'starting', run: 'ses_1/2', session: { secret: 'secret-2', generation: 2 } },
      effects: [{ do: 'open', run: 'ses_1/2' }],
    });
  });

  test('leaves the old picture until the new one is granted', () => {
    const asked = play([...working, back]);
    expect([asked.session.kind, runOf(asked.session)]).toEqual(['loggingIn', 'ses_1/1']);
    expect(play([...working, back, cancel]).session.kind).toBe('onDesktop');
    expect(play([...working, back, viewerEnds(), cancel]).session.kind).toBe('viewerEnded');
    expect(play([...working, back, refused('ask-1', 'hub-busy')]).session).toMatchObject({
      kind: 'onDesktop',
      notice: { code: 'hub-busy' },
    });
    expect(play([...working, back, refused('ask-1', 'session-unknown')]).session).toMatchObject({
      kind: 'onDesktop',
      notice: { code: 'session-unknown' },
    });
    expect(play([...working, back, refused('ask-1', 'session-over')]).session.kind).toBe('login');
  });

  test('refused for now offers itself again; refused for good leads to the form', () => {
    expect(play([...ended, back, refused('ask-1', 'cloud-unavailable')]).session).toMatchObject({
      kind: 'viewerEnded',
      end: 'link-lost',
      notice: { code: 'cloud-unavailable' },
    });
    expect(play([...ended, back, refused('ask-1', 'desktop-lost')]).session).toEqual({
      kind: 'login',
      notice: { code: 'desktop-lost', fields: {} },
    });
  });

  test('cancelled while its grant was on its way keeps the session and its newer proof', () => {
    const crossed = play([...ended, back, cancel, frame(second)]);
    expect(crossed.effects).toEqual([]);
    expect(crossed.session).toMatchObject({
      kind: 'viewerEnded',
      session: { secret: 'secret-2', generation: 2 },
    });
  });

  test('is taken by itself after the agent was killed under a session', () => {
    const kept = { session, logoffs: [] };
    expect(play([on], kept).said).toEqual([
      { type: 'resume', requestId: 'ask-1', want: 'display', ...proof },
    ]);
    expect(play([wait(PATIENCE_MS)], kept).session).toMatchObject({
      kind: 'viewerEnded',
      end: 'stopped-by-agent',
      notice: { code: 'no-hub' },
    });
    expect(play([on, refused('ask-1', 'session-over')], kept).session.kind).toBe('login');
  });
});

describe('a log-off', () => {
  const logoff = { type: 'logoff', requestId: 'ask-1', sessionId: 'ses_1', secret: 'secret-1' };

  test('frees the seat at once and is said to the hub', () => {
    const over = play([...working, bye]);
    expect(over.said).toEqual([logoff]);
    expect(over.session).toEqual({ kind: 'login', notice: { code: 'logged-off', fields: {} } });
    expect(runOf(over.session)).toBeUndefined();
  });

  test('is said at each connection until the hub has answered, before anybody else logs in', () => {
    expect(play([...working, off, bye, login, on]).said).toEqual([
      logoff,
      { type: 'login', requestId: 'login-1', user: 'lina' },
    ]);
    expect(play([...working, bye, off, on]).said).toEqual([logoff]);
    expect(play([...working, bye, release('logged-off'), off, on]).said).toEqual([]);
    expect(play([...working, bye, refused('ask-1', 'session-over'), off, on]).said).toEqual([]);
  });

  test('that the hub has not heard outlives the agent', () => {
    const { seat } = play([...working, off, bye]);
    expect(play([on], keptOf(seat)).said).toEqual([logoff]);
  });
});

const anyEvent: fc.Arbitrary<SeatEvent | { wait: number }> = fc.oneof(
  fc.constantFrom(on, on, off, login, cancel, back, bye, release('moved'), connected(), viewerEnds()),
  fc.constantFrom(connected('ses_1/2'), viewerEnds('ses_1/2'), wait(1000), wait(PATIENCE_MS)),
  fc
    .tuple(fc.constantFrom('login-1', 'ask-1', 'ask-2', 'ask-3'), fc.integer({ min: 1, max: 3 }))
    .map(([id, generation]) => frame(grant(id, { generation, resumeSecret: `secret-${generation}` }))),
  fc
    .tuple(
      fc.constantFrom('login-1', 'ask-1', 'ask-2', 'ask-3'),
      fc.constantFrom('session-over', 'session-unknown', 'hub-busy', 'wrong-password'),
    )
    .map(([id, code]) => refused(id, code, { retryAfterMs: 500 })),
);

test('whatever happens, the page learns no secret, and no viewer runs without a session', () => {
  const facts = {
    language: 'en',
    place: {},
    clockOffsetMs: 0,
    box: { fingerprint: 'F', hostName: 'box', version: '0' },
    awaySince: undefined,
  } as const;
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const { seat } = play(events);
      expect(JSON.stringify(pageOf(seat, facts))).not.toMatch(/secret-|ticket-/);
      if (runOf(seat.session) !== undefined) expect(sessionOf(seat.session)).toBeDefined();
      // A tick that is due must move the seat, or the agent would spin.
      const due = tickAt(seat);
      if (due !== undefined) {
        const ticked = step(
          seat,
          { kind: 'tick' },
          { now: 0, monotonic: due, newId: () => 'x', random: () => 0.5 },
        ).seat;
        expect(tickAt(ticked) ?? Infinity).toBeGreaterThan(due);
      }
    }),
    { numRuns: 500 },
  );
});

describe('a new password', () => {
  const mustChange = (requestId: string): SeatEvent =>
    frame({ type: 'refused', requestId, code: 'password-must-change', fields: { changeable: true } });

  test('is asked for at once where the login wants one and the hub takes it, else the login says why', () => {
    expect(play([onChanging, login, mustChange('login-1')]).session).toEqual({
      kind: 'newPassword',
      user: 'lina',
      notice: { code: 'password-must-change', fields: { changeable: true } },
    });
    expect(play([on, login, mustChange('login-1')]).session).toMatchObject({
      kind: 'login',
      notice: { code: 'password-must-change' },
    });
    expect(play([onChanging, login, refused('login-1', 'password-expired')]).session.kind).toBe('login');
  });

  test('is sent once, and the form for the login says that it was taken', () => {
    const asked = play([onChanging, wantNew, change]);
    expect(asked).toMatchObject({
      session: { kind: 'changingPassword', requestId: 'change-1', user: 'lina' },
      said: [{ type: 'changePassword', requestId: 'change-1', user: 'lina' }],
    });
    const changed = frame({ type: 'passwordChanged', requestId: 'change-1' });
    expect(play([onChanging, wantNew, change, changed]).session).toEqual({
      kind: 'login',
      notice: { code: 'password-changed', fields: {} },
    });
    expect(
      play([onChanging, wantNew, change, frame({ type: 'passwordChanged', requestId: 'x' })]).session.kind,
    ).toBe('changingPassword');
  });

  test.each([
    ['password-too-short', 'newPassword'],
    ['wrong-password', 'newPassword'],
    ['account-locked', 'login'],
    ['too-many-attempts', 'login'],
    ['password-change-unknown', 'login'],
  ])('that is refused as %s leads to the form of %s', (code, kind) => {
    expect(play([onChanging, wantNew, change, refused('change-1', code)]).session).toMatchObject({
      kind,
      notice: { code },
    });
  });

  test.each([
    ['the connection breaks', [off]],
    ['nothing is heard', [wait(20_000)]],
  ])('is not sent again when %s: nobody knows which one holds', (_, events) => {
    const after = play([onChanging, wantNew, change, ...events]);
    expect(after.session).toMatchObject({ kind: 'login', notice: { code: 'password-change-unknown' } });
    expect(play([onChanging, wantNew, change, ...events, onAgain]).said).toEqual([]);
  });

  test('waits for no hub, and is left by Back', () => {
    expect(play([onChanging, wantNew, off, change])).toMatchObject({
      session: { kind: 'newPassword', notice: { code: 'no-hub' } },
      said: [],
    });
    expect(play([onChanging, wantNew, cancel]).session).toMatchObject({ kind: 'login' });
    expect(play([on, wantNew]).session).toMatchObject({ kind: 'login' });
  });
});
