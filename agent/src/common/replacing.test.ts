import { expect, test } from 'vitest';
import { pageOf } from './pageState.ts';
import { firstSeat, type Seat, type SeatEvent, type World } from './seat.ts';
import { step } from './step.ts';

let ids = 0;
const world: World = { now: 1_000_000, monotonic: 5000, newId: () => `request-${++ids}`, random: () => 0.5 };

const facts = {
  language: 'en' as const,
  place: {},
  clockOffsetMs: 0,
  box: { fingerprint: 'K7F2', hostName: 'tc', version: '1' },
  awaySince: undefined,
};

/** Somebody at work on a desktop that they may say is broken, and what was said to the hub since. */
function atWork(mayReplace = true) {
  let seat: Seat = firstSeat({ logoffs: [] }, world);
  const said: unknown[] = [];
  const opened: string[] = [];
  const happen = (event: SeatEvent) => {
    const next = step(seat, event, world);
    seat = next.seat;
    for (const effect of next.effects)
      if (effect.do === 'say') said.push(effect.frame);
      else opened.push(effect.run);
  };
  const hub = {
    tcId: 'tc_1',
    epoch: 7,
    seat: { name: 's', label: 'S' },
    hubTime: 1,
    reportEveryMs: 15_000,
    pins: [],
    capabilities: [],
  };
  const grant = (requestId: string, generation: number, name: string) =>
    happen({
      kind: 'frame',
      frame: {
        type: 'grant',
        requestId,
        sessionId: 'ses_1',
        generation,
        resumeSecret: `secret-${generation}`,
        person: { displayName: 'Li Na', user: 'lina' },
        desktop: { name, pool: 'Office' },
        ...(mayReplace ? { mayReplace: true } : {}),
        display: { kind: 'spice', host: 'h', port: 5900 },
      },
    });
  happen({ kind: 'link', news: { kind: 'welcome', welcome: { type: 'welcome', ...hub } } });
  happen({ kind: 'intent', intent: { type: 'login', user: 'lina', requestId: 'the-login' } });
  grant('the-login', 1, 'old');
  const see = (run: string) => happen({ kind: 'viewer', run, news: { state: 'connected', tookMs: 1 } });
  see('ses_1/1');
  said.length = 0;
  opened.length = 0;
  const screen = () => pageOf(seat, facts).screen;
  return { happen, grant, see, said, opened, screen, session: () => seat.session };
}

const want = { kind: 'intent', intent: { type: 'wantReplacement' } } as const;
const yes = { kind: 'intent', intent: { type: 'confirm' } } as const;
const no = { kind: 'intent', intent: { type: 'cancel' } } as const;
const release = {
  kind: 'frame',
  frame: { type: 'release', sessionId: 'ses_1', code: 'swapped', fields: {} },
} as const;

test('who says that their desktop is broken is asked once, and has another one', () => {
  const s = atWork();
  s.happen(want);
  expect([s.screen().kind, s.said]).toEqual(['replacing', []]);
  s.happen(no);
  expect([s.screen().kind, s.said]).toEqual(['onDesktop', []]);
  s.happen(want);
  s.happen(yes);
  const requestId = `request-${ids}`;
  expect(s.said).toEqual([
    { type: 'replace', requestId, sessionId: 'ses_1', secret: 'secret-1', generation: 1 },
  ]);
  expect(s.screen()).toMatchObject({ kind: 'loggingIn', replacing: true });
  s.grant(requestId, 3, 'new');
  expect([s.opened, s.screen()]).toMatchObject([['ses_1/3'], { kind: 'starting', desktop: 'new' }]);
});

test('while they wait for another one, nothing is to be seen of the old one', () => {
  const s = atWork();
  s.happen(want);
  s.happen(yes);
  s.happen({ kind: 'frame', frame: { type: 'queued', requestId: `request-${ids}`, place: 1 } });
  expect([s.screen().kind, s.session()]).toMatchObject([
    'queued',
    { ask: { from: { kind: 'viewerEnded' } } },
  ]);
});

test('a refusal leads back to the desktop, with the reason', () => {
  const s = atWork();
  s.happen(want);
  s.happen(yes);
  const requestId = `request-${ids}`;
  s.happen({
    kind: 'frame',
    frame: { type: 'refused', requestId, code: 'swap-too-often', fields: {}, retryAfterMs: 60_000 },
  });
  expect(s.screen()).toMatchObject({
    kind: 'onDesktop',
    notice: { code: 'swap-too-often', fields: { retryAfterMs: 60_000 } },
  });
});

test('asked again on a new line, it is the same question', () => {
  const s = atWork();
  s.happen(want);
  s.happen(yes);
  const first = s.said[0];
  s.happen({ kind: 'link', news: { kind: 'lost' } as Extract<SeatEvent, { kind: 'link' }>['news'] });
  const welcome = {
    type: 'welcome' as const,
    tcId: 'tc_1',
    epoch: 8,
    seat: { name: 's', label: 'S' },
    hubTime: 1,
    reportEveryMs: 15_000,
    pins: [],
    capabilities: [],
  };
  s.happen({ kind: 'link', news: { kind: 'welcome', welcome } });
  expect(s.said).toEqual([first, first]);
});

test('nobody is offered what their pool does not let them do', () => {
  const s = atWork(false);
  expect(s.screen()).not.toHaveProperty('mayReplace');
  s.happen(want);
  expect(s.screen().kind).toBe('onDesktop');
});

test('a desktop that was swapped goes off the screen, and the way to the other begins by itself', () => {
  const s = atWork();
  s.happen(release);
  expect(s.said).toEqual([
    {
      type: 'resume',
      want: 'display',
      requestId: `request-${ids}`,
      sessionId: 'ses_1',
      secret: 'secret-1',
      generation: 1,
    },
  ]);
  expect([s.screen(), s.session()]).toMatchObject([
    { kind: 'loggingIn', returning: true, replacing: true },
    { ask: { from: { kind: 'viewerEnded', end: 'stopped-by-agent' } } },
  ]);
  // Told once more, nothing is asked twice.
  s.happen(release);
  expect(s.said.length).toBe(1);
});

test('a seat that was away when it happened is told at its first word', () => {
  const s = atWork();
  s.happen({ kind: 'link', news: { kind: 'lost' } as Extract<SeatEvent, { kind: 'link' }>['news'] });
  const welcome = {
    type: 'welcome' as const,
    tcId: 'tc_1',
    epoch: 8,
    seat: { name: 's', label: 'S' },
    hubTime: 1,
    reportEveryMs: 15_000,
    pins: [],
    capabilities: [],
  };
  s.happen({ kind: 'link', news: { kind: 'welcome', welcome } });
  const attaching = `request-${ids}`;
  s.happen({
    kind: 'frame',
    frame: { type: 'refused', requestId: attaching, code: 'swapped', fields: {} },
  });
  expect(s.said).toMatchObject([{ want: 'attach' }, { want: 'display' }]);
});
