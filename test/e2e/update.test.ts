import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { writeReleaseFile } from '@anyseat/base';
import type { AuditAnswer, UpdatesAnswer } from '@anyseat/protocol';
import { bundleAgent } from '../../installer/src/agent/bundleAgent.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { Program } from './parts/process.ts';
import { smallSite, temporaryFolder } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** Releases of the agent as they are made, brought by a real hub to real agents, which `launch` keeps running. */
const NODE = Number(process.versions.node.split('.')[0]);
const HEALTHY_SECONDS = 120;

type Files = ReadonlyMap<string, Buffer>;

function writeFiles(folder: string, files: Files): void {
  for (const [path, data] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data);
  }
}

/** A thin client without a screen: started anew whenever its agent ends, as its unit does. */
class Box implements AsyncDisposable {
  readonly #start: () => Program;
  #program: Program;
  #stopped = false;

  constructor(start: () => Program) {
    this.#start = start;
    this.#program = this.#again();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#program[Symbol.asyncDispose]();
  }

  #again(): Program {
    const program = this.#start();
    program.child.once('close', () => {
      if (!this.#stopped) this.#program = this.#again();
    });
    return program;
  }
}

async function world(life: AsyncDisposableStack) {
  const folder = life.use(temporaryFolder('update')).path;
  const hub = life.use(await HubProcess.start({ folder: join(folder, 'hub'), tls: true }));
  await hub.apply(smallSite(1));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keys = join(folder, 'keys');
  mkdirSync(keys);
  writeFileSync(join(keys, 'ours.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const packaged = join(folder, 'packaged');
  writeFiles(packaged, (await bundleAgent('0.1.0')).files);
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  writeFileSync(
    join(folder, 'agent.yaml'),
    stringify({
      hub: { url: hub.url, tokenFile: join(folder, 'token'), pins: [hub.pin] },
      stateDir: join(folder, 'state'),
      runDir: join(folder, 'run'),
      shell: { kind: 'none' },
      input: { by: 'nothing' },
    }),
  );
  life.use(
    new Box(
      () =>
        new Program(
          process.execPath,
          [
            '--disable-warning=ExperimentalWarning',
            join(packaged, 'launch.js'),
            `--home=${join(folder, 'state/update')}`,
            `--keys=${keys}`,
            `--healthy-seconds=${HEALTHY_SECONDS}`,
            '--',
            '--config',
            join(folder, 'agent.yaml'),
          ],
          { logFile: join(folder, 'agent.log') },
        ),
    ),
  );
  const release = async (version: string, files: Files, key = privateKey) => {
    const about = { product: 'anyseat-agent', version, arch: 'all', node: NODE } as const;
    const file = join(folder, `${version}.release`);
    writeFileSync(file, writeReleaseFile(files, about, key));
    return hub.ask('POST', '/updates/releases', { file });
  };
  const start = (version: string) =>
    hub.ask('POST', '/updates/start', { version, soakMinutes: 0, mostFailed: 0 });
  const update = async () => (await hub.ask<UpdatesAnswer>('GET', '/updates')).update!;
  const runs = (version: string) =>
    waitFor(`${version} at the seat`, async () => {
      const [tc] = await hub.get('tcs');
      return tc?.online && tc.agentVersion === version;
    });
  const ends = (state: string) =>
    waitFor(`the update to be ${state}`, async () => {
      const now = await update();
      return now.state === state ? now : undefined;
    });
  const acts = async () =>
    (await hub.ask<AuditAnswer>('GET', '/audit?limit=200')).rows
      .map(({ act, subject }) => `${act} ${subject.replace(/^tc_.*/, 'tc')}`)
      .filter((act) => /^(release|update|tc\.update)/.test(act))
      .toReversed();
  return { hub, release, start, update, runs, ends, acts };
}

test('a seat takes a release, goes back from one that is broken, and refuses one of a stranger', async () => {
  await using life = new AsyncDisposableStack();
  const { hub, release, start, runs, ends, acts } = await world(life);
  await runs('0.1.0');

  await release('0.2.0', (await bundleAgent('0.2.0')).files);
  await start('0.2.0');
  await runs('0.2.0');
  expect((await ends('done')).rings).toEqual([
    { name: 'rest', all: 1, updated: 1, underWay: 0, failed: 0, offline: 0 },
  ]);

  const broken = new Map((await bundleAgent('0.3.0')).files);
  broken.set('main.js', Buffer.from('throw new Error("nobody has tried this");\n'));
  await release('0.3.0', broken);
  await start('0.3.0');
  const paused = await ends('paused');
  expect(paused.words).toEqual(['It is paused: one thin client did not take it, and 0 may.']);
  expect(paused.failures).toMatchObject([
    { seat: 's1', state: 'rolledBack', text: 'it ended by itself (1)' },
  ]);
  await runs('0.2.0');
  expect((await hub.status()).warnings).toContainEqual({
    code: 'update-paused',
    severity: 'warning',
    text: 'The update of the thin clients to 0.3.0 is paused: one thin client did not take it, and 0 may; anyseat update status',
  });
  await hub.ask('POST', '/updates/change', { to: 'stopped' });
  expect((await hub.status()).warnings.map(({ code }) => code)).not.toContain('update-paused');

  const stranger = generateKeyPairSync('ed25519').privateKey;
  await release('0.4.0', (await bundleAgent('0.4.0')).files, stranger);
  await start('0.4.0');
  expect((await ends('paused')).failures).toMatchObject([
    { seat: 's1', state: 'failed', text: 'no key that is trusted here has signed this release' },
  ]);
  await runs('0.2.0');
  expect(await acts()).toEqual([
    'release.added 0.2.0',
    'update.started 0.2.0',
    'tc.update-done tc',
    'update.moved 0.2.0',
    'release.added 0.3.0',
    'update.started 0.3.0',
    'tc.update-rolled-back tc',
    'update.moved 0.3.0',
    'update.moved 0.3.0',
    'release.added 0.4.0',
    'update.started 0.4.0',
    'tc.update-failed tc',
    'update.moved 0.4.0',
  ]);
});
