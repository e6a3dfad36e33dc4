import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import type { BoxControl } from '../commands/commands.ts';
import { Core } from '../core.ts';
import { ScriptedHub } from '../scriptedHub.fixture.ts';
import { FakeViewer } from '../viewer/fakeViewer.ts';
import { until } from '../waiting.fixture.ts';
import { newUpdateHome } from './releases.fixture.ts';
import { Updates } from './updates.ts';

const nothing = () => Promise.reject(new Error('nobody asks for that here'));
const box: BoxControl = {
  restartAgent: nothing,
  reboot: nothing,
  shutDown: nothing,
  wake: nothing,
  logs: nothing,
  screenshot: nothing,
};

test('a whole agent starts no other release from the login on to the log-off, and then at once', async () => {
  using home = newUpdateHome();
  const release = home.release('0.2.0');
  home.slots.install(release, release.payload);
  await using hub = await ScriptedHub.listen();
  const log = openLog({ name: 'agent', level: 'silent' });
  let ended = 0;
  await using updates = new Updates({
    slots: home.slots,
    running: '0.1.0',
    onTrial: false,
    dial: (signal) => core.dialHub(signal),
    isFree: () => core.isFree,
    end: () => ended++,
    clock: systemClock,
    log,
  });
  await using core: Core = new Core({
    config: {
      hub: { url: hub.url, fallbacks: [], pins: [], pingSeconds: 15 },
      stateDir: join(home.folder, 'state'),
      runDir: join(home.folder, 'run'),
      language: 'en',
    },
    viewer: new FakeViewer(),
    clock: systemClock,
    log,
    version: '0.1.0',
    box,
    updates,
    linkTimes: { firstPauseMs: 20, mostPauseMs: 40 },
  });
  const talk = await hub.welcome();
  expect(await talk.next('update')).toMatchObject({ running: '0.1.0', state: 'ready', version: '0.2.0' });
  let commands = 0;
  const start = async () => {
    const commandId = `c${++commands}`;
    talk.send({ type: 'command', commandId, command: { do: 'update', version: '0.2.0' } });
    const { state, text } = await talk.next('outcome');
    return text === undefined ? state : `${state}: ${text}`;
  };

  core.intend({ type: 'login', user: 'lina', password: 'sesame' });
  const { requestId } = await talk.next('login');
  expect(await start()).toBe('failed: somebody is logged in');
  talk.send({
    type: 'grant',
    requestId,
    sessionId: 'ses_1',
    generation: 1,
    resumeSecret: 'secret-1',
    person: { displayName: 'Li Na', user: 'lina' },
    desktop: { name: 'seat-00001', pool: 'front' },
    display: { kind: 'spice', host: '10.0.0.1', port: 5900 },
  });
  await until(() => core.page.screen.kind === 'onDesktop');
  expect(await start()).toBe('failed: somebody is logged in');
  core.intend({ type: 'logOff' });
  await until(() => core.page.screen.kind === 'login');
  expect([ended, home.slots.state]).toEqual([0, {}]);
  expect(await start()).toBe('done');
  await until(() => ended === 1);
  expect(home.slots.state).toEqual({ trial: { slot: 'a', version: '0.2.0', starts: 0 } });
});
