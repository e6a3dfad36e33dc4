import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ended } from '@anyseat/base';
import { choose, keep, MOST_STARTS, rollBack } from '../node/update/choose.ts';
import { newUpdateHome } from '../node/update/releases.fixture.ts';

const launchFile = fileURLToPath(new URL('launch.ts', import.meta.url));
/** What runs says its name, and stays until it is told to stop. */
const says = (name: string) =>
  `process.stdout.write('${name} ' + process.argv.slice(2).join(' ') + '\\n');
   setInterval(() => undefined, 1000);
   process.on('SIGTERM', () => process.exit(0));`;
const proves = `process.send({ proved: true });`;
/** Of the package; agent/package.json has it. */
const PACKAGED = '0.1.0';

const runs = ({ slot, version, trial }: ReturnType<typeof choose>) => ({ slot, version, trial });
const packaged = { slot: undefined, version: PACKAGED, trial: false };

test('a release is tried, kept when it proves itself, and takes turns with the next', () => {
  using home = newUpdateHome();
  expect(runs(choose(home.slots, PACKAGED))).toEqual(packaged);
  expect(home.onTrial('0.2.0')).toBe('a');
  expect(runs(choose(home.slots, PACKAGED))).toEqual({ slot: 'a', version: '0.2.0', trial: true });
  keep(home.slots);
  expect(runs(choose(home.slots, PACKAGED))).toEqual({ slot: 'a', version: '0.2.0', trial: false });
  expect(home.onTrial('0.3.0')).toBe('b');
  choose(home.slots, PACKAGED);
  expect(runs(rollBack(home.slots, PACKAGED, 'no page'))).toEqual({
    slot: 'a',
    version: '0.2.0',
    trial: false,
  });
  expect(home.slots.state.last).toEqual({ version: '0.3.0', state: 'rolledBack', text: 'no page' });
  expect(home.onTrial('0.4.0')).toBe('b');
});

test('a release under which the power goes again and again is taken back', () => {
  using home = newUpdateHome();
  home.onTrial('0.2.0');
  const starts = Array.from({ length: MOST_STARTS + 1 }, () => choose(home.slots, PACKAGED).trial);
  expect(starts).toEqual([...Array<boolean>(MOST_STARTS).fill(true), false]);
  expect(runs(choose(home.slots, PACKAGED))).toEqual(packaged);
});

test('a release that was changed or cut off on the disk is not started, and the one of the package is', () => {
  for (const damage of [
    (folder: string) => truncateSync(join(folder, 'program/main.js'), 3),
    (folder: string) => writeFileSync(join(folder, 'program/page/index.html'), 'evil'),
    (folder: string) => writeFileSync(join(folder, 'manifest.json'), '{}'),
    (folder: string) => writeFileSync(join(folder, 'files.json'), '[]'),
    (folder: string) => truncateSync(join(folder, 'signature')),
  ]) {
    using home = newUpdateHome();
    const folder = home.slots.folder(home.onTrial('0.2.0', says('two')));
    choose(home.slots, PACKAGED);
    keep(home.slots);
    expect(choose(home.slots, PACKAGED).slot).toBe('a');
    damage(folder);
    expect(choose(home.slots, PACKAGED)).toMatchObject({ ...packaged, why: expect.any(String) as string });
  }
});

test('state that is rubbish, and a key that was taken away, lead back to the package', () => {
  using home = newUpdateHome();
  home.onTrial('0.2.0');
  choose(home.slots, PACKAGED);
  keep(home.slots);
  const other = newUpdateHome();
  using _other = other;
  cpSync(other.keysDir, home.keysDir, { recursive: true, force: true });
  expect(choose(home.slots, PACKAGED).slot).toBeUndefined();
  writeFileSync(join(home.slots.home, 'state.json'), '{"current":"c"');
  expect(choose(home.slots, PACKAGED)).toEqual(packaged);
});

test('a package that is newer than what was fetched wins', () => {
  using home = newUpdateHome();
  home.onTrial('0.2.0');
  choose(home.slots, PACKAGED);
  keep(home.slots);
  expect(runs(choose(home.slots, '0.3.0'))).toEqual({ slot: undefined, version: '0.3.0', trial: false });
});

/** `launch` as a seat runs it, with a program of the package that says its name. */
function start(home: ReturnType<typeof newUpdateHome>, healthySeconds = 60) {
  const folder = join(home.folder, 'packaged');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.js'), says('packaged'));
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    launchFile,
    `--home=${home.slots.home}`,
    `--keys=${home.keysDir}`,
    `--packaged=${folder}`,
    `--healthy-seconds=${healthySeconds}`,
    '--',
    '--config',
    'x.yaml',
  ]);
  let said = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.resume();
  return {
    /** Resolves with the line in which the program of this name spoke. */
    hears: (name: string) =>
      new Promise<string>((resolve) => {
        const look = () => {
          const line = said.split('\n').find((one) => one.startsWith(`${name} `));
          if (line !== undefined) resolve(line);
        };
        listeners.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      const over = ended(child);
      child.kill('SIGTERM');
      await over;
    },
  };
}

test('launch runs the package, then a release on trial, and keeps that once it has proved itself', async () => {
  using home = newUpdateHome();
  {
    await using seat = start(home);
    expect(await seat.hears('packaged')).toBe(
      `packaged --update-home ${home.slots.home} --release-keys ${home.keysDir} --config x.yaml`,
    );
  }
  home.onTrial('0.2.0', `${says('two')}${proves}`);
  {
    await using seat = start(home);
    expect(await seat.hears('two')).toMatch(/ --trial$/);
    await expect
      .poll(() => home.slots.state, { timeout: 20_000 })
      .toEqual({
        current: 'a',
        last: { version: '0.2.0', state: 'installed', text: 'it runs' },
      });
  }
  await using seat = start(home);
  expect(await seat.hears('two')).not.toContain('--trial');
});

test.each([
  ['ends by itself', 'process.exit(3)', 60, 'it ended by itself (3)'],
  ['crashes at once', 'throw new Error()', 60, 'it ended by itself (1)'],
  ['hangs', says('three'), 1, 'its page or the hub was not there after 1 s'],
])(
  'a release that %s is taken back, and the one before runs in its place',
  async (_what, main, within, why) => {
    using home = newUpdateHome();
    home.onTrial('0.2.0', says('two'));
    choose(home.slots, PACKAGED);
    keep(home.slots);
    home.onTrial('0.3.0', main);
    await using seat = start(home, within);
    expect(await seat.hears('two')).not.toContain('--trial');
    expect(home.slots.state).toEqual({
      current: 'a',
      last: { version: '0.3.0', state: 'rolledBack', text: why },
    });
  },
);

test('without a place for releases the package runs all the same', async () => {
  using home = newUpdateHome();
  rmSync(home.slots.home, { recursive: true });
  writeFileSync(home.slots.home, 'no folder');
  await using seat = start(home);
  expect(await seat.hears('packaged')).toBe('packaged --config x.yaml');
});

test('a box that is switched off during a trial tries again at the next start', async () => {
  using home = newUpdateHome();
  home.onTrial('0.2.0', says('two'));
  {
    await using seat = start(home);
    await seat.hears('two');
  }
  expect(home.slots.state).toEqual({ trial: { slot: 'a', version: '0.2.0', starts: 1 } });
});
