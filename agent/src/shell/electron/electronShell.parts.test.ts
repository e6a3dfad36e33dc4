import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { PageState } from '../../common/bridge.ts';
import { openScreen, screenMissing } from '../../node/viewer/screen.fixture.ts';
import { until } from '../../node/waiting.fixture.ts';
import { ElectronShell, findElectron, type ElectronOptions } from './electronShell.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-electron-'));
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

const mainFile = fileURLToPath(new URL('../../../dist/electron/main.js', import.meta.url));
const state = { language: 'en', screen: { kind: 'login' } } as PageState;
let asked = 0;
const core = {
  get page() {
    asked++;
    return state;
  },
  onPage: () => ({ [Symbol.dispose]: () => {} }),
  intend: () => {},
};
const options = (more: Partial<ElectronOptions>): ElectronOptions => ({
  mode: 'window',
  arguments: [],
  mainFile,
  runDir: folder,
  environment: process.env,
  core,
  clock: systemClock,
  log: silentLog,
  ...more,
});

test('Electron without its part of the agent is refused in words', () => {
  expect(() => new ElectronShell(options({ command: '/bin/true', mainFile: '/nowhere/main.js' }))).toThrow(
    '/nowhere/main.js is not here: npm run build:electron',
  );
});

test('Electron shows the page and asks for its state', async (context) => {
  if (findElectron() === undefined) context.skip('the electron binary was never downloaded');
  if (screenMissing) context.skip(screenMissing);
  if (!existsSync(mainFile)) context.skip('agent/dist/electron is not built');
  await using screen = await openScreen();
  await using _shell = new ElectronShell(
    options({ environment: { ...process.env, DISPLAY: screen.display } }),
  );
  await until(() => asked > 0, 20_000);
});
