import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { consoleText, consoleWords, isConsoleKey, say } from '@anyseat/words';
import { ConsoleWorld } from './parts/consoleWorld.ts';
import { temporaryFolder } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : 'chromium is not installed';
const TABS = [
  'floor',
  'floor/s0-8',
  'people',
  'sessions',
  'pools',
  'desktops',
  'tcs',
  'rules',
  'problems',
  'audit',
];
const folder = temporaryFolder('console-page');
const pageDir = join(folder.path, 'console');
let browser: Browser | undefined;

beforeAll(async () => {
  // As a program of its own: inside the test runner it would take React's development half.
  const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')));
  const config = fileURLToPath(new URL('../../hub/vite.config.ts', import.meta.url));
  execFileSync(
    process.execPath,
    [vite, 'build', '--config', config, '--outDir', pageDir, '--logLevel', 'error'],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  if (missing) return;
  const root = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: root ? ['--no-sandbox'] : [] });
});
afterAll(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

/** A floor and one browser at it; complaints of the page are kept. */
class Visit implements AsyncDisposable {
  readonly world: ConsoleWorld;
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(world: ConsoleWorld, page: Page) {
    this.world = world;
    this.page = page;
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async begin(
    context: TestContext,
    counts = { sites: 4, seats: 400 },
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    if (missing) context.skip(missing);
    const world = new ConsoleWorld(counts);
    await world.open(pageDir);
    const own = await browser!.newContext({
      viewport: { width: 1366, height: 768 },
      locale: 'en-US',
      ...options,
    });
    return new Visit(world, await own.newPage());
  }

  async enter(role: Parameters<ConsoleWorld['link']>[0] = 'administer'): Promise<void> {
    await this.page.goto(this.world.link(role));
    await this.page.locator('.head').waitFor();
  }

  /** Goes to a page of the console, until it shows something. */
  async at(tab: string): Promise<void> {
    await this.page.evaluate(`void (location.hash = "#/${tab}")`);
    const what = tab.startsWith('floor/')
      ? '.seat .facts'
      : tab === 'floor'
        ? '.map-canvas'
        : '.table-row, .scroll';
    await this.page.locator(what).first().waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    await this.world[Symbol.asyncDispose]();
  }
}

test('weighs less than 230 kB on the wire to begin with, and less than 300 kB in all', () => {
  const files = readdirSync(pageDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.\w+$/.test(name),
  );
  const weigh = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(pageDir, name))).length, 0);
  const index = readFileSync(join(pageDir, 'index.html'), 'utf8');
  const first = files.filter((name) => name === 'index.html' || index.includes(name));
  expect(first.length).toBeGreaterThan(2);
  expect(files.length).toBeGreaterThan(first.length);
  expect(weigh(first)).toBeLessThan(230_000);
  expect(weigh(files)).toBeLessThan(300_000);
});

test('uses every text that is written for it', () => {
  const source = fileURLToPath(new URL('../../hub/src/console', import.meta.url));
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(source, name), 'utf8'))
    .join('');
  const unused = Object.keys(consoleWords).filter(
    (key) => !text.includes(`'${key}'`) && !/^(desktop|session)-/.test(key),
  );
  expect(unused).toEqual([]);
  expect(['desktop-leased', 'session-away', 'toString'].map(isConsoleKey)).toEqual([true, true, false]);
});

describe('the door', () => {
  test('opens to a link once, keeps the code out of the address, and shuts behind who leaves', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await page.goto(`http://127.0.0.1:${world.port}/`);
    await page.getByText('Or by a link').waitFor();
    const link = world.link('operate');
    await page.goto(link);
    await page.getByRole('button', { name: 'Leave · li.na' }).waitFor();
    expect(page.url()).not.toContain('enter');
    await page.reload();
    await page.getByRole('button', { name: 'Leave · li.na' }).click();
    await page.getByText('Or by a link').waitFor();
    await page.goto(link);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('That link was used, or is too old.');
  });

  test('shuts at once when an operator puts the browser out, and says why', async (context) => {
    await using visit = await Visit.begin(context);
    await visit.enter('view');
    visit.world.entries.end(visit.world.entries.list()[0]!.id);
    await visit.page.getByText('Your session is over.').waitFor();
  });
});

