import type { Grant, ViewerEnd, Welcome } from '@anyseat/protocol';
import { describe, expect, test } from 'vitest';
import { pageOf } from './pageState.ts';
import { firstSeat, reportOf, tickAt, type Effect, type Kept, type Seat, type SeatEvent } from './seat.ts';
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
const GRACE_MS = 300_000;
const grant = (requestId: string, generation: number): SeatEvent => ({
  kind: 'frame',
  frame: {
    type: 'grant',
    requestId,
    sessionId: 'ses_1',
    generation,
    resumeSecret: `secret-${generation}`,
    person: { displayName: 'Li Na', user: 'lina' },
    desktop: { name: 'seat-00001', pool: 'front' },
    graceMs: GRACE_MS,
    display: { kind: 'spice', host: '10.0.0.1', port: 5900 },
  } satisfies Grant,
});
const on: SeatEvent = { kind: 'link', news: { kind: 'welcome', welcome } };
const onAgain: SeatEvent = { kind: 'link', news: { kind: 'welcome', welcome: { ...welcome, epoch: 8 } } };
const off: SeatEvent = { kind: 'link', news: { kind: 'lost', trouble: 'silent', retryAt: 0 } };
const intent = (type: 'cancel' | 'backToDesktop' | 'logOff' | 'wantReplacement'): SeatEvent => ({
  kind: 'intent',
  intent: { type },
});
const login = (requestId: string): SeatEvent => ({
  kind: 'intent',
  intent: { type: 'login', user: 'lina', requestId },
});
const ends = (end: ViewerEnd, generation = 1): SeatEvent => ({
  kind: 'viewer',
  run: `ses_1/${generation}`,
  news: { state: 'ended', end },
});
const opens = (generation = 1): SeatEvent => ({
  kind: 'viewer',
  run: `ses_1/${generation}`,
  news: { state: 'connected', tookMs: 400 },
});
const refused = (requestId: string, code: string, more: object = {}): SeatEvent => ({
  kind: 'frame',
  frame: { type: 'refused', requestId, code, fields: {}, ...more },
});
const wait = (ms: number) => ({ wait: ms });
const working = [on, login('login-1'), grant('login-1', 1), opens()];

/** Plays events one after the other; in a wait every tick that falls due comes at its time. */
function play(events: readonly (SeatEvent | { wait: number })[], kept: Kept = { logoffs: [] }) {
  let monotonic = 100;
  let ids = 0;
  const world = () => ({
    now: monotonic + 900,
    monotonic,
    newId: () => `ask-${++ids}`,
    random: () => 0.5,
  });
  let seat: Seat = firstSeat(kept, world());
  let effects: readonly Effect[] = [];
  const perform = (event: SeatEvent) => ({ seat, effects } = step(seat, event, world()));
  for (const event of events) {
    effects = [];
    if (!('wait' in event)) {
      perform(event);
      continue;
    }
    const until = monotonic + event.wait;
    for (let at = tickAt(seat); at !== undefined && at <= until; at = tickAt(seat)) {
      monotonic = Math.max(monotonic, at);
      perform({ kind: 'tick' });
    }
    monotonic = until;
  }
  const said = effects.flatMap((effect) => (effect.do === 'say' ? [effect.frame] : []));
  const facts = {
    language: 'en',
    place: {},
    clockOffsetMs: 0,
    box: { fingerprint: 'F', hostName: 'box', version: '0' },
    awaySince: undefined,
  } as const;
  return { seat, session: seat.session, said, screen: pageOf(seat, facts).screen, at: monotonic };
}

const back = (requestId: string, generation: number) => ({
  type: 'resume',
  requestId,
  want: 'display',
  byItself: true,
  sessionId: 'ses_1',
  secret: `secret-${generation}`,
  generation,
});

