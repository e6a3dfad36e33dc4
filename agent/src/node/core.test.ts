import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import type { ToTcInput } from '@anyseat/protocol';
import type { PageState, Screen } from '../common/bridge.ts';
import type { BoxControl } from './commands/commands.ts';
import { Core } from './core.ts';
import { ScriptedHub } from './scriptedHub.fixture.ts';
import { Inbox, until } from './waiting.fixture.ts';
import { FakeViewer } from './viewer/fakeViewer.ts';

const CANARY = 'pass-w0rd-of-the-canary';
let folder: string;
let logged: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-agent-'));
  logged = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

const kept = () => join(folder, 'run', 'session.json');
const display = { kind: 'spice', host: '10.0.0.1', port: 5900, password: 'ticket-of-the-canary' } as const;
const grant = (requestId: string, more: Partial<Extract<ToTcInput, { type: 'grant' }>> = {}) =>
  ({
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
  }) satisfies ToTcInput;

/** A box that does nothing. */
class IdleBox implements BoxControl {
  restartAgent = () => Promise.resolve();
  reboot = () => Promise.resolve();
  shutDown = () => Promise.resolve();
  wake = () => Promise.resolve();
  logs = () => Promise.resolve('');
  screenshot = () => Promise.resolve(Buffer.from('picture'));
}

function startAgent(url: string, viewer = new FakeViewer(), tokenFile?: string) {
  const pageAbove: string[] = [];
  const menuKeys: (() => void)[] = [];
  const core = new Core({
    config: {
      hub: { url, fallbacks: [], pins: [], pingSeconds: 15, tokenFile },
      stateDir: join(folder, 'state'),
      runDir: join(folder, 'run'),
      language: 'en',
    },
    viewer,
    clock: systemClock,
    log: openLog({ name: 'agent', level: 'debug', destination: { write: (line) => (logged += line) } }),
    version: '0.0.1',
    bringPage: () => {
      pageAbove.push('up');
      return { [Symbol.dispose]: () => pageAbove.push('down') };
    },
    box: new IdleBox(),
    menuKey: (onMenu) => {
      menuKeys.push(onMenu);
      return { [Symbol.dispose]: () => void menuKeys.splice(menuKeys.indexOf(onMenu), 1) };
    },
    linkTimes: { firstPauseMs: 20, mostPauseMs: 40 },
  });
  const pages = new Inbox<PageState>();
  core.onPage((page) => pages.put(page));
  async function screen<K extends Screen['kind']>(kind: K): Promise<Extract<Screen, { kind: K }>> {
    const page =
      core.page.screen.kind === kind
        ? core.page
        : await pages.take((one) => one.screen.kind === kind, `the screen ${kind}`);
    return page.screen as Extract<Screen, { kind: K }>;
  }
  const online = () => pages.take((one) => one.hub.phase === 'online', 'the hub');
  const logIn = () => core.intend({ type: 'login', user: ' lina ', password: CANARY });
  return Object.assign(core, { screen, online, logIn, viewer, pageAbove, menuKeys });
}

/** A person logged in and at work. */
async function work(hub: ScriptedHub, agent: ReturnType<typeof startAgent>) {
  const talk = await hub.welcome();
  await agent.online();
  agent.logIn();
  const { requestId } = await talk.next('login');
  talk.send(grant(requestId));
  await agent.screen('onDesktop');
  return talk;
}

describe('a person at work', () => {
  test('has the agent’s own page above the desktop by a key, and goes back below it', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    expect(agent.menuKeys).toEqual([]);
    await work(hub, agent);
    const [press] = agent.menuKeys;
    press!();
    press!();
    expect({ menu: agent.page.menu, above: agent.pageAbove }).toEqual({ menu: true, above: ['up'] });
    agent.intend({ type: 'closeMenu' });
    expect({ menu: agent.page.menu, above: agent.pageAbove }).toEqual({
      menu: undefined,
      above: ['up', 'down'],
    });
    press!();
    agent.intend({ type: 'logOff' });
    await agent.screen('login');
    press!();
    expect({ menu: agent.page.menu, above: agent.pageAbove, keys: agent.menuKeys }).toEqual({
      menu: undefined,
      above: ['up', 'down', 'up', 'down'],
      keys: [],
    });
  });
});

