import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import { languages, pageWords } from '@anyseat/words';
import type { Intent, PageState } from '../../agent/src/common/bridge.ts';
import { BridgeServer } from '../../agent/src/node/bridge/bridgeServer.ts';
import { Inbox } from '../../agent/src/node/waiting.fixture.ts';
import { bringAxe } from './parts/axe.ts';
import { everyState } from './pageStates.fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : 'chromium is not installed';
const states = everyState(systemClock.now());

let folder: string;
let pageDir: string;
let seat: Seat | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-page-'));
  pageDir = join(folder, 'page');
  // As a program of its own: inside the test runner it would take React's development half.
  const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')));
  const config = fileURLToPath(new URL('../../agent/vite.config.ts', import.meta.url));
  execFileSync(
    process.execPath,
    [vite, 'build', '--config', config, '--outDir', pageDir, '--logLevel', 'error'],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  if (!missing) seat = await Seat.open();
});
afterAll(async () => {
  await seat?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

class FakeCore {
  page: PageState = states.login!;
  readonly intents = new Inbox<Intent>();
  readonly #listeners = new Set<(page: PageState) => void>();
  onPage(listener: (page: PageState) => void) {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
  intend(intent: Intent) {
    this.intents.put(intent);
  }
  change(page: PageState) {
    this.page = page;
    for (const listener of this.#listeners) listener(page);
  }
}

/** One browser with the page open, for all tests; each begins at a freshly loaded form. */
class Seat implements AsyncDisposable {
  readonly core = new FakeCore();
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  page: Page;
  bridge: BridgeServer;
  #shown = 0;

  private constructor(browser: Browser, page: Page, bridge: BridgeServer, core: FakeCore) {
    this.#browser = browser;
    this.page = page;
    this.bridge = bridge;
    this.core = core;
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async open(): Promise<Seat> {
    const core = new FakeCore();
    const bridge = await openBridge(core);
    const root = process.getuid?.() === 0;
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: root ? ['--no-sandbox'] : [] });
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    await page.goto(bridge.lastingAddress);
    return new Seat(browser, page, bridge, core);
  }

  async atTheForm(): Promise<void> {
    this.complaints.length = 0;
    this.core.page = states.login!;
    await this.page.reload();
    await this.show(states.login!);
  }

  /** Resolves when the page has drawn it. */
  async show(state: PageState): Promise<void> {
    const version = `drawn-${++this.#shown}.`;
    this.core.change({ ...state, box: { ...state.box, version } });
    await this.page.getByText(version).waitFor();
  }

  intent(): Promise<Intent> {
    return this.core.intents.take(() => true, 'an intent');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.bridge[Symbol.asyncDispose]();
  }
}

const openBridge = (core: FakeCore, port = 0) =>
  BridgeServer.open({ core, port, pageDir, runDir: join(folder, 'run'), log: silentLog });

async function atTheForm(context: TestContext): Promise<Seat> {
  if (missing) context.skip(missing);
  await seat!.atTheForm();
  return seat!;
}

/** A name, Tab, a password. */
async function fillIn(page: Page, user: string, password: string): Promise<void> {
  await page.keyboard.type(user);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
}

/** Whether all fits, nothing is missing in the words, and there is one heading. */
const LOOK = `{
  const stage = document.querySelector('.stage');
  ({
    overflows: stage.scrollHeight > stage.clientHeight || stage.scrollWidth > stage.clientWidth ||
      [...stage.querySelectorAll('*')].some((one) => one.getBoundingClientRect().right > innerWidth) ||
      document.documentElement.scrollWidth > innerWidth,
    hole: /undefined|NaN|[{}[\\]|]/.test(document.body.textContent),
    headings: document.querySelectorAll('h1').length,
  });
}`;

/** The words of what has the focus. */
const focused = (page: Page) =>
  page.evaluate<string>(`{
    const { activeElement: element } = document;
    const label = element.id && document.querySelector('label[for="' + element.id + '"]');
    (label || element).textContent;
  }`);

test('weighs less than 150 kB on the wire', () => {
  const files = readdirSync(pageDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.\w+$/.test(name),
  );
  const bytes = files.map((name) => gzipSync(readFileSync(join(pageDir, name))).length);
  expect(files.length).toBeGreaterThan(2);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(150_000);
});

test('uses every text that is written for it', () => {
  const source = fileURLToPath(new URL('../../agent/src/page', import.meta.url));
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => readFileSync(join(source, name), 'utf8'))
    .join('');
  const elsewhere = ['notAllowed'];
  expect(Object.keys(pageWords).filter((key) => !text.includes(`'${key}'`))).toEqual(elsewhere);
});

describe('the form', () => {
  test('is filled in and sent with the keyboard alone', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    expect(await focused(page)).toBe('User name');
    await page.keyboard.type(' lina');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Password');
    await page.keyboard.type('pass word 密码');
    await page.keyboard.press('Enter');
    expect(await seat.intent()).toEqual({ type: 'login', user: 'lina', password: 'pass word 密码' });
    // Nothing of it stays on the page.
    await seat.show(states['wrong password']!);
    expect(await page.content()).not.toContain('pass word');
  });

  test('sent half filled says what is missing, and goes there', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await page.keyboard.press('Enter');
    await page.getByText('Type your user name.').waitFor();
    expect(await focused(page)).toBe('User name');
    await page.keyboard.type('lina');
    await page.keyboard.press('Enter');
    await page.getByText('Type your password.').waitFor();
    expect(await focused(page)).toBe('Password');
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    expect(seat.core.intents.rest).toEqual([]);
  });

  test('refused keeps the name, wants the password anew, and reads out why', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await fillIn(page, 'lina', 'wrong\n');
    await seat.intent();
    await seat.show(states['logging in']!);
    await seat.show(states['wrong password']!);
    expect(await page.getByRole('alert').textContent()).toContain(
      'The user name or the password is not right.',
    );
    expect(await focused(page)).toBe('Password');
    expect(await page.getByLabel('User name').inputValue()).toBe('lina');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    // Refused once more in the same words: the eyes and the focus are at the password again.
    await page.keyboard.type('again\n');
    await seat.intent();
    await seat.show(states['logging in']!);
    await seat.show(states['wrong password']!);
    expect(await focused(page)).toBe('Password');
  });

  test('does not show one person’s name to the next', async (context) => {
    const seat = await atTheForm(context);
    await fillIn(seat.page, 'lina', 'right\n');
    await seat.intent();
    await seat.show(states['on the desktop']!);
    await seat.show(states['logged off']!);
    expect(await seat.page.getByLabel('User name').inputValue()).toBe('');
    expect(await focused(seat.page)).toBe('User name');
  });

  test('left half filled is emptied after two minutes', async (context) => {
    if (missing) context.skip(missing);
    // A browser of its own: its clock is set.
    await using seat = await Seat.open();
    const { page } = seat;
    await page.clock.install();
    await seat.atTheForm();
    await fillIn(page, 'lina', 'secret');
    await page.clock.fastForward(119_000);
    expect(await page.getByLabel('User name').inputValue()).toBe('lina');
    await page.clock.fastForward(2000);
    expect(await page.getByLabel('User name').inputValue()).toBe('');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');

    await seat.show(states['must change']!);
    await page.getByLabel('Present password').fill('secret');
    await page.clock.fastForward(119_000);
    expect(seat.core.intents.rest).toEqual([]);
    await page.clock.fastForward(2000);
    expect(await seat.intent()).toEqual({ type: 'cancel' });
  });

  test('tells of Caps Lock, and lets the password be looked at', async (context) => {
    const seat = await atTheForm(context);
    const password = seat.page.getByLabel('Password', { exact: true });
    const key = (capsLock: boolean) =>
      password.dispatchEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: capsLock });
    await key(true);
    await seat.page.getByText('Caps Lock is on.').waitFor();
    await key(false);
    await seat.page.getByText('Caps Lock is on.').waitFor({ state: 'detached' });
    expect(await password.getAttribute('type')).toBe('password');
    await seat.page.getByRole('button', { name: 'Show password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await seat.page.getByRole('button', { name: 'Hide password' }).click();
    expect(await password.getAttribute('type')).toBe('password');
  });

  test('can be used while the hub is away, and says so', async (context) => {
    const seat = await atTheForm(context);
    await seat.show(states['first start']!);
    await seat.page.getByText('Looking for the service').waitFor();
    await fillIn(seat.page, 'lina', 'right\n');
    expect(await seat.intent()).toMatchObject({ type: 'login', user: 'lina' });
  });

  test('speaks the other language at one press', async (context) => {
    const seat = await atTheForm(context);
    await seat.page.getByRole('button', { name: '中文' }).click();
    expect(await seat.intent()).toEqual({ type: 'setLanguage', language: 'zh-CN' });
    await seat.show({ ...states.login!, language: 'zh-CN' });
    expect(await seat.page.getByRole('heading').textContent()).toBe('登录');
    expect(await seat.page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });
});

