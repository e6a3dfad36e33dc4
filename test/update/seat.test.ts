import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { readReleaseFile, unpackPayload, writeReleaseFile } from '@anyseat/base';
import type { UpdatesAnswer } from '@anyseat/protocol';
import { buildAgent } from '../../installer/src/agent/buildAgent.ts';
import { readPicture } from '../e2e/parts/display.ts';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { smallSite, temporaryFolder } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openScreen, SeatRoot, seatRootMissing } from './seatRoot.ts';

/**
 * The Debian package on a real Debian: installed by dpkg, its session with openbox and Chromium as the seat's own user, enrolled, updated
 * twice, and back from a release whose page never stands.
 */
const say = (line: string) => console.log(line);
const MINUTE = 60_000;
const PATIENCE = 5 * MINUTE;

test('a package is installed, updated over the wire, survives a cut of the power, and goes back by itself', async (ctx) => {
  const missing = seatRootMissing();
  if (missing !== undefined) ctx.skip(missing);
  await using life = new AsyncDisposableStack();
  const folder = life.use(temporaryFolder('seat-root')).path;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const [sign, trust] = [join(folder, 'release.key'), join(folder, 'release.pem')];
  writeFileSync(sign, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(trust, publicKey.export({ type: 'spki', format: 'pem' }));
  const into = join(folder, 'built');
  const { deb } = await buildAgent({ version: '0.1.0', into, trust: [trust], compression: 'gzip', say });
  const releaseOf = async (version: string) =>
    (await buildAgent({ version, into, trust: [], sign, withoutDeb: true, say })).release!;

  const depends = execFileSync('dpkg-deb', ['--field', deb!, 'Depends'], { encoding: 'utf8' });
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const done = await work();
    say(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
    return done;
  };
  const root = await timed('a Debian for the seat', () => SeatRoot.open(folder, depends));
  // Twice: what the package does at its installation can be done again.
  const name = deb!.split('/').at(-1)!;
  await timed('installed, twice', () =>
    root.run(`dpkg --install /tmp/${name} && dpkg --install /tmp/${name}`, [deb!]),
  );
  expect(await root.run('dpkg --audit; anyseat-agent --version; id -nG anyseat-seat')).toBe(
    '0.1.0\nanyseat-seat systemd-journal\n',
  );
  expect(await root.run('stat -c "%a %U" /var/lib/anyseat-agent; systemctl is-enabled anyseat-agent')).toBe(
    '700 anyseat-seat\nenabled\n',
  );

  const hub = life.use(await HubProcess.start({ folder: join(folder, 'hub'), tls: true }));
  await hub.apply(smallSite(1));
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
  const etc = join(root.upper, 'etc/anyseat-agent');
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, 'token'), token);
  writeFileSync(
    join(etc, 'agent.yaml'),
    stringify({ hub: { url: hub.url, pins: [hub.pin], tokenFile: '/etc/anyseat-agent/token' } }),
  );
  const screen = life.use(await openScreen());
  const start = () => life.use(root.start(screen.name, join(folder, 'seat.log')));
  let seat = start();
  const runs = (version: string) =>
    waitFor(
      `${version} at the seat`,
      async () => {
        const [tc] = await hub.get('tcs');
        return tc?.seat === 's1' && tc.online && tc.agentVersion === version;
      },
      PATIENCE,
    );
  const update = async () => (await hub.ask<UpdatesAnswer>('GET', '/updates')).update!;
  const ends = (state: string) =>
    waitFor(`the update to be ${state}`, async () => (await update()).state === state, PATIENCE);
  const bring = async (version: string, file: string) => {
    await hub.ask('POST', '/updates/releases', { file });
    await hub.ask('POST', '/updates/start', { version, soakMinutes: 0, mostFailed: 0 });
  };
  const page = () =>
    waitFor(
      'the login page',
      async () => {
        const picture = execFileSync('import', ['-display', screen.name, '-window', 'root', 'png:-']);
        const { rgb } = await readPicture(picture);
        const points = new Set<number>();
        for (let at = 0; at < rgb.length; at += 300) points.add(rgb.readUIntBE(at, 3));
        return points.size > 20;
      },
      PATIENCE,
    );

  await timed('enrolled, from the start of the session', () => runs('0.1.0'));
  await page();

  const second = await releaseOf('0.2.0');
  await timed('updated to 0.2.0, from the word of the operator', async () => {
    await bring('0.2.0', second);
    await ends('done');
  });
  await runs('0.2.0');
  await page();

  await bring('0.3.0', await releaseOf('0.3.0'));
  const stateFile = join(root.upper, 'var/lib/anyseat-agent/update/state.json');
  await waitFor('a trial', () => readFileSync(stateFile, 'utf8').includes('"trial"'), PATIENCE);
  await seat.cutPower();
  expect(readFileSync(stateFile, 'utf8')).toContain('"trial"');
  seat = start();
  await timed('0.3.0 after the power went in its first start', () => ends('done'));
  await runs('0.3.0');

  // Everything of it works but the page.
  const blank = new Map(unpack(await releaseOf('0.4.0')));
  blank.set('page/index.html', Buffer.from('<!doctype html><title>Anyseat</title>'));
  const broken = join(folder, '0.4.0.release');
  const node = Number(process.versions.node.split('.')[0]);
  writeFileSync(
    broken,
    writeReleaseFile(blank, { product: 'anyseat-agent', version: '0.4.0', arch: 'all', node }, privateKey),
  );
  await timed('back from 0.4.0, whose page never stands', async () => {
    await bring('0.4.0', broken);
    await ends('paused');
  });
  expect((await update()).failures).toMatchObject([
    { seat: 's1', state: 'rolledBack', text: 'its page or the hub was not there after 120 s' },
  ]);
  await runs('0.3.0');
  await page();
  await hub.ask('POST', '/updates/change', { to: 'stopped' });
  await seat.cutPower();

  expect(
    await root.run(
      'dpkg --purge anyseat-agent > /dev/null 2>&1; ls -d /var/lib/anyseat-agent /usr/lib/anyseat-agent 2>&1 | wc -l; ls /usr/lib/anyseat-agent /var/lib/anyseat-agent 2>/dev/null | wc -l',
    ),
  ).toBe('2\n0\n');
  say(
    `package ${(statSync(deb!).size / 1e6).toFixed(1)} MB (gzip), release ${(statSync(second).size / 1e6).toFixed(2)} MB`,
  );
});

const unpack = (file: string): ReadonlyMap<string, Buffer> => {
  const { payload, manifest } = readReleaseFile(readFileSync(file));
  return unpackPayload(payload, manifest).files;
};
