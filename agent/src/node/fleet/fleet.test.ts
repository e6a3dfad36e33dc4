import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkConfig, exampleConfig, isFault, parseYaml, systemClock } from '@anyseat/base';
import { ScriptedHub, type Talk } from '../scriptedHub.fixture.ts';
import { until } from '../waiting.fixture.ts';
import { behaviour, userAt, type Behaviour } from './behaviour.ts';
import { Figures } from './figures.ts';
import { openKeys } from './fleetKeys.ts';
import { runFleet, type Second } from './fleet.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'anyseat-fleet-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const settings = (hub: ScriptedHub, more: object = {}): Behaviour =>
  behaviour.parse({ hub: { url: hub.url }, folder, connectPerSecond: 1000, ...more });

function start(settings: Behaviour, seats: number) {
  const stop = new AbortController();
  const seconds: Second[] = [];
  const over = runFleet(settings, seats, {
    clock: systemClock,
    version: 'test',
    tell: (second) => seconds.push(second),
    stop: stop.signal,
  });
  return { seconds, over, stop };
}

/** The hub's answer to a login. */
function grant(talk: Talk, requestId: string): void {
  talk.send({
    type: 'grant',
    requestId,
    sessionId: 'session_1',
    generation: 1,
    resumeSecret: 'secret-of-the-session',
    person: { displayName: 'Anna', user: 'anna' },
    desktop: { name: 'desk-7', pool: 'Standard' },
    display: { kind: 'spice', host: '127.0.0.1', port: 5900 },
  });
}

describe('a fleet', () => {
  test('is as many seats as it was told, each with a key of its own that it has at the next start too', async () => {
    await using hub = await ScriptedHub.listen();
    for (let round = 0; round < 2; round++) {
      const { over, stop } = start(settings(hub), 3);
      for (let i = 0; i < 3; i++) await hub.welcome();
      stop.abort();
      expect(await over).toMatchObject({ fleet: 1, kind: 'end', seats: 3 });
    }
    const [first, second] = [hub.proved.slice(0, 3), hub.proved.slice(3)];
    expect(new Set(first).size).toBe(3);
    expect([...second].sort()).toEqual([...first].sort());
  });

  test('tells each second how many are online, and counts what is lost', async () => {
    await using hub = await ScriptedHub.listen();
    const { over, stop, seconds } = start(settings(hub), 2);
    const talks = [await hub.welcome(), await hub.welcome()];
    await until(() => seconds.some(({ online }) => online === 2));
    talks[0]!.socket.terminate();
    await hub.welcome();
    await until(() => seconds.some(({ totals }) => totals.welcomed === 3));
    stop.abort();
    expect((await over).totals).toMatchObject({ welcomed: 3, lost: 1, logins: 0 });
  });

  test('has people who log in, work, and log off, as agents do', async () => {
    await using hub = await ScriptedHub.listen();
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'sesame\n');
    const people = {
      share: 1,
      user: 'agent{00n}',
      passwordFile,
      arriveSeconds: 0,
      workSeconds: 0.2,
      viewerMs: 5,
    };
    const { over, stop } = start(settings(hub, { people }), 1);
    const talk = await hub.welcome({ reportEveryMs: 20 });
    const { requestId, user, password } = await talk.next('login');
    expect({ user, password }).toEqual({ user: 'agent01', password: 'sesame' });
    grant(talk, requestId);
    const states = [await talk.next('viewer'), await talk.next('viewer'), await talk.next('viewer')];
    expect(states.map(({ state }) => state)).toEqual(['starting', 'connecting', 'connected']);
    expect(await talk.next('activity')).toMatchObject({ sessionId: 'session_1' });
    const { sessionId } = await talk.next('logoff');
    talk.send({ type: 'release', sessionId, code: 'logged-off' });
    stop.abort();
    const { totals, login } = await over;
    expect(totals).toMatchObject({ logins: 1, grants: 1, logoffs: 1, refused: {} });
    expect(login?.count).toBe(1);
  });

  test('that is to report always does so without a desktop', async () => {
    await using hub = await ScriptedHub.listen();
    const { over, stop } = start(settings(hub, { activity: 'always' }), 1);
    const talk = await hub.welcome({ reportEveryMs: 10 });
    expect(await talk.next('activity')).toMatchObject({ epoch: 1, sessionId: 'fleet' });
    await talk.next('activity');
    expect(await talk.next('inventory')).toMatchObject({ model: 'fleet' });
    expect(await talk.next('health')).toMatchObject({ epoch: 1, cores: 2 });
    stop.abort();
    expect((await over).totals.said['activity']).toBeGreaterThanOrEqual(2);
  });
});

describe('keys of a fleet', () => {
  test('are added to and never replaced, and only we can read them', () => {
    const few = openKeys(folder, 2).map(({ fingerprint }) => fingerprint);
    const more = openKeys(folder, 4).map(({ fingerprint }) => fingerprint);
    expect({ kept: more.slice(0, 2), all: new Set(more).size }).toEqual({ kept: few, all: 4 });
    expect(openKeys(folder, 1).map(({ fingerprint }) => fingerprint)).toEqual(few.slice(0, 1));
    expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o600);
  });

  test('that cannot be read stop the fleet', () => {
    writeFileSync(join(folder, 'keys'), 'rubbish\n');
    const code = (() => {
      try {
        openKeys(folder, 1);
      } catch (error) {
        return isFault(error) ? error.code : error;
      }
      return undefined;
    })();
    expect(code).toBe('identity-unreadable');
    expect(readFileSync(join(folder, 'keys'), 'utf8')).toBe('rubbish\n');
  });
});

test('a user’s name has the number of the seat in it, with as many digits as are asked for', () => {
  expect(['agent{n}', 'a{0000n}', 'robot'].map((pattern) => userAt(pattern, 37))).toEqual([
    'agent37',
    'a0037',
    'robot',
  ]);
});

test('the example of a behaviour is one', () => {
  const text = exampleConfig(behaviour, 'A fleet');
  expect(checkConfig(behaviour, parseYaml(text, 'example'), 'example')).toMatchObject({
    connectAtOnce: 200,
    people: { share: 0, workSeconds: 300 },
    activity: 'working',
  });
});

test('where somebody works a password is needed', () => {
  const wrong = behaviour.safeParse({ hub: { url: 'wss://hub.example' }, people: { share: 0.5 } });
  expect(wrong.error?.issues.map(({ path }) => path.join('.'))).toEqual(['people.passwordFile']);
});

test('latencies are of one second, and of all', () => {
  const figures = new Figures();
  for (let ms = 1; ms <= 100; ms++) figures.granted(ms);
  expect(figures.takeLatency()).toEqual({ count: 100, p50Ms: 50, p99Ms: 99, mostMs: 100 });
  figures.granted(7);
  expect(figures.takeLatency()).toEqual({ count: 1, p50Ms: 7, p99Ms: 7, mostMs: 7 });
  expect(figures.takeLatency()).toBeUndefined();
  expect(figures.latency?.count).toBe(101);
});