describe('a picture that goes', () => {
  test.each<[ViewerEnd, number | undefined]>([
    ['link-lost', 1000],
    ['crashed', 1000],
    ['ticket-refused', 1000],
    ['unreachable', 2000],
    ['timed-out', 2000],
    ['closed-by-desktop', 4000],
    // The person's own doing, or what another try does not change.
    ['closed-by-person', undefined],
    ['stopped-by-agent', undefined],
    ['tls-failed', undefined],
    ['no-display', undefined],
    ['viewer-missing', undefined],
  ])('because it was %s comes back by itself after %s ms', (end, afterMs) => {
    const ended = [...working, ends(end)];
    expect(play(ended).screen).toMatchObject({
      kind: 'viewerEnded',
      end,
      ...(afterMs === undefined ? {} : { comesBack: 1000 + afterMs }),
    });
    if (afterMs === undefined) {
      expect(play(ended).screen).not.toHaveProperty('comesBack');
      expect(play([...ended, wait(GRACE_MS - 1)]).said).toEqual([]);
      return;
    }
    expect(play([...ended, wait(afterMs - 1)]).said).toEqual([]);
    expect(play([...ended, wait(afterMs)])).toMatchObject({
      said: [back('ask-1', 1)],
      screen: { kind: 'viewerEnded', end, comesBack: 'now' },
    });
    expect(play([...ended, wait(afterMs), grant('ask-1', 2)])).toMatchObject({
      session: { kind: 'starting', run: 'ses_1/2', tries: 1 },
      screen: { kind: 'viewerEnded', end, comesBack: 'now' },
    });
    expect(play([...ended, wait(afterMs), grant('ask-1', 2), opens(2)]).screen.kind).toBe('onDesktop');
  });

  test('again and again is fetched more and more slowly, and anew once it had stayed', () => {
    const twice = [...working, ends('crashed'), wait(1000), grant('ask-1', 2), opens(2)];
    expect(play([...twice, ends('crashed', 2), wait(1999)]).said).toEqual([]);
    expect(play([...twice, ends('crashed', 2), wait(2000)]).said).toEqual([back('ask-2', 2)]);
    expect(play([...twice, wait(9999), ends('crashed', 2), wait(1000)]).said).toEqual([]);
    expect(play([...twice, wait(10_000), ends('crashed', 2), wait(1000)]).said).toEqual([back('ask-2', 2)]);
    let events: (SeatEvent | { wait: number })[] = [...working, ends('unreachable')];
    for (let i = 1; i <= 6; i++)
      events = [...events, wait(30_000), grant(`ask-${i}`, i + 1), ends('unreachable', i + 1)];
    expect(play(events).screen).toMatchObject({ comesBack: expect.any(Number) });
    const { retry } = play(events).session as { retry: { tries: number; at: number } };
    expect({ tries: retry.tries, inMs: retry.at - play(events).at }).toEqual({ tries: 6, inMs: 30_000 });
  });

  test('is not fetched twice at once, and at once when its person wants it', () => {
    const ended = [...working, ends('link-lost')];
    expect(play([...ended, intent('backToDesktop')]).said).toMatchObject([{ want: 'display' }]);
    expect(play([...ended, intent('backToDesktop')]).said[0]).not.toHaveProperty('byItself');
    expect(play([...ended, intent('backToDesktop'), wait(20_000)]).said).toEqual([]);
  });

  test('stays where it is for somebody who cancels the way back, is asked something, or logs off', () => {
    const ended = [...working, ends('link-lost'), wait(1000)];
    const cancelled = play([...ended, intent('cancel')]);
    expect(cancelled.said).toEqual([{ type: 'cancel', requestId: 'ask-1' }]);
    expect(tickAt(cancelled.seat)).toBe(GRACE_MS + 100);
    expect(play([...ended, intent('logOff')]).session).toMatchObject({
      kind: 'login',
      notice: { code: 'logged-off' },
    });
  });
});

