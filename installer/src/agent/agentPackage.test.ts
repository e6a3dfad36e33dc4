import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasApt } from '../apt.ts';
import { node } from '../commands.ts';
import { bundleAgent } from './bundleAgent.ts';
import { debFiles, type PackagedFile } from './debFiles.ts';
import { writeDeb } from './writeDeb.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-package-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const said = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });

test('the agent runs without its packages, from a folder of its own, and is always the same bytes', async () => {
  const { files, licences } = await bundleAgent('7.8.9');
  expect((await bundleAgent('7.8.9')).files).toEqual(files);
  for (const [path, data] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data);
  }
  expect(said(node, join(folder, 'main.js'), '--version')).toBe('7.8.9\n');
  expect(said(node, join(folder, 'main.js'), '--example')).toContain('\nhub:\n');
  expect(JSON.parse(said(node, join(folder, 'machineProgram.js')))).toHaveProperty('system');
  expect(() => execFileSync(node, [join(folder, 'launch.js')], { stdio: 'pipe' })).toThrow(
    /--home and --keys are needed/,
  );
  for (const name of ['ws', 'x11', 'zod', 'pino', 'react']) expect(licences).toContain(`\n${name} `);
});

describe.skipIf(!hasApt)('the Debian package (dpkg-deb)', () => {
  test('has everything where the unit looks for it, as root’s, and is always the same bytes', async () => {
    const key = join(folder, 'our.pem');
    writeFileSync(key, 'a key');
    const files = debFiles(
      { version: '1.2.3', files: new Map([['main.js', Buffer.from('1')]]), licences: '' },
      { releaseKeys: [key], example: 'hub:\n', version: '1.2.3', epoch: 1_700_000_000 },
    );
    // What is large is not what this is about.
    files.set('usr/lib/anyseat-agent/node', { data: Buffer.from('#!/bin/sh\n'), mode: 0o755 });
    const write = async (name: string, all: ReadonlyMap<string, PackagedFile>) => {
      const deb = join(folder, name);
      const about = { version: '1.2.3', arch: 'amd64', epoch: 1_700_000_000, compression: 'gzip' } as const;
      await writeDeb(deb, all, about);
      return deb;
    };
    const one = await write('one.deb', files);
    const two = await write('two.deb', new Map([...files].toReversed()));
    expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
    expect(statSync(one).size).toBeLessThan(1_000_000);

    const listed = said('dpkg-deb', '--contents', one)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter(([mode]) => mode!.startsWith('-'))
      .map(([mode, owner, , , , path]) => `${mode} ${owner} ${path}`);
    expect(listed).toEqual(expect.arrayContaining(EXPECTED));
    expect(said('dpkg-deb', '--info', one, 'conffiles')).toBe(
      '/etc/X11/xorg.conf.d/50-anyseat.conf\n/etc/anyseat-agent/release-keys/our.pem\n',
    );
    const unit = files.get('usr/lib/systemd/system/anyseat-agent.service')!.data.toString();
    for (const path of ['/usr/lib/anyseat-agent/session', '/usr/share/doc/anyseat-agent/README.md']) {
      expect(unit).toContain(path);
      expect([...files.keys()]).toContain(path.slice(1));
    }
  });
});

const EXPECTED = [
  '-rw-r--r-- root/root ./etc/X11/xorg.conf.d/50-anyseat.conf',
  '-rw-r--r-- root/root ./etc/anyseat-agent/release-keys/our.pem',
  '-rwxr-xr-x root/root ./usr/bin/anyseat-agent',
  '-rwxr-xr-x root/root ./usr/lib/anyseat-agent/node',
  '-rw-r--r-- root/root ./usr/lib/anyseat-agent/program/main.js',
  '-rwxr-xr-x root/root ./usr/lib/anyseat-agent/session',
  '-rwxr-xr-x root/root ./usr/lib/anyseat-agent/start',
  '-rw-r--r-- root/root ./usr/lib/systemd/system/anyseat-agent.service',
  '-rw-r--r-- root/root ./usr/share/doc/anyseat-agent/examples/agent.yaml',
];
