import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';
import { openLog, spawnTied, stopChild, systemClock, type Clock } from '@anyseat/base';
import type { ViewerNews } from '../../common/seat.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import type { Front } from './front.ts';
import { RemoteViewer } from './remoteViewer.ts';
import { openScreen, qemuMissing, screenMissing, startDesktop, type TestScreen } from './screen.fixture.ts';
import { X11Front } from './x11Front.ts';

const run = promisify(execFile);
const missing =
  screenMissing ??
  qemuMissing ??
  ['chromium', 'xdotool', 'import']
    .filter((program) => !existsSync(`/usr/bin/${program}`))
    .map((program) => `${program} is not installed`)[0];
const SLOW = 150_000;
/** A second is what a person may see of it; a machine with others on its two cores takes many times as long to follow, and to be read. */
const PATIENCE_MS = 25_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-front-'));
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

interface Line {
  level: number;
  msg: string;
  why?: string;
  rival?: number;
}

/** A front of the screen, and what it logs. */
function newFront(display: string | undefined, clock: Clock = systemClock) {
  const lines: Line[] = [];
  const log = openLog({
    name: 'front',
    level: 'debug',
    destination: { write: (line) => lines.push(JSON.parse(line) as Line) },
  });
  const environment = { ...process.env, DISPLAY: display };
  return { front: new X11Front({ environment, clock, log }), lines };
}

async function xdotool(screen: TestScreen, ...args: string[]): Promise<string> {
  return (await run('xdotool', args, { env: { ...process.env, DISPLAY: screen.display } })).stdout.trim();
}

/** What a person sees in the middle of the left edge: the black beside a guest's picture, or a white page. */
async function seen(screen: TestScreen): Promise<'desktop' | 'page' | 'else'> {
  const args = ['-display', screen.display, '-window', 'root', '-crop', '1x1+3+384', '-depth', '8', 'rgb:-'];
  const { stdout } = await run('import', args, { encoding: 'buffer' });
  const colour = stdout.toString('hex');
  return colour === '000000' ? 'desktop' : colour === 'ffffff' ? 'page' : 'else';
}

const shows = (screen: TestScreen, what: 'desktop' | 'page') =>
  until(async () => (await seen(screen)) === what, PATIENCE_MS);

/** Does nothing, and tells whose windows it was to keep in front. */
class AskedFront implements Front {
  readonly pids: number[] = [];

  keep(pid: number): Disposable {
    this.pids.push(pid);
    return { [Symbol.dispose]: () => {} };
  }
}

/** A white page that fills the screen, as the login page does. Resolves once it is a window. */
async function openPage(screen: TestScreen) {
  const args =
    '--kiosk --no-sandbox --test-type --no-first-run --disable-gpu --password-store=basic --disable-background-networking';
  const profile = mkdtempSync(join(folder, 'page-'));
  const child = spawnTied(
    'chromium',
    [...args.split(' '), `--user-data-dir=${profile}`, '--app=data:text/html,<title>page</title>'],
    { stdio: 'ignore', env: { ...process.env, DISPLAY: screen.display } },
  );
  let window = '';
  await until(async () => {
    window = await xdotool(screen, 'search', '--onlyvisible', '--pid', String(child.pid)).catch(() => '');
    return window !== '';
  });
  return {
    pid: child.pid,
    activate: () => xdotool(screen, 'windowactivate', window.split('\n')[0]!),
    [Symbol.asyncDispose]: () => stopChild(child),
  };
}

