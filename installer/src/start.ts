import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@anyseat/base';
import { buildPages } from './buildPages.ts';
import { root } from './commands.ts';
import { buildGuest, type Guest } from './guest/buildGuest.ts';
import { ensureSystemPackages } from './systemPackages.ts';
import { poolLine, welcome } from './try/report.ts';
import { tryOut, type TryOptions } from './try/tryOut.ts';

/** `npm start`: everything that the main job needs, on this machine, with nothing to prepare. */
const say = (line: string) => console.log(`anyseat: ${line}`);
const stopped = untilStopped();
let code = 0;

try {
  await main();
} catch (error) {
  console.error(`anyseat: ${messageOf(error)}`);
  code = 1;
}
process.exit(code);

async function main(): Promise<void> {
  await ensureSystemPackages(['desktop', 'seat'], { say });
  await buildPages(say);
  const options: TryOptions = { guest: await guest(), shell: shell() };
  await using stack = new AsyncDisposableStack();
  stack.defer(() => say('everything is stopped'));
  const running = await tryOut(options, stack);
  console.log(welcome(running, { shell: options.shell, pictures: options.guest !== undefined }));
  const watching = watchPools(running.status);
  const end = await Promise.race([stopped.promise, running.broke]);
  stopped.now = true;
  if (end !== undefined) {
    say(end);
    code = 1;
  } else say('stopping');
  await watching;
}

/** The example desktop, where QEMU is there to run it. */
async function guest(): Promise<Guest | undefined> {
  if (!existsSync('/usr/bin/qemu-system-x86_64')) {
    say('without QEMU the desktops are states and timings, with nothing to see');
    return undefined;
  }
  const built = await buildGuest({ into: `${root}var/guest`, say });
  if (!('missing' in built)) return built;
  say(`${built.missing}; without it desktops are states and timings, with nothing to see`);
  return undefined;
}

/** On a display Electron where its binary is there, else Chromium; without a display any browser opens the page. */
function shell(): TryOptions['shell'] {
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'none';
  try {
    const binary = createRequire(import.meta.url)('electron') as unknown;
    if (typeof binary === 'string' && existsSync(binary)) return 'electron';
  } catch {
    // Its package is there and its binary could not be fetched.
  }
  return existsSync('/usr/bin/chromium') ? 'chromium' : 'none';
}

async function watchPools(status: () => Promise<Parameters<typeof poolLine>[0]>): Promise<void> {
  let last = '';
  while (!stopped.now) {
    // A hub that is just being started anew answers nothing; the next look will.
    const line = await status().then(poolLine, () => last);
    if (line !== last) console.log(line);
    last = line;
    await Promise.race([sleep(1000), stopped.promise]);
  }
}

function untilStopped(): { promise: Promise<void>; now: boolean } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { promise, now: false };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      state.now = true;
      resolve();
    });
  }
  return state;
}