describe('a new password', () => {
  const note = (page: Page, text: string) => page.getByText(text).waitFor();

  test('is chosen with the keyboard alone, the new one twice', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await seat.show(states['must change']!);
    expect(await page.getByRole('alert').textContent()).toContain('must be changed before you can go on');
    expect(await focused(page)).toBe('Present password');
    for (const text of ['old', 'New-4711 密码', 'New-4711 密码']) {
      await page.keyboard.type(text);
      // Past the eye that shows it.
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    expect(await seat.intent()).toEqual({
      type: 'changePassword',
      user: 'lina',
      password: 'old',
      newPassword: 'New-4711 密码',
    });
    await seat.show(states['changing password']!);
    await seat.show(states['new one too short']!);
    expect(await page.content()).not.toContain('4711');
    expect(await focused(page)).toBe('Present password');
    expect(await page.getByRole('alert').textContent()).toContain('at least 8 characters');
  });

  test('that is missing, the present one, or not twice the same is not sent', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await seat.show(states['password expired']!);
    const fill = async (present: string, wanted: string, again: string) => {
      await page.getByLabel('Present password').fill(present);
      await page.getByLabel('New password', { exact: true }).fill(wanted);
      await page.getByLabel('New password, once more').fill(again);
      await page.keyboard.press('Enter');
    };
    await fill('', 'new', 'new');
    await note(page, 'Type your password.');
    expect(await focused(page)).toBe('Present password');
    await fill('old', '', '');
    await note(page, 'Type a new password.');
    await fill('old', 'old', 'old');
    await note(page, 'That is the password you have now.');
    await fill('old', 'new', 'now');
    await note(page, 'The two are not the same.');
    expect(await focused(page)).toBe('New password, once more');
    expect(seat.core.intents.rest).toEqual([]);
  });

  test('is to be had on wish, for whose name is typed, and left by Escape', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await page.keyboard.type('lina');
    await page.getByRole('button', { name: 'Change password' }).click();
    expect(await seat.intent()).toEqual({ type: 'wantNewPassword', user: 'lina' });
    await seat.show(states['change on wish']!);
    expect(await focused(page)).toBe('User name');
    await page.keyboard.press('Escape');
    expect(await seat.intent()).toEqual({ type: 'cancel' });
    await seat.show(states['directory down']!);
    expect(await page.getByRole('button', { name: 'Change password' }).count()).toBe(0);
  });
});