describe('without a hub', () => {
  const ended = [...working, off, ends('link-lost')];

  test('the seat says that it goes back as soon as there is one, and does', () => {
    expect(play([...ended, wait(60_000)])).toMatchObject({
      said: [],
      screen: { kind: 'viewerEnded', comesBack: 'withHub' },
    });
    expect(play([...ended, wait(60_000), onAgain]).said).toEqual([back('ask-1', 1)]);
  });

  test('whose session was kept over a crash of the agent, it comes back whenever the hub does, within the grace', () => {
    const session = sessionOf(play(working).session)!;
    const kept = { session, logoffs: [] };
    const away = [off, wait(70_000)];
    expect(play(away, kept).screen).toMatchObject({ kind: 'viewerEnded', comesBack: 'withHub' });
    expect(play([...away, onAgain], kept).said).toMatchObject([{ type: 'resume', want: 'display' }]);
    expect(play([off, wait(GRACE_MS)], kept).session.kind).toBe('login');
  });

  test('after the grace the person logs in again; the hub is told, and nothing of a proof is left', () => {
    const over = play([...ended, wait(GRACE_MS)]);
    expect(over.session).toEqual({
      kind: 'login',
      notice: { code: 'grace-over', fields: {} },
      left: { sessionId: 'ses_1', generation: 1, end: 'link-lost' },
    });
    expect(runOf(over.session)).toBeUndefined();
    expect(reportOf(over.seat)).toEqual({
      sessionId: 'ses_1',
      generation: 1,
      state: 'ended',
      end: 'link-lost',
    });
    expect(JSON.stringify(over.seat)).not.toContain('secret-');
    expect(reportOf(play([...ended, wait(GRACE_MS), login('login-2')]).seat)).toBeUndefined();
  });
});

describe('a way back that is refused for now', () => {
  const tried = [...working, ends('link-lost'), wait(1000)];
  const proof = { sessionId: 'ses_1', generation: 2, resumeSecret: 'secret-2' };

  test('is tried again, by the newer proof, no sooner than the hub said', () => {
    const no = refused('ask-1', 'cloud-unavailable', { retryAfterMs: 5000, proof });
    expect(play([...tried, no])).toMatchObject({
      session: { kind: 'viewerEnded', session: { generation: 2, secret: 'secret-2' } },
      screen: { kind: 'viewerEnded', notice: { code: 'cloud-unavailable' }, comesBack: expect.any(Number) },
    });
    expect(reportOf(play([...tried, no]).seat)).toMatchObject({ generation: 2, state: 'ended' });
    expect(play([...tried, no, wait(4999)]).said).toEqual([]);
    expect(play([...tried, no, wait(5000)]).said).toEqual([back('ask-2', 2)]);
  });

  test('to a desktop that was switched off waits for its person', () => {
    const off = play([...tried, refused('ask-1', 'desktop-off', { proof }), wait(GRACE_MS / 2)]);
    expect(off.screen).toMatchObject({ kind: 'viewerEnded', notice: { code: 'desktop-off' } });
    expect(off.screen).not.toHaveProperty('comesBack');
  });

  test('is over when its session is, or went to another seat', () => {
    for (const code of ['session-over', 'session-unknown', 'desktop-lost', 'moved'])
      expect(play([...tried, refused('ask-1', code)]).session).toMatchObject({
        kind: 'login',
        notice: { code },
      });
  });

  test('leaves a picture that is still there under the newer proof', () => {
    const shown = [...working, intent('backToDesktop'), refused('ask-1', 'cloud-unavailable', { proof })];
    expect(reportOf(play(shown).seat)).toMatchObject({ generation: 2, state: 'connected' });
    expect(runOf(play(shown).session)).toBe('ses_1/1');
  });

  test('that was cancelled meanwhile brings its proof all the same', () => {
    const late = [...tried, intent('cancel'), refused('ask-1', 'login-cancelled', { proof })];
    expect(play(late).session).toMatchObject({ kind: 'viewerEnded', session: { secret: 'secret-2' } });
  });
});