describe('an operator', () => {
  test('tells somebody at work something, above their desktop, and learns when it was read', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await work(hub, agent);
    const pages = new Inbox<PageState>();
    using _pages = agent.onPage((page) => pages.put(page));
    talk.send({ type: 'command', commandId: 'c1', command: { do: 'message', text: 'Fire drill' } });
    expect(await talk.next('outcome')).toMatchObject({ epoch: 1, commandId: 'c1', state: 'accepted' });
    await pages.take((page) => page.message?.text === 'Fire drill', 'the message');
    expect(agent.pageAbove).toEqual(['up']);
    agent.intend({ type: 'readMessage', id: 'c1' });
    expect(await talk.next('outcome')).toMatchObject({ commandId: 'c1', state: 'done' });
    await pages.take((page) => page.message === undefined, 'the page without it');
    expect(agent.pageAbove).toEqual(['up', 'down']);
  });
});

describe('a person', () => {
  test('logs in, works, comes back after the picture broke, and logs off', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await hub.welcome();
    await agent.online();
    agent.logIn();

    const login = await talk.next('login');
    expect(login).toEqual({
      type: 'login',
      requestId: expect.any(String),
      user: 'lina',
      password: CANARY,
      language: 'en',
    });
    talk.send({ type: 'progress', requestId: login.requestId, stage: 'desktop' });
    talk.send({ type: 'queued', requestId: login.requestId, place: 2, waitMs: 60_000 });
    expect(await agent.screen('queued')).toMatchObject({ user: 'lina', place: 2 });
    talk.send(grant(login.requestId, { viewer: { monitors: 1, usb: true } }));
    expect(await agent.screen('onDesktop')).toMatchObject({ person: 'Li Na', desktop: 'seat-00001' });
    expect(agent.viewer.current).toMatchObject({
      display,
      title: 'seat-00001',
      settings: { monitors: 1, usb: true },
    });
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    const report = { type: 'viewer', epoch: 1, sessionId: 'ses_1', generation: 1 };
    expect([await talk.next('viewer'), await talk.next('viewer'), await talk.next('viewer')]).toEqual([
      { ...report, state: 'starting' },
      { ...report, state: 'connecting' },
      { ...report, state: 'connected', tookMs: 1 },
    ]);

    agent.viewer.current!.end('link-lost');
    expect(await talk.next('viewer')).toEqual({ ...report, state: 'ended', end: 'link-lost' });
    expect(await agent.screen('viewerEnded')).toMatchObject({ end: 'link-lost', person: 'Li Na' });
    agent.intend({ type: 'backToDesktop' });
    const resume = await talk.next('resume');
    expect(resume).toMatchObject({ want: 'display', secret: 'secret-1', generation: 1 });
    talk.send(grant(resume.requestId, { generation: 2, resumeSecret: 'secret-2' }));
    await agent.screen('onDesktop');

    agent.intend({ type: 'logOff' });
    expect(await talk.next('logoff')).toMatchObject({ sessionId: 'ses_1', secret: 'secret-2' });
    talk.send({ type: 'release', sessionId: 'ses_1', code: 'logged-off' });
    expect(await agent.screen('login')).toMatchObject({ notice: { code: 'logged-off' } });
    expect(agent.viewer.current).toBeUndefined();
    await until(() => !existsSync(kept()));
  });

  test('who is refused sees why and can try again', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await hub.welcome();
    await agent.online();
    for (const code of ['wrong-password', 'directory-unavailable']) {
      agent.logIn();
      const { requestId } = await talk.next('login');
      await agent.screen('loggingIn');
      talk.send({ type: 'refused', requestId, code });
      expect(await agent.screen('login')).toEqual({ kind: 'login', notice: { code, fields: {} } });
    }
  });

  test('whose password must be changed changes it, and logs in with the new one', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await hub.welcome({ capabilities: ['change-password'] });
    await agent.online();
    agent.logIn();
    const { requestId } = await talk.next('login');
    const fields = { changeable: true };
    talk.send({ type: 'refused', requestId, code: 'password-must-change', fields });
    expect(await agent.screen('newPassword')).toEqual({
      kind: 'newPassword',
      user: 'lina',
      notice: { code: 'password-must-change', fields },
    });
    agent.intend({ type: 'changePassword', user: ' lina ', password: CANARY, newPassword: `new ${CANARY}` });
    const change = await talk.next('changePassword');
    expect(change).toEqual({
      type: 'changePassword',
      requestId: expect.any(String),
      user: 'lina',
      password: CANARY,
      newPassword: `new ${CANARY}`,
      language: 'en',
    });
    expect(await agent.screen('changingPassword')).toEqual({ kind: 'changingPassword', user: 'lina' });
    talk.send({ type: 'passwordChanged', requestId: change.requestId });
    expect(await agent.screen('login')).toEqual({
      kind: 'login',
      notice: { code: 'password-changed', fields: {} },
      mayChangePassword: true,
    });
    agent.logIn();
    await talk.next('login');
  });

  test('whose password was on its way when the connection broke is asked for nothing twice', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const first = await hub.welcome();
    await agent.online();
    agent.logIn();
    const asked = await first.next('login');
    first.socket.terminate();

    const second = await hub.welcome({ epoch: 2 });
    const again = await second.next('login');
    expect(again).toEqual({ ...asked, password: '' });
    second.send(grant(asked.requestId));
    await agent.screen('onDesktop');
  });

  test('who types while the hub is away is logged in when it comes', async () => {
    let url: string;
    let port: number;
    {
      await using hub = await ScriptedHub.listen();
      ({ url, port } = hub);
    }
    await using agent = startAgent(url);
    agent.logIn();
    expect(await agent.screen('loggingIn')).toMatchObject({ stage: 'hub' });
    await using hub = await ScriptedHub.listen({ port });
    const talk = await hub.welcome();
    expect(await talk.next('login')).toMatchObject({ user: 'lina', password: CANARY });
  });

  test('leaves neither password nor ticket behind: not in the log, not on the page, not on the disk', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    await work(hub, agent);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
    expect(files.map((path) => path.slice(folder.length + 1)).sort()).toEqual([
      'run/session.json',
      'state/key.pem',
      'state/place.json',
    ]);
    const everything = [
      logged,
      JSON.stringify(agent.page),
      ...files.map((path) => readFileSync(path, 'utf8')),
    ];
    expect(everything.filter((text) => /canary/.test(text))).toEqual([]);
    expect([logged, JSON.stringify(agent.page)].filter((text) => text.includes('secret-1'))).toEqual([]);
  });
});

