import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { PageState } from '../../common/bridge.ts';
import { BridgeServer } from '../../node/bridge/bridgeServer.ts';
import { until } from '../../node/waiting.fixture.ts';
import { ChromiumShell } from './chromiumShell.ts';

const missing = existsSync('/usr/bin/chromium') ? undefined : 'chromium is not installed';
/** A page that does nothing but hold its wire. */
const PAGE = `<!doctype html><title>page</title><script src="/wire.js"></script>`;
const WIRE = `new WebSocket('ws://' + location.host + '/bridge')`;
const SLOW = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-shell-'));
  mkdirSync(join(folder, 'page'));
  writeFileSync(join(folder, 'page', 'index.html'), PAGE);
  writeFileSync(join(folder, 'page', 'wire.js'), WIRE);
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

const state = { screen: { kind: 'login' } } as PageState;
const core = { page: state, onPage: () => ({ [Symbol.dispose]: () => {} }), intend: () => {} };

/** A browser without a screen around a page, and how many pages are connected. */
async function openShell(context: TestContext) {
  if (missing) context.skip(missing);
  let pages = 0;
  let shell: ChromiumShell | undefined;
  const bridge = await BridgeServer.open({
    core,
    port: 0,
    pageDir: join(folder, 'page'),
    runDir: folder,
    log: silentLog,
    onPages: (count) => {
      pages = count;
      shell?.pages(count);
    },
  });
  const addresses: string[] = [];
  shell = new ChromiumShell({
    command: 'chromium',
    mode: 'kiosk',
    arguments: ['--headless=new'],
    runDir: folder,
    environment: process.env,
    address: () => {
      addresses.push(bridge.onceAddress());
      return addresses.at(-1)!;
    },
    clock: systemClock,
    log: silentLog,
    comesBackWithinMs: 300,
  });
  const shown = (starts: number) => until(() => addresses.length === starts && pages === 1, 20_000);
  await shown(1);
  return {
    shown,
    addresses,
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]();
      await bridge[Symbol.asyncDispose]();
    },
  };
}

interface Process {
  pid: number;
  parent: number;
  args: string;
}

/** Processes of our browser: those started with our profile, and their descendants. */
function browserProcesses(): Process[] {
  const all = readdirSync('/proc').flatMap((name): Process[] => {
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      return [{ pid: Number(name), parent, args }];
    } catch {
      return [];
    }
  });
  const ours = new Set(all.filter(({ args }) => args.includes(folder)).map(({ pid }) => pid));
  for (let before = -1; before !== ours.size;) {
    before = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all.filter(({ pid }) => ours.has(pid));
}

describe('Chromium', () => {
  test(
    'that was killed is started again, with an address of its own',
    async (context) => {
      await using shell = await openShell(context);
      const main = browserProcesses().find(({ args }) => !args.includes('--type='));
      process.kill(main!.pid, 'SIGKILL');
      await shell.shown(2);
      expect(new Set(shell.addresses).size).toBe(2);
    },
    SLOW,
  );

  test(
    'whose page crashed is started again, although it still runs',
    async (context) => {
      await using shell = await openShell(context);
      for (const { pid, args } of browserProcesses())
        if (args.includes('--type=renderer')) process.kill(pid, 'SIGSEGV');
      await shell.shown(2);
    },
    SLOW,
  );

  test(
    'is gone when its agent stops',
    async (context) => {
      {
        await using _shell = await openShell(context);
        expect(browserProcesses()).not.toEqual([]);
      }
      await until(() => browserProcesses().length === 0);
    },
    SLOW,
  );
});