describe('the floor', () => {
  test('finds a person, shows all about the seat, and ends the session after asking', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await visit.enter('help');
    const session = world.sessionAt('s1-3')!;
    await page.getByRole('searchbox', { name: 'Search' }).fill(session.user);
    await page.getByRole('searchbox', { name: 'Search' }).press('Enter');
    const panel = page.locator('.seat');
    await panel.getByText(`${session.displayName} (${session.user})`).waitFor();
    await panel.getByRole('button', { name: 'End session' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What was not saved is lost').waitFor();
    expect(world.sessionAt('s1-3')?.id).toBe(session.id);
    await dialog.getByRole('button', { name: 'End session' }).click();
    await panel.getByText('Nobody is logged in.').waitFor();
    expect(world.sessionAt('s1-3')).toBeUndefined();
  });

  test('says what a swap of a desktop comes to before anybody says yes', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await visit.enter('help');
    await visit.at('floor/s0-8');
    await page.locator('.seat').getByRole('button', { name: 'Swap desktop' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Desktop desk-000008 is put into quarantine').waitFor();
    await dialog.getByText(`The picture closes for ${world.sessionAt('s0-8')!.user} at seat s0-8`).waitFor();
    // Not without a reason.
    expect(await dialog.getByRole('button', { name: 'Swap desktop' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(world.sessionAt('s0-8')?.desktop).toBe('dt_8');
  });

  test('shows by itself what changes', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await visit.enter('view');
    const faults = page.getByRole('button', { name: /^fault/ });
    const before = Number(/\d+/.exec((await faults.textContent()) ?? '')![0]);
    world.change('s1-3', { state: 'away', viewerEnd: 'crashed' });
    await page.getByRole('button', { name: `fault ${before + 1}` }).waitFor();
  });

  test('can be walked with the keyboard alone', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('view');
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.seat h2').getByText('1-01').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.seat h2').getByText('1-02').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('.seat h2').getByText('2-02').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Needs a look').waitFor();
  });

  test('of a hub with nothing says what to do', async (context) => {
    await using visit = await Visit.begin(context, { sites: 0, seats: 0 });
    await visit.enter('view');
    await visit.page.getByText('anyseat apply -f site.yaml').waitFor();
    expect(visit.complaints).toEqual([]);
  });

  test('says that it may be old while the hub is away, and goes on when it is back', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('view');
    await page.getByText('Live').waitFor();
    await visit.world.restart(() => page.getByText('No word from the hub').waitFor());
    await page.getByText('Live').waitFor();
  });
});

describe('desktops', () => {
  test('tell their time line, and many are retired at once after what it comes to was said', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    world.rows.push({ ...world.rows[0]!, seq: 900, act: 'desktop.proved', subject: 'dt_0', details: {} });
    await visit.enter('operate');
    await visit.at('desktops');
    await page.getByRole('button', { name: 'desk-000000' }).click();
    await page.getByRole('dialog').getByText('proved ready').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('desk-00000');
    const rows = page.locator('.table-rows .table-row');
    await page.getByText(/^\d of [\d,]+ rows$/).waitFor();
    const count = await rows.count();
    expect(count).toBeGreaterThan(2);
    await page.getByLabel('Choose all that are shown').check();
    await rows.first().getByLabel('Choose').uncheck();
    await page.getByText(`${count - 1} chosen`).waitFor();
    const bulk = page.locator('.table-head');
    await bulk.getByRole('button', { name: 'Retire' }).click();
    const dialog = page.getByRole('dialog');
    // All of them are in use.
    await dialog.getByText('The servers of 0 desktops are removed for good').waitFor();
    await dialog.getByText(`${count - 1} of those chosen are not in a state for this`).waitFor();
    expect(await dialog.getByRole('button', { name: 'Retire' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(world.desktops.some(({ state }) => state === 'retiring')).toBe(false);
  });

  test('are swapped many at once, one after the other, and what is refused is named', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('operate');
    await visit.at('desktops');
    await page.getByRole('searchbox').fill('desk-00000');
    await page.getByText(/^\d of [\d,]+ rows$/).waitFor();
    await page.getByLabel('Choose all that are shown').check();
    await page.locator('.table-head').getByRole('button', { name: 'Swap desktop' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/desktops go into quarantine; \d+ people on them/).waitFor();
    await dialog.getByLabel('Reason').fill('a bad image');
    await dialog.getByRole('button', { name: 'Swap desktop' }).click();
    // This world's hub swaps none of them.
    await dialog.getByText(/^0 of \d+ done$/).waitFor();
    await dialog.getByText('somebody else is on desk-000000 by now; nothing was changed').waitFor();
  });
});

describe('the hosts', () => {
  test('say what they have promised, and what a drain comes to before anybody says yes', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('operate');
    await visit.at('hosts');
    const row = page.getByRole('row').filter({ hasText: 'compute-3' });
    await row.getByText('1.05× of 1.50×').waitFor();
    await row.getByText('looks down').waitFor();
    const well = page.getByRole('row').filter({ hasText: 'compute-4' });
    await well.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^Host compute-4 would be given nothing new/).waitFor();
    await dialog.getByLabel('Move people at work').check();
    await dialog
      .getByText(/people at work .* are warned|moved|taken/)
      .first()
      .waitFor();
    expect(await dialog.getByRole('button', { name: 'Drain' }).isDisabled()).toBe(true);
  });
});

describe('alerts', () => {
  test('say what to do, are looked after and silenced, and their channels tested', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    const [dark] = await world.raise();
    await visit.enter('operate');
    await page.getByRole('link', { name: 'Alerts 2' }).click();
    const one = page.getByRole('region', { name: 'At 南通呼叫中心 42 of 180 seats' });
    await one.getByText('Look at the line to that site.').waitFor();
    await one.getByRole('button', { name: 'I look after it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'I look after it' }).click();
    await page.getByRole('link', { name: 'Alerts 1' }).waitFor();
    await one.getByRole('button', { name: 'Silence' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('For how long').selectOption('24');
    await dialog.getByLabel('Reason').fill('the line is dug up');
    await dialog.getByRole('button', { name: 'Silence' }).click();
    await one.getByText(/for (23 h|1 d) more · li\.na · the line is dug up/).waitFor();
    expect((await world.alerts())[0]).toMatchObject({
      id: dark,
      acknowledged: { by: 'li.na' },
      silence: { by: 'li.na', reason: 'the line is dug up' },
    });
    await page.getByRole('button', { name: 'Test the channels' }).click();
    await page.getByRole('dialog').getByText('taken, in 12 ms').waitFor();
    await page.getByRole('dialog').getByText('smtp.call.example:587: ECONNREFUSED').waitFor();
  });

  test('may be looked at by everybody, and changed by those who may', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await world.raise();
    await visit.enter('help');
    await visit.at('alerts');
    const buttons = page.getByRole('button', { name: /I look after it|Silence|Test the channels/ });
    await buttons.nth(4).waitFor();
    const disabled = await buttons.evaluateAll((all) => all.map((one) => one.getAttribute('aria-disabled')));
    expect(new Set(disabled)).toEqual(new Set(['true']));
  });
});

describe('people now', () => {
  test('is who is expected, there and missing; the site that is behind stands first, and its day is a key away', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await visit.enter('view');
    await visit.at('people');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(
      /^成都呼叫中心\d+ of 111 expected people are missing\. \d+ of its \d+ thin clients are connected\.$/,
    );
    await page.getByRole('link', { name: '成都呼叫中心' }).focus();
    await page.keyboard.press('Enter');
    const chart = page.getByRole('slider', { name: 'The day of 成都呼叫中心' });
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    // From here on it stays where it was put, whatever the time.
    const there = Number(await chart.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    await page.locator(`.day-chart[aria-valuenow="${there - 1}"]`).waitFor();
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d: expected 111, logged in /);
    await page.getByText('Departments').click();
    await page.getByRole('link', { name: '售后 After-sales' }).first().waitFor();
    // All of them: what they share.
    world.plan.expect([1.2, 1.2, 1.2, 1.2]);
    world.hints.tell('resources');
    await page.getByText('Every site is behind').waitFor();
    expect(visit.complaints).toEqual([]);
  });

  test('brings a shift plan: what is wrong with it, then what it changes, and only then is it in force', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('operate');
    await visit.at('people');
    const bring = async (text: string) => {
      const file = { name: 'Next Week.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
      await page.locator('input[type=file]').setInputFiles(file);
    };
    const dialog = page.getByRole('dialog');
    await bring('site,date,from,to,heads\ns0,mon-fri,08:00,17:00,40\nmars,mon,08:00,17:00,1\n');
    expect(await dialog.getByLabel('Name of the roster').inputValue()).toBe('next-week');
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByText('Next Week.csv:3: there is no site “mars”').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await bring('site,date,from,to,heads\ns0,mon-fri,08:00,17:00,40\n');
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByText('+ s0 mon,tue,wed,thu,fri 08:00-17:00: 40').waitFor();
    expect(await visit.world.sheets()).toEqual([]);
    await dialog.getByRole('button', { name: 'Put in force' }).click();
    await page.getByText('Roster next-week is in force, 1 rows').waitFor();
    expect(await visit.world.sheets()).toEqual(['next-week']);
  });

  test('of a hub that expects nobody says so', async (context) => {
    await using visit = await Visit.begin(context, { sites: 0, seats: 0 });
    await visit.enter('view');
    await visit.at('people');
    await visit.page.getByText('There is no roster').waitFor();
    expect(visit.complaints).toEqual([]);
  });
});

describe('who may not', () => {
  test('sees what can be done and which role it needs, and cannot do it', async (context) => {
    await using visit = await Visit.begin(context);
    const { page } = visit;
    await visit.enter('view');
    await visit.at('sessions');
    const button = page.getByRole('button', { name: 'End session' }).first();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.hover({ force: true });
    await page.getByText('Needs the role “help desk”').waitFor();
    await button.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('the lists', () => {
  test('let a box in, at the seat that is named', async (context) => {
    await using visit = await Visit.begin(context);
    const { page, world } = visit;
    await visit.enter('operate');
    await visit.at('tcs');
    const box = world.tcs.find(({ state }) => state === 'pending')!;
    await page
      .locator('.pending-list > *')
      .filter({ hasText: box.fingerprint })
      .getByRole('button', { name: 'Approve' })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(box.fingerprint).waitFor();
    await dialog.getByRole('combobox', { name: 'The seat where it stands' }).fill('s0-96');
    await page.keyboard.press('Enter');
    await waitFor('the box to be let in', () =>
      world.tcs.some(
        (one) => one.fingerprint === box.fingerprint && one.state === 'enrolled' && one.seat === 's0-96',
      ),
    );
  });

  test('draw only what is seen, and are searched and sorted whole', async (context) => {
    await using visit = await Visit.begin(context, { sites: 6, seats: 6000 });
    const { page } = visit;
    await visit.enter('view');
    await visit.at('desktops');
    const rows = page.locator('.table-rows .table-row');
    expect(await rows.count()).toBeLessThan(80);
    await page.getByRole('button', { name: 'Desktop', exact: true }).dblclick();
    await rows.first().getByText('desk-005').waitFor();
    await page.getByRole('searchbox').fill('No valid host');
    await page.getByText(/^\d of [\d,]+ rows$/).waitFor();
    expect(await rows.first().textContent()).toContain('broken');
  });
});

const RULES = `
sites: { nantong: { title: Nantong, timeZone: Asia/Shanghai } }
pools: { office: { title: Office, image: desk, flavor: desk, floor: 1, ceiling: 5 } }
allocators: { everybody: { title: Everybody, default: true, pools: [office], binding: none } }
`;

describe('the rules', () => {
  test('are changed as a form or as YAML, checked before they are applied, and brought back', async (context) => {
    await using visit = await Visit.begin(context, { sites: 0, seats: 0 });
    const { page, world } = visit;
    await world.apply(RULES);
    await visit.enter('administer');
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await visit.at('rules');
    await page.getByRole('link', { name: 'everybody' }).click();

    await page.getByLabel('title').fill('All of us');
    await press('Check');
    await page.getByText('title: "Everybody" → "All of us"').waitFor();
    await press('Apply');
    await page.getByText(/^2 · /).waitFor();
    expect(world.catalogue.allocators.get('everybody')?.spec.title).toBe('All of us');

    await page.getByText('YAML', { exact: true }).click();
    const yaml = page.getByRole('textbox', { name: 'YAML' });
    const text = await yaml.inputValue();
    await yaml.fill(text.replace('- office', '- ofice'));
    await press('Check');
    const wrong = page.getByRole('alert', { name: 'This cannot be applied' });
    expect(await wrong.textContent()).toContain('did you mean “office”?');
    expect(await page.getByRole('button', { name: 'Apply', exact: true }).count()).toBe(0);
    await yaml.fill(text.replace('binding: none', 'binding: user'));
    await press('Who would get something else?');
    await page.getByText('0 of 0 logins of the last 14 days').waitFor();
    await press('Check');
    await page.getByText('binding: "none" → "user"').waitFor();
    await press('Apply');
    await page.getByText(/^3 · /).waitFor();

    await page.getByRole('button', { name: 'Bring back' }).last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await page.getByText(/^4 · /).waitFor();
    expect(world.catalogue.allocators.get('everybody')?.spec).toMatchObject({
      title: 'Everybody',
      binding: 'none',
    });

    await page.getByLabel('title').fill('Too late');
    await press('Check');
    await page.getByText('title: "Everybody" → "Too late"').waitFor();
    await world.apply(RULES.replace('binding: none', 'binding: seat'));
    await press('Apply');
    await page.getByText('zhou.qiang has changed it meanwhile').waitFor();
  });

  test('a new one begins with what it needs; who may not apply may look', async (context) => {
    await using visit = await Visit.begin(context, { sites: 0, seats: 0 });
    const { page, world } = visit;
    await world.apply(RULES);
    await visit.enter('administer');
    await visit.at('rules');
    await page.getByLabel('name of a new one').fill('night');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const yaml = page.getByRole('textbox', { name: 'YAML' });
    await yaml.fill(
      'allocators: { night: { title: Night, priority: 5, match: { groups: [n] }, pools: [office] } }',
    );
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('+ allocators/night').waitFor();
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText(/^1 · /).waitFor();
    expect([...world.catalogue.allocators.keys()].toSorted()).toEqual(['everybody', 'night']);

    await visit.enter('operate');
    await visit.at('rules/allocators%2Fnight');
    const check = page.getByRole('button', { name: 'Check', exact: true });
    expect(await check.getAttribute('aria-disabled')).toBe('true');
  });
});

/** What axe has to say of a page that is serious. */
async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'));
  return await page.evaluate<
    string[]
  >(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 160)))`);
}

describe.each([
  ['en-US', 'light', 'en'],
  ['zh-CN', 'dark', 'zh-CN'],
] as const)('in %s and %s', (locale, colorScheme, language) => {
  test('every page fits, has no hole in its words, complains of nothing, and can be used by everybody', async (context) => {
    await using visit = await Visit.begin(context, undefined, { locale, colorScheme });
    const { page } = visit;
    await visit.world.raise();
    await visit.enter();
    const found: Record<string, unknown> = {};
    const pages = [...TABS, 'hosts', 'alerts'];
    for (const tab of pages) {
      await visit.at(tab);
      const look = await page.evaluate<{
        wide: boolean;
        hole: boolean;
        lang: string;
        scheme: string | null;
      }>(`({
        wide: document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight,
        hole: /undefined|NaN|\\[object|[{]\\w+[}]/.test(document.querySelector('.shell').innerText),
        lang: document.documentElement.lang,
        scheme: document.documentElement.getAttribute('data-mantine-color-scheme'),
      })`);
      const serious = await seriousIn(page);
      found[tab] = { ...look, serious };
    }
    const well = { wide: false, hole: false, lang: language, scheme: colorScheme, serious: [] };
    expect(found).toEqual(Object.fromEntries(pages.map((tab) => [tab, well])));
    expect(visit.complaints).toEqual([]);
  });

  test('who has a role in the directory comes in by keyboard alone, and is told why not', async (context) => {
    await using visit = await Visit.begin(context, { sites: 1, seats: 20 }, { locale, colorScheme });
    const { page, world } = visit;
    await page.goto(`http://127.0.0.1:${world.port}/`);
    await page.locator('input[name=user]').waitFor();
    expect(await seriousIn(page)).toEqual([]);
    const { keyboard } = page;
    await keyboard.type('li.na');
    await keyboard.press('Tab');
    await keyboard.type('wrong');
    await keyboard.press('Enter');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    const reader = { language, now: 0 };
    const { text, next } = say('wrong-password', reader);
    expect(await alert.textContent()).toBe(language === 'en' ? `${text} ${next}` : text + next);
    expect(await page.locator('input[name=password]').inputValue()).toBe('');
    await page.locator('input[name=user]').fill('wu.di');
    await page.locator('input[name=password]').fill('right');
    await keyboard.press('Enter');
    await page.getByText(consoleText('shutNoRole', language)).waitFor();
    await page.locator('input[name=user]').fill('li.na');
    await page.locator('input[name=password]').fill('right');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'li.na' }).waitFor();
  });
});