describe('somebody at work', () => {
  test('works on while the hub is away, and is picked up when it is back', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const before = await work(hub, agent);
    before.socket.terminate();
    const after = await hub.welcome({ epoch: 2 });
    const { requestId } = await after.next('resume');
    expect(agent.viewer.current?.isOver).toBe(false);
    after.send({ type: 'attached', requestId, sessionId: 'ses_1', generation: 1 });
    const report = { epoch: 2, sessionId: 'ses_1', generation: 1, state: 'connected' };
    expect(await after.next('viewer')).toMatchObject(report);
    // Told once more after the hub has looked at the session, in case it came too early.
    expect(await after.next('viewer')).toMatchObject(report);
  });

  test('is back on the same desktop without a password after the agent was killed', async () => {
    await using hub = await ScriptedHub.listen();
    const killed = startAgent(hub.url);
    const before = await work(hub, killed);
    // A killed agent says nothing and cleans nothing up: its file stays, its socket dies.
    const proof = readFileSync(kept(), 'utf8');
    await killed[Symbol.asyncDispose]();
    await before.closed();
    writeFileSync(kept(), proof);

    await using agent = startAgent(hub.url);
    expect(agent.page.screen).toMatchObject({ kind: 'loggingIn', returning: true });
    const after = await hub.welcome({ epoch: 2 });
    const resume = await after.next('resume');
    expect(resume).toMatchObject({ want: 'display', sessionId: 'ses_1', secret: 'secret-1', generation: 1 });
    after.send(grant(resume.requestId, { generation: 2 }));
    await agent.screen('onDesktop');
    expect(agent.viewer.shown).toHaveLength(1);
  });

  test('who is warned sees the page above the desktop, until they have read it', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await work(hub, agent);
    const warning = { code: 'idle-lock-soon', inMs: 60_000 };
    talk.send({ type: 'warning', sessionId: 'ses_1', warning });
    expect(await agent.screen('warned')).toMatchObject({
      person: 'Li Na',
      notice: { code: 'idle-lock-soon' },
    });
    expect(agent.pageAbove).toEqual(['up']);
    agent.intend({ type: 'noted' });
    await until(() => agent.page.screen.kind === 'onDesktop');
    talk.send({ type: 'warning', sessionId: 'ses_1', warning });
    await until(() => agent.page.screen.kind === 'warned');
    talk.send({ type: 'warning', sessionId: 'ses_1' });
    await until(() => agent.page.screen.kind === 'onDesktop');
    expect(agent.pageAbove).toEqual(['up', 'down', 'up', 'down']);
    expect(agent.viewer.current).toBeDefined();
  });

  test('who logs in at another seat is released at this one, and nothing is kept', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await work(hub, agent);
    talk.send({ type: 'release', sessionId: 'ses_1', code: 'moved', fields: { seat: '2-002' } });
    expect(await agent.screen('login')).toEqual({
      kind: 'login',
      notice: { code: 'moved', fields: { seat: '2-002' } },
    });
    expect(agent.viewer.current).toBeUndefined();
    await until(() => !existsSync(kept()));
  });

  test('gets the new picture only when the old one is off the screen', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const talk = await work(hub, agent);
    agent.intend({ type: 'backToDesktop' });
    const { requestId } = await talk.next('resume');
    expect(agent.viewer.current).toBe(agent.viewer.shown[0]);
    talk.send(grant(requestId, { generation: 2 }));
    await until(() => agent.viewer.shown.length === 2);
    expect(agent.viewer.shown.map((run) => run.isOver)).toEqual([true, false]);
    await agent.screen('onDesktop');
  });
});

