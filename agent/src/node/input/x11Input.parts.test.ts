import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import type { InputReading } from '../../common/idleMeter.ts';
import type { ViewerNews } from '../../common/seat.ts';
import { letGo } from '../viewer/letGo.ts';
import {
  keyboardIsFree,
  openScreen,
  qemuMissing,
  screenMissing,
  startDesktop,
} from '../viewer/screen.fixture.ts';
import { RemoteViewer } from '../viewer/remoteViewer.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import type { InputMeter } from './input.ts';
import { X11Input } from './x11Input.ts';

const run = promisify(execFile);
const missing = existsSync('/usr/bin/xdotool') ? screenMissing : 'xdotool is not installed';
const none = { keys: 0, clicks: 0, wheel: 0, moves: 0 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

/** What was done since the last time: each reading forgets, so what came late is in the next one. */
class Sum {
  readonly #meter: InputMeter;
  #sum = { ...none };
  idleMs = 0;

  constructor(meter: InputMeter) {
    this.#meter = meter;
  }

  read(): InputReading | undefined {
    const reading = this.#meter.read();
    if (!reading) return undefined;
    for (const key of ['keys', 'clicks', 'wheel', 'moves'] as const) this.#sum[key] += reading[key];
    this.idleMs = reading.idleMs;
    return reading;
  }

  /** Until what was done comes to this much at least; the whole of it. */
  async reaches(least: Partial<typeof none>): Promise<typeof none> {
    await until(() => {
      this.read();
      return Object.entries(least).every(([key, value]) => this.#sum[key as keyof typeof none] >= value);
    });
    return this.#sum;
  }
}

function countOn(display: string | undefined) {
  const lines: { why?: string; msg: string }[] = [];
  const log = openLog({
    name: 'input',
    destination: { write: (line) => lines.push(JSON.parse(line) as { msg: string }) },
  });
  const input = new X11Input({
    environment: { ...process.env, DISPLAY: display },
    clock: systemClock,
    log,
  });
  const meter = input.count();
  return { input, meter, sum: new Sum(meter), lines };
}

const touch = (display: string, ...args: string[]) =>
  run('xdotool', args, { env: { ...process.env, DISPLAY: display } });

const needs = (context: TestContext, reason: string | undefined) => {
  if (reason) context.skip(reason);
};

test('keys, clicks, steps of the wheel and movements are counted while a real viewer holds keyboard and pointer', async (context) => {
  needs(context, missing ?? qemuMissing);
  await using screen = await openScreen();
  await using desktop = await startDesktop();
  const viewer = new RemoteViewer({
    command: 'remote-viewer',
    mode: 'kiosk',
    connectMs: 10_000,
    runDir: folder,
    environment: { ...process.env, DISPLAY: screen.display },
    clock: systemClock,
    log: openLog({ name: 'viewer', level: 'silent' }),
  });
  const inbox = new Inbox<ViewerNews>();
  const shown = viewer.show({ kind: 'spice', host: '127.0.0.1', port: desktop.port }, 'seat-00001', (news) =>
    inbox.put(news),
  );
  await using _shown = {
    [Symbol.asyncDispose]: async () => {
      shown.stop();
      await shown.over;
    },
  };
  await inbox.take((news) => news.state === 'connected', 'the picture');
  const { input, meter, sum } = countOn(screen.display);
  using _meter = meter;
  await until(() => sum.read() !== undefined);
  // The viewer takes the grabs when the pointer is in its window and something is clicked.
  await touch(screen.display, 'mousemove', '512', '384', 'click', '1');
  await until(async () => !(await keyboardIsFree(screen.display)));
  await sum.reaches({ clicks: 1 });
  const before = { ...(await sum.reaches({})) };
  const script = 'key a key b keydown c sleep 1 keyup c click 1 click 3 click 4 click 4 click 5';
  await touch(
    screen.display,
    ...script.split(' '),
    'mousemove_relative',
    '5',
    '5',
    'mousemove_relative',
    '3',
    '1',
  );
  const after = { ...(await sum.reaches({ moves: before.moves + 2 })) };
  expect({
    keys: after.keys - before.keys,
    clicks: after.clicks - before.clicks,
    wheel: after.wheel - before.wheel,
  }).toEqual({ keys: 3, clicks: 2, wheel: 3 });
  // The viewer is made to let go, by keys of our own, which are nobody's.
  using _going = letGo({
    environment: { ...process.env, DISPLAY: screen.display },
    clock: systemClock,
    log: openLog({ name: 'viewer', level: 'silent' }),
    onOwnKeys: (count) => input.ownKeys(count),
  });
  await until(() => keyboardIsFree(screen.display));
  await touch(screen.display, 'click', '1');
  expect(await sum.reaches({ clicks: after.clicks + 1 })).toMatchObject({ keys: after.keys });
  await until(() => {
    sum.read();
    return sum.idleMs >= 300;
  });
}, 60_000);

test('how long nothing was touched before we looked is known from the screen', async (context) => {
  needs(context, missing);
  await using screen = await openScreen({ managed: false });
  await touch(screen.display, 'key', 'a');
  await systemClock.sleep(400);
  const { meter, sum } = countOn(screen.display);
  using _meter = meter;
  await until(() => sum.read() !== undefined);
  expect(sum.idleMs).toBeGreaterThanOrEqual(400);
  const from = systemClock.monotonic();
  await touch(screen.display, 'key', 'a');
  await sum.reaches({ keys: 1 });
  expect(sum.idleMs).toBeLessThanOrEqual(Math.ceil(systemClock.monotonic() - from));
});

test('an X server that dies takes nobody along', async (context) => {
  needs(context, missing);
  await using screen = await openScreen({ managed: false });
  const { meter, sum, lines } = countOn(screen.display);
  using _meter = meter;
  await until(() => sum.read() !== undefined);
  screen.kill();
  await until(() => sum.read() === undefined);
  expect(lines[0]).toMatchObject({ msg: 'input is not counted on this screen' });
});

test.each([
  [undefined, 'there is no X screen'],
  [':64998', 'there is no X server :64998'],
  ['elsewhere:0', 'elsewhere:0 is no screen of this machine'],
])('on the screen %s nothing is counted, and that is said once', async (display, why) => {
  const { meter, lines } = countOn(display);
  using _meter = meter;
  await until(() => lines.length > 0);
  expect(meter.read()).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  expect(meter.read()).toBeUndefined();
  expect(lines).toMatchObject([{ why }]);
});
