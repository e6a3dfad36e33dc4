import { describe, expect, test } from 'vitest';
import {
  checkConfig,
  exampleConfig,
  parseYaml,
  SECOND,
  systemClock,
  toFault,
  type Clock,
} from '@anyseat/base';
import { exitCodes, resultOf } from './report.ts';
import { scenario, type Scenario } from './scenario.ts';
import { failed, Stages } from './stages.ts';

const settings = (more: object = {}): Scenario =>
  scenario.parse({
    hub: { url: 'wss://hub.example' },
    user: 'robot-1',
    password: { file: '/dev/null' },
    ...more,
  });

/** A clock on which each stage takes as long as it says. */
function handClock(): Clock & { pass: (ms: number) => void } {
  let now = 0;
  return { ...systemClock, monotonic: () => now, pass: (ms) => (now += ms) };
}

const never = new AbortController().signal;

describe('a stage', () => {
  test('that goes well is kept with its time, and called slow from its limit on', async () => {
    const clock = handClock();
    const stages = new Stages(clock, settings({ slow: { hub: 1, login: 1 } }), never);
    await stages.run('hub', async () => clock.pass(900));
    await stages.run('login', async () => clock.pass(1100));
    await stages.run('viewer', async () => clock.pass(9 * SECOND));
    expect(stages.done).toEqual([
      { name: 'hub', tookMs: 900, ok: true, slow: false },
      { name: 'login', tookMs: 1100, ok: true, slow: true },
      { name: 'viewer', tookMs: 9000, ok: true, slow: false },
    ]);
    expect(exitCodes[resultOf(stages.done, undefined)]).toBe(1);
  });

  test('that is late fails with the reason that is true by then, and its bound', async () => {
    const stages = new Stages(systemClock, settings({ bounds: { desktop: 0.01 } }), never);
    const waiting = stages.run(
      'desktop',
      () => new Promise(() => {}),
      () => ({ code: 'robot-still-queued', fields: { place: 3 } }),
    );
    const fault = toFault(await waiting.catch((error: unknown) => error));
    expect({ code: fault.code, fields: fault.fields, ok: stages.done[0]?.ok }).toEqual({
      code: 'robot-still-queued',
      fields: { place: 3, seconds: 0.01 },
      ok: false,
    });
  });

  test('that somebody stops fails as stopped, and so does every one after it', async () => {
    const stop = new AbortController();
    const stages = new Stages(systemClock, settings(), stop.signal);
    const hanging = stages.run('rest', () => new Promise(() => {}));
    stop.abort();
    const codes = [
      await hanging.catch((error: unknown) => toFault(error).code),
      await stages.run('echo', () => new Promise(() => {})).catch((error: unknown) => toFault(error).code),
    ];
    expect(codes).toEqual(['robot-stopped', 'robot-stopped']);
    expect(resultOf(stages.done, { code: 'robot-stopped', fields: {} })).toBe('unknown');
  });

  test('that says itself why it failed is believed', async () => {
    const stages = new Stages(systemClock, settings(), never);
    const round = stages.run('login', () => Promise.reject(failed('wrong-password')));
    expect(toFault(await round.catch((error: unknown) => error)).code).toBe('wrong-password');
    expect(resultOf(stages.done, { code: 'wrong-password', fields: {} })).toBe('failed');
  });
});

describe('a scenario', () => {
  test('has steps that type something, and never a password', () => {
    const paths = (more: object) => {
      const all = { hub: { url: 'wss://hub.example' }, user: 'r', password: { file: '/x' }, ...more };
      return scenario.safeParse(all).error?.issues.map((issue) => issue.path.join('.')) ?? [];
    };
    expect(paths({})).toEqual([]);
    expect(paths({ steps: [{ move: { x: 0, y: 1 } }] })).toEqual(['steps']);
    expect(paths({ password: 'geheim' })).toEqual(['password']);
    expect(paths({ password: { text: 'geheim' } })).toEqual(['password']);
  });

  test('is what its example shows', () => {
    const text = exampleConfig(scenario, 'A round');
    expect(checkConfig(scenario, parseYaml(text, 'example'), 'example')).toMatchObject({
      user: 'robot-1',
      password: { file: '/etc/anyseat-robot/password' },
      bounds: { echo: 5 },
      slow: { echo: 2 },
    });
  });

  test('has a default that takes back what it typed', () => {
    expect(settings().steps).toEqual([
      { move: { x: 0.5, y: 0.5 } },
      { type: 'anyseat' },
      { key: 'BackSpace', times: 7 },
    ]);
  });
});
