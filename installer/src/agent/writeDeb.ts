import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  chmodSync,
  globSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../commands.ts';
import { runQuietly } from '../runQuietly.ts';
import { conffilesOf, type PackagedFile } from './debFiles.ts';

const script = (name: string) => readFileSync(join(root, 'installer/agent/debian', name), 'utf8');

export interface DebAbout {
  version: string;
  arch: string;
  /** Seconds since 1970 that every file of the package says it is from. */
  epoch: number;
  /** xz is a third smaller and ten times slower; for tests. */
  compression?: 'xz' | 'gzip';
}

/**
 * Writes a Debian package by dpkg-deb. The same files give the same bytes, whenever, wherever and by whom it is made.
 * @throws Error with dpkg-deb's own words
 */
export async function writeDeb(
  into: string,
  files: ReadonlyMap<string, PackagedFile>,
  { version, arch, epoch, compression = 'xz' }: DebAbout,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-deb-'));
  try {
    const put = (path: string, { data, mode }: PackagedFile) => {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, data);
      chmodSync(file, mode);
    };
    for (const [path, file] of files) put(path, file);
    const kilobytes = [...files.values()].reduce((sum, { data }) => sum + Math.ceil(data.length / 1024), 0);
    const control = script('control')
      .replace('@version@', version)
      .replace('@arch@', arch)
      .replace('@size@', String(kilobytes));
    const text = (name: string, said: string, mode = 0o644) =>
      put(`DEBIAN/${name}`, { data: Buffer.from(said), mode });
    text('control', control);
    text('conffiles', lines(conffilesOf(files)));
    text('md5sums', lines(sumsOf(files)));
    for (const name of ['postinst', 'prerm', 'postrm']) text(name, script(name), 0o755);
    for (const path of ['', ...globSync('**/*', { cwd: folder })]) {
      const whole = join(folder, path);
      utimesSync(whole, epoch, epoch);
    }
    for (const path of ['', ...globSync('**/', { cwd: folder })]) chmodSync(join(folder, path), 0o755);
    const { code, output } = await runQuietly(
      'dpkg-deb',
      ['--root-owner-group', `-Z${compression}`, '--threads-max=1', '--build', folder, into],
      { env: { SOURCE_DATE_EPOCH: String(epoch) } },
    );
    if (code !== 0) throw new Error(`the package could not be made; dpkg-deb says: ${output.trim()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** Of what is no conffile, as Debian's own packages have it. */
const sumsOf = (files: ReadonlyMap<string, PackagedFile>): string[] =>
  [...files]
    .filter(([path]) => !path.startsWith('etc/'))
    .map(([path, { data }]) => `${createHash('md5').update(data).digest('hex')}  ${path}`)
    .sort();