describe('waiting', () => {
  test('is not cancelled by an Enter that was meant for the form, but by Escape', async (context) => {
    const seat = await atTheForm(context);
    const { page } = seat;
    await fillIn(page, 'lina', 'right');
    await page.keyboard.down('Enter');
    await seat.intent();
    await seat.show(states['logging in']!);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await seat.intent()).toEqual({ type: 'cancel' });
  });

  test('lights up one step after the other', async (context) => {
    const seat = await atTheForm(context);
    const steps = async () => {
      const all = await seat.page.locator('.step').all();
      const classes = await Promise.all(all.map((one) => one.getAttribute('class')));
      return classes.map((name) => name?.split('-')[1]);
    };
    await seat.show(states['logging in']!);
    expect(await steps()).toEqual(['done', 'active', 'todo', 'todo', 'todo', 'todo']);
    await seat.show(states.starting!);
    expect(await steps()).toEqual(['done', 'done', 'done', 'done', 'done', 'active']);
  });

  test('in the queue shows the place and the wait', async (context) => {
    const seat = await atTheForm(context);
    await seat.show(states.queued!);
    expect(await seat.page.locator('.queue-place').textContent()).toBe('12');
    expect(await seat.page.locator('.queue-wait').textContent()).toBe('about 4 minutes');
    await seat.page.getByRole('button', { name: 'Cancel' }).click();
    expect(await seat.intent()).toEqual({ type: 'cancel' });
  });
});

