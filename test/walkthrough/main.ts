import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { systemClock } from '@anyseat/base';
import { ConsoleWorld } from '../e2e/parts/consoleWorld.ts';
import { temporaryFolder } from '../e2e/parts/smallSite.ts';

/**
 * A bad morning at the console, as each kind of operator meets it: draws the pictures of hub/README.md, and says how many
 * presses each walk took and how long the page did, with nobody thinking in between.
 */

const pictures = fileURLToPath(new URL('../../hub/pictures', import.meta.url));

const rules = (pool: string) => `
sites: { nantong: { title: 南通 Nantong, timeZone: Asia/Shanghai } }
pools:
  office: { title: Office, image: desk, flavor: desk, floor: 40, ceiling: 900 }
  training: { title: Training, image: desk, flavor: desk, floor: 2, ceiling: 6 }
allocators:
  hotels: { title: Hotel desks, priority: 100, match: { groups: [hotels] }, pools: [${pool}], binding: none }
`;

/** An operator at a page, whose presses are counted from when the page stands. */
class Walker {
  readonly page: Page;
  #presses = 0;
  readonly #begun: number;

  private constructor(page: Page) {
    this.page = page;
    this.#begun = systemClock.monotonic();
  }

  static async enter(browser: Browser, world: ConsoleWorld): Promise<Walker> {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(world.link('administer'));
    await page.locator('.head').waitFor();
    return new Walker(page);
  }

  async press(what: Locator): Promise<void> {
    this.#presses++;
    await what.click();
  }

  async strike(what: Locator, key: string): Promise<void> {
    this.#presses++;
    await what.press(key);
  }

  tab(name: string): Promise<void> {
    return this.press(this.page.locator('.tabs').getByRole('link', { name }));
  }

  /** Shown at rest, kept as a picture, and said. */
  async show(file: string, what: string): Promise<void> {
    const seconds = (systemClock.monotonic() - this.#begun) / 1000;
    console.log(`${what}: ${this.#presses} presses, ${seconds.toFixed(1)} s of the page`);
    await this.page.waitForTimeout(400);
    await this.page.screenshot({ path: join(pictures, `${file}.jpg`), type: 'jpeg', quality: 72 });
  }
}

async function siteIsDark(at: Walker): Promise<void> {
  await at.page.getByText(/say nothing: the network there/).waitFor();
  await at.show('dark-site', 'operations, a site has lost its line: known');
}

async function stormOfLogins(at: Walker): Promise<void> {
  await at.tab('Pools');
  await at.page
    .getByText(/Waiting 12|waiting 12/i)
    .first()
    .waitFor();
  await at.show('storm', 'operations, more people than desktops: known');
}

async function brokenDesktop(at: Walker): Promise<void> {
  const { page } = at;
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill(morning.sessionAt('s0-8')!.user);
  await at.strike(search, 'Enter');
  await at.press(page.locator('.seat').getByRole('button', { name: 'Swap desktop' }));
  const dialog = page.getByRole('dialog');
  await dialog.getByText('is put into quarantine').waitFor();
  await dialog.getByRole('textbox').fill('no picture');
  await at.show(
    'broken-desktop',
    'help desk, one person with a broken desktop: one press before it is swapped',
  );
}

async function wrongRule(at: Walker): Promise<void> {
  const { page } = at;
  await at.tab('Rules');
  await at.press(page.getByRole('link', { name: 'hotels' }));
  await page.getByText('pools: ["office"] → ["training"]').waitFor();
  await at.press(page.getByRole('button', { name: 'Bring back' }));
  await page.getByRole('dialog').getByText('pools: ["training"] → ["office"]').waitFor();
  await at.show('wrong-rule', 'administrator, a wrong rule just applied: one press before it is back');
}

async function hosts(at: Walker): Promise<void> {
  await at.tab('Hosts');
  await at.page.getByText('compute-3').first().waitFor();
  await at.show('hosts', 'operations, a host is down: known');
}

mkdirSync(pictures, { recursive: true });
using folder = temporaryFolder('walkthrough');
const pageDir = join(folder.path, 'console');
const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')));
const config = fileURLToPath(new URL('../../hub/vite.config.ts', import.meta.url));
execFileSync(
  process.execPath,
  [vite, 'build', '--config', config, '--outDir', pageDir, '--logLevel', 'error'],
  { env: { ...process.env, NODE_ENV: 'production' } },
);
await using morning = new ConsoleWorld({ sites: 6, seats: 10_000 });
await morning.open(pageDir);
await using changed = new ConsoleWorld({ sites: 0, seats: 0 });
await changed.open(pageDir);
await changed.apply(rules('office'));
await changed.apply(rules('training'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  for (const walk of [siteIsDark, stormOfLogins, hosts, brokenDesktop])
    await walk(await Walker.enter(browser, morning));
  await wrongRule(await Walker.enter(browser, changed));
} finally {
  await browser.close();
}