/** A screen with a desktop on it that is connected. */
async function openSeat(
  context: TestContext,
  mode: 'kiosk' | 'window',
  front: (screen: TestScreen) => Front,
) {
  if (missing) context.skip(missing);
  await using opening = new AsyncDisposableStack();
  const screen = opening.use(await openScreen());
  const desktop = opening.use(await startDesktop());
  const viewer = new RemoteViewer({
    command: 'remote-viewer',
    mode,
    connectMs: 10_000,
    runDir: folder,
    environment: { ...process.env, DISPLAY: screen.display },
    front: front(screen),
    clock: systemClock,
    log: openLog({ name: 'viewer', level: 'silent' }),
  });
  const inbox = new Inbox<ViewerNews>();
  const shown = viewer.show({ kind: 'spice', host: '127.0.0.1', port: desktop.port }, 'seat-00001', (news) =>
    inbox.put(news),
  );
  opening.defer(async () => {
    shown.stop();
    await shown.over;
  });
  await inbox.take((news) => news.state === 'connected', 'the picture');
  const kept = opening.move();
  return { screen, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test(
  'a desktop stays in front of a page that comes later, that somebody activates, and that is started anew',
  async (context) => {
    const asked = new AskedFront();
    await using seat = await openSeat(context, 'kiosk', () => asked);
    const { front, lines } = newFront(seat.screen.display);
    await using page = await openPage(seat.screen);
    // As it is without us: a page that has the focus, as a new one mostly has, covers the desktop.
    await page.activate();
    await shows(seat.screen, 'page');
    using _kept = front.keep(asked.pids[0]!);
    await shows(seat.screen, 'desktop');
    // Between two windows none is the active one for a moment: the rival is not always named.
    const before = lines.length;
    await page.activate();
    await until(() => lines.length > before, PATIENCE_MS);
    await shows(seat.screen, 'desktop');
    expect(new Set(lines.map(({ msg }) => msg))).toEqual(new Set(['the viewer is brought in front']));
    await page[Symbol.asyncDispose]();
    await using anew = await openPage(seat.screen);
    await shows(seat.screen, 'desktop');
    const then = lines.length;
    await anew.activate();
    await until(() => lines.length > then, PATIENCE_MS);
    await shows(seat.screen, 'desktop');
  },
  SLOW,
);

test(
  'whoever wants the page in front lets the desktop go first',
  async (context) => {
    const asked = new AskedFront();
    await using seat = await openSeat(context, 'kiosk', () => asked);
    const { front } = newFront(seat.screen.display);
    await using page = await openPage(seat.screen);
    await page.activate();
    await shows(seat.screen, 'page');
    const kept = front.keep(asked.pids[0]!);
    await shows(seat.screen, 'desktop');
    kept[Symbol.dispose]();
    await page.activate();
    await shows(seat.screen, 'page');
  },
  SLOW,
);

test(
  'a page that is kept above stands before a desktop, also one that is opened later, until it is let go',
  async (context) => {
    const asked = new AskedFront();
    await using seat = await openSeat(context, 'kiosk', () => asked);
    const { front } = newFront(seat.screen.display);
    await using page = await openPage(seat.screen);
    const first = front.keep(asked.pids[0]!);
    await shows(seat.screen, 'desktop');
    const above = front.keep(page.pid!, 'above');
    await shows(seat.screen, 'page');
    using _second = front.keep(asked.pids[0]!);
    first[Symbol.dispose]();
    await shows(seat.screen, 'page');
    above[Symbol.dispose]();
    await shows(seat.screen, 'desktop');
  },
  SLOW,
);

test(
  'a viewer in kiosk mode is kept in front from its picture to its end',
  async (context) => {
    let told: Line[] = [];
    await using seat = await openSeat(context, 'kiosk', (screen) => {
      const { front, lines } = newFront(screen.display);
      told = lines;
      return front;
    });
    await using page = await openPage(seat.screen);
    await page.activate();
    await until(() => told.length > 0, PATIENCE_MS);
    await shows(seat.screen, 'desktop');
  },
  SLOW,
);

test(
  'a viewer in a window is left where the person puts it',
  async (context) => {
    const asked = new AskedFront();
    await using _seat = await openSeat(context, 'window', () => asked);
    expect(asked.pids).toEqual([]);
  },
  SLOW,
);

test(
  'a window that comes back again and again is not fought for long, and an operator is told',
  async (context) => {
    // Ten times as fast: what is a bound of seconds is over sooner.
    const fast: Clock = {
      ...systemClock,
      monotonic: () => systemClock.monotonic() * 10,
      after: (ms, fn) => systemClock.after(ms / 10, fn),
    };
    let told: Line[] = [];
    await using seat = await openSeat(context, 'kiosk', (screen) => {
      const { front, lines } = newFront(screen.display, fast);
      told = lines;
      return front;
    });
    await using page = await openPage(seat.screen);
    const warned = () => told.some(({ level }) => level === 40);
    await until(async () => {
      await page.activate();
      return warned();
    });
    const raises = told.findIndex(({ level }) => level === 40);
    expect(told[raises]).toMatchObject({
      rival: page.pid,
      msg: 'another window comes in front of the desktop again and again',
    });
    expect(raises).toBeGreaterThan(5);
    // The desktop still comes back.
    await shows(seat.screen, 'desktop');
  },
  SLOW,
);

test('where there is no screen nothing is done, and that is said once, to whoever debugs', async () => {
  for (const [display, why] of [
    [undefined, 'there is no X screen'],
    [':64999', 'there is no X server :64999'],
    ['elsewhere:0', 'elsewhere:0 is no screen of this machine'],
  ] as const) {
    const { front, lines } = newFront(display);
    using _first = front.keep(process.pid);
    await until(() => lines.length > 0);
    using _second = front.keep(process.pid);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([{ level: 20, why, msg: 'the viewer is not kept in front on this screen' }]);
  }
});

test('without a window manager nothing is done', async (context) => {
  if (screenMissing) context.skip(screenMissing);
  await using screen = await openScreen({ managed: false });
  const { front, lines } = newFront(screen.display);
  using _kept = front.keep(process.pid);
  await until(() => lines.length > 0);
  expect(lines).toMatchObject([{ level: 20, why: 'no window manager tells the active window' }]);
});

test(
  'an X server that dies takes nobody along',
  async (context) => {
    let told: Line[] = [];
    await using seat = await openSeat(context, 'kiosk', (screen) => {
      const { front, lines } = newFront(screen.display);
      told = lines;
      return front;
    });
    await using _page = await openPage(seat.screen);
    await until(() => told.length > 0);
    seat.screen.kill();
    const last = { level: 20, msg: 'the viewer is not kept in front on this screen' };
    await until(() => told.at(-1)!.msg === last.msg);
    expect(told.at(-1)).toMatchObject(last);
  },
  SLOW,
);

test('an authority that cannot be read is no end of an agent', async (context) => {
  if (screenMissing) context.skip(screenMissing);
  const before = process.env['XAUTHORITY'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['XAUTHORITY'];
    else process.env['XAUTHORITY'] = before;
  });
  process.env['XAUTHORITY'] = folder;
  await using screen = await openScreen();
  const { front, lines } = newFront(screen.display);
  using _kept = front.keep(process.pid);
  await until(() => lines.length > 0);
  expect(lines).toMatchObject([{ level: 20, why: `${folder} is not a file` }]);
});