describe('a desktop', () => {
  test('whose picture ended is one Enter away', async (context) => {
    const seat = await atTheForm(context);
    await seat.show(everyState(systemClock.now())['viewer ended']!);
    await seat.page.getByText('The connection to your desktop was lost.').waitFor();
    expect(await seat.page.getByRole('timer').textContent()).toMatch(/^4:(2\d|3[0-2])$/);
    await seat.page.keyboard.press('Enter');
    expect(await seat.intent()).toEqual({ type: 'backToDesktop' });
  });

  test('of which something is to be noted is not lost from sight by what is being typed, and back at a key', async (context) => {
    if (missing) context.skip(missing);
    // A browser of its own: its clock is set.
    await using seat = await Seat.open();
    const { page } = seat;
    await page.clock.install();
    await seat.atTheForm();
    const keys = async () => {
      for (const key of ['a', 'Enter', 'Escape']) await page.keyboard.press(key);
    };
    await seat.show(states['warned']!);
    await keys();
    expect(seat.core.intents.rest).toEqual([]);
    await page.clock.fastForward(2000);
    await page.locator('.actions button:enabled').waitFor();
    await page.keyboard.press('a');
    await page.mouse.move(300, 300);
    expect(seat.core.intents.rest).toEqual([]);
    await page.keyboard.press('Enter');
    expect(await seat.intent()).toEqual({ type: 'noted' });
  });

  test('that is about to be locked for want of a touch is back at a touch', async (context) => {
    if (missing) context.skip(missing);
    await using seat = await Seat.open();
    const { page } = seat;
    await page.clock.install();
    await seat.atTheForm();
    await page.mouse.move(200, 200);
    await seat.show(states['warned, idle']!);
    await page.clock.fastForward(2000);
    await page.locator('.actions button:enabled').waitFor();
    await page.mouse.move(400, 250, { steps: 50 });
    expect(await seat.intent()).toEqual({ type: 'noted' });
  });

  test('that is open can be gone back to and left', async (context) => {
    const seat = await atTheForm(context);
    await seat.show(states['on the desktop']!);
    await seat.page.getByRole('button', { name: 'Back to my desktop' }).click();
    expect(await seat.intent()).toEqual({ type: 'backToDesktop' });
    await seat.page.getByRole('button', { name: 'Log off' }).click();
    expect(await seat.intent()).toEqual({ type: 'logOff' });
  });
});

test('shows the time of the site by the hub’s clock, not by its own', async (context) => {
  const seat = await atTheForm(context);
  const shownAt = async (offset: number, timeZone: string) => {
    const site = { title: 'Site', timeZone };
    await seat.show({ ...states.login!, clockOffsetMs: offset, place: { site } });
    return seat.page.locator('.clock-time').textContent();
  };
  // In the middle of a minute by the hub's clock, however the box's stands.
  const offset = Date.parse('2026-11-23T08:00:30Z') - systemClock.now();
  expect(await shownAt(offset, 'Asia/Shanghai')).toBe('16:00');
  expect(await shownAt(offset, 'Europe/London')).toBe('08:00');
});

test('says that the agent is away, and goes on when it is back', async (context) => {
  const seat = await atTheForm(context);
  const port = Number(new URL(seat.bridge.origin).port);
  await seat.bridge[Symbol.asyncDispose]();
  await seat.page.getByText('The program of this seat is starting again').waitFor();
  seat.core.page = states['viewer ended']!;
  seat.bridge = await openBridge(seat.core, port);
  await seat.page.getByText('The connection to your desktop was lost.').waitFor();
});

// In one language: the other has the same elements in the same colours.
test('can be used by everybody in every state (axe)', async (context) => {
  const seat = await atTheForm(context);
  const serious = await bringAxe(seat.page);
  const faults: Record<string, string[]> = {};
  for (const [name, state] of Object.entries(states)) {
    await seat.show(state);
    const found = await serious();
    if (found.length > 0) faults[name] = found;
  }
  expect(faults).toEqual({});
});

test.for([
  [1024, 768],
  [1366, 768],
  [1920, 1080],
  [3840, 2160],
] as const)(
  'fits at %i×%i in every state and language, whole and without a complaint',
  async ([width, height], context) => {
    const seat = await atTheForm(context);
    await seat.page.setViewportSize({ width, height });
    const faults: string[] = [];
    for (const language of languages) {
      for (const [name, state] of Object.entries(states)) {
        await seat.show({ ...state, language });
        const found = await seat.page.evaluate<{ overflows: boolean; hole: boolean; headings: number }>(LOOK);
        if (found.overflows || found.hole || found.headings !== 1)
          faults.push(`${name} in ${language}: ${JSON.stringify(found)}`);
      }
    }
    expect(faults).toEqual([]);
    expect(seat.complaints).toEqual([]);
  },
);