describe('a box', () => {
  test('shows where it stands before the hub answers, as it learnt it earlier', async () => {
    await using hub = await ScriptedHub.listen();
    const place = { site: { title: 'Nantong', timeZone: 'Asia/Shanghai' }, seat: '1-001' };
    {
      await using agent = startAgent(hub.url);
      expect(agent.page.place).toEqual({});
      await hub.welcome();
      expect((await agent.online()).place).toEqual(place);
    }
    await using again = startAgent(hub.url);
    expect(again.page).toMatchObject({ place, hub: { phase: 'connecting' } });
  });

  test('shows its token to the hub until it is answered, and never again', async () => {
    writeFileSync(join(folder, 'token'), 'one-time-token\n');
    await using hub = await ScriptedHub.listen();
    for (const expected of ['one-time-token', undefined]) {
      await using agent = startAgent(hub.url, undefined, join(folder, 'token'));
      const talk = await hub.welcome();
      await agent.online();
      expect(talk.hello.token).toBe(expected);
    }
  });

  test('whose kept proof is rubbish starts at the login', async () => {
    await using hub = await ScriptedHub.listen();
    {
      await using agent = startAgent(hub.url);
      expect(agent.page.screen.kind).toBe('login');
    }
    writeFileSync(kept(), '{"session":{"id":7}}');
    await using agent = startAgent(hub.url);
    expect(agent.page.screen.kind).toBe('login');
    expect(existsSync(kept())).toBe(false);
  });

  test('knows the hub’s time, not its own', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = startAgent(hub.url);
    const hubTime = systemClock.now() + 3_600_000;
    await hub.welcome({ hubTime });
    const { clockOffsetMs } = await agent.online();
    expect(Math.abs(clockOffsetMs - 3_600_000)).toBeLessThan(1000);
  });
});
