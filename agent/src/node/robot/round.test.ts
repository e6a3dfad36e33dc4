import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { ToTcInput } from '@anyseat/protocol';
import { ScriptedHub, type Talk } from '../scriptedHub.fixture.ts';
import { FakeViewer } from '../viewer/fakeViewer.ts';
import type { Picture } from './picture.ts';
import type { Report } from './report.ts';
import { runRound } from './round.ts';
import { scenario } from './scenario.ts';
import type { Screen } from './screen.ts';

/** A desktop on which each letter stands where the one before it ended, and BackSpace takes the last away. */
class FakeScreen implements Screen {
  readonly display = ':0';
  readonly pressed: string[] = [];
  /** Takes no keys any more. */
  hangs = false;
  blank = false;
  closed = false;
  #letters = 0;

  async look(): Promise<Picture> {
    const points = new Uint32Array(4000);
    if (!this.blank) points.fill(1, 0, 20 + this.#letters * 10);
    return { width: 100, height: 40, points };
  }

  move(): void {}
  click(): void {}

  press(key: { letter: string } | { name: string }): void {
    this.pressed.push('letter' in key ? key.letter : key.name);
    if (!this.hangs) this.#letters += 'letter' in key ? 1 : -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'anyseat-robot-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const PASSWORD = 'sesame-of-the-robot';

function round(
  hub: ScriptedHub,
  more: { screen?: FakeScreen; viewer?: FakeViewer; stop?: AbortSignal; bounds?: object } = {},
): { report: Promise<Report>; screen: FakeScreen } {
  const { screen = new FakeScreen(), viewer = new FakeViewer() } = more;
  const settings = scenario.parse({
    hub: { url: hub.url },
    stateDir: join(folder, 'state'),
    runDir: join(folder, 'run'),
    user: 'robot-1',
    password: { file: '/dev/null' },
    steps: [{ move: { x: 0.5, y: 0.5 } }, { type: 'ab' }, { key: 'BackSpace', times: 2 }],
    bounds: more.bounds ?? {},
  });
  const report = runRound(settings, {
    clock: systemClock,
    log: silentLog,
    version: 'test',
    password: PASSWORD,
    openScreen: () => Promise.resolve(screen),
    viewerOn: () => viewer,
    stop: more.stop ?? new AbortController().signal,
  });
  return { report, screen };
}

const grantOf = (requestId: string): ToTcInput => ({
  type: 'grant',
  requestId,
  sessionId: 'session_1',
  generation: 1,
  resumeSecret: 'secret-of-the-session',
  person: { displayName: 'Robot', user: 'robot-1' },
  desktop: { name: 'desk-7', pool: 'Robots' },
  display: { kind: 'spice', host: '127.0.0.1', port: 5900 },
  tookMs: { directory: 2, desktop: 1 },
});

async function grant(talk: Talk): Promise<void> {
  const { requestId, password } = await talk.next('login');
  expect(password).toBe(PASSWORD);
  talk.send(grantOf(requestId));
}

/** Answers the log-off that has to come. */
async function release(talk: Talk): Promise<void> {
  const { sessionId } = await talk.next('logoff');
  talk.send({ type: 'release', sessionId, code: 'logged-off' });
}

const summary = ({ result, stage, code, stages, session }: Report) => ({
  result,
  stage,
  code,
  stages: stages.map((one) => one.name),
  session,
});

describe('a round', () => {
  test('logs in, sees an answer to each letter, and logs off', async () => {
    await using hub = await ScriptedHub.listen();
    const { report, screen } = round(hub);
    const talk = await hub.welcome();
    await grant(talk);
    await release(talk);
    const done = await report;
    expect(summary(done)).toEqual({
      result: 'ok',
      stage: undefined,
      code: undefined,
      stages: ['screen', 'hub', 'login', 'viewer', 'picture', 'rest', 'echo', 'logoff'],
      session: 'session_1',
    });
    expect(done).toMatchObject({
      robot: 1,
      user: 'robot-1',
      seat: '1-001',
      site: 'Nantong',
      desktop: 'desk-7',
      pool: 'Robots',
      hubMs: { directory: 2, desktop: 1 },
      echo: { letters: 2 },
    });
    expect(screen.pressed).toEqual(['a', 'b', 'BackSpace', 'BackSpace']);
    expect(screen.closed).toBe(true);
    expect(JSON.stringify(done)).not.toContain(PASSWORD);
  });

  test('that is refused says why, in the hub’s code and in words', async () => {
    await using hub = await ScriptedHub.listen();
    const { report } = round(hub);
    const talk = await hub.welcome();
    const { requestId } = await talk.next('login');
    talk.send({ type: 'refused', requestId, code: 'account-disabled' });
    const done = await report;
    expect(summary(done)).toMatchObject({ result: 'failed', stage: 'login', code: 'account-disabled' });
    expect(done.why).toBe('Your account is switched off.');
  });

  test('that gets no desktop in time says its place in the queue, and takes the request back', async () => {
    await using hub = await ScriptedHub.listen();
    const { report } = round(hub, { bounds: { desktop: 0.05 } });
    const talk = await hub.welcome();
    const { requestId } = await talk.next('login');
    talk.send({ type: 'queued', requestId, place: 4 });
    const done = await report;
    expect(summary(done)).toMatchObject({ result: 'failed', stage: 'desktop', code: 'robot-still-queued' });
    expect(done.why).toContain('4');
    expect(await talk.next('cancel')).toMatchObject({ requestId });
  });

  test('on a desktop that takes no keys fails at the echo, and gives the desktop back', async () => {
    await using hub = await ScriptedHub.listen();
    const screen = new FakeScreen();
    screen.hangs = true;
    const { report } = round(hub, { screen, bounds: { echo: 0.2 } });
    const talk = await hub.welcome();
    await grant(talk);
    await release(talk);
    expect(summary(await report)).toMatchObject({
      result: 'failed',
      stage: 'echo',
      code: 'robot-no-echo',
      session: 'session_1',
    });
  });

  test('on a screen that stays of one colour fails at the picture', async () => {
    await using hub = await ScriptedHub.listen();
    const screen = new FakeScreen();
    screen.blank = true;
    const { report } = round(hub, { screen, bounds: { picture: 0.1 } });
    const talk = await hub.welcome();
    await grant(talk);
    await release(talk);
    expect(summary(await report)).toMatchObject({ stage: 'picture', code: 'robot-no-picture' });
  });

  test('whose viewer cannot reach the desktop says so', async () => {
    await using hub = await ScriptedHub.listen();
    const viewer = new FakeViewer();
    viewer.connects = false;
    const { report } = round(hub, { viewer });
    const talk = await hub.welcome();
    await grant(talk);
    while (!viewer.current) await systemClock.sleep(5);
    viewer.current.end('unreachable');
    await release(talk);
    expect(summary(await report)).toMatchObject({ result: 'failed', stage: 'viewer', code: 'unreachable' });
  });

  test('that is stopped half-way logs off and says nothing about the desktops', async () => {
    await using hub = await ScriptedHub.listen();
    const stop = new AbortController();
    const screen = new FakeScreen();
    screen.blank = true;
    const { report } = round(hub, { screen, stop: stop.signal });
    const talk = await hub.welcome();
    await grant(talk);
    await talk.next('viewer');
    stop.abort();
    await release(talk);
    expect(summary(await report)).toMatchObject({ result: 'unknown', code: 'robot-stopped' });
  });

  test('begins with the end of the session that a killed robot left', async () => {
    await using hub = await ScriptedHub.listen();
    const session = {
      id: 'session_0',
      generation: 1,
      secret: 'old-secret',
      person: { displayName: 'Robot', user: 'robot-1' },
      desktop: { name: 'desk-3', pool: 'Robots' },
    };
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run/session.json'), JSON.stringify({ session, logoffs: [] }));
    const { report } = round(hub);
    const talk = await hub.welcome();
    const { sessionId, secret } = await talk.next('logoff');
    expect({ sessionId, secret }).toEqual({ sessionId: 'session_0', secret: 'old-secret' });
    talk.send({ type: 'release', sessionId, code: 'logged-off' });
    await grant(talk);
    await release(talk);
    expect(summary(await report)).toMatchObject({ result: 'ok', session: 'session_1' });
    expect(existsSync(join(folder, 'run/session.json'))).toBe(false);
  });

  test('at a box that nobody approved says so', async () => {
    await using hub = await ScriptedHub.listen();
    const { report } = round(hub, { bounds: { hub: 3 } });
    const talk = await hub.hello();
    talk.send({ type: 'pending', fingerprint: 'K7F2', retryAfterMs: 30_000 });
    expect(summary(await report)).toMatchObject({ result: 'failed', stage: 'hub', code: 'tc-not-approved' });
  });
});
