import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HOUR, messageOf, systemClock } from '@anyseat/base';
import { aptUpdate, hasApt, isRoot } from '../apt.ts';
import { runQuietly } from '../runQuietly.ts';
import { cpioArchive, type ArchiveEntry } from './cpio.ts';

/**
 * What QEMU boots: `-kernel` and `-initrd`, with 96 MB of memory at least. The name that it shows stands on its command
 * line (`-append`) as `anyseat.name=NAME` or as anybody's `….hostname=NAME`.
 */
export interface Guest {
  kernel: string;
  initrd: string;
}

/** Changes when this file makes something else of the same inputs. */
const RECIPE = 1;
/** What the guest is made of besides the kernel and busybox, as it stands in the guest. */
const ROOT = join(import.meta.dirname, 'root');
/**
 * The smallest kernels that the distributions offer, each the first that apt knows: Debian's, Ubuntu's (not tried), any
 * Debian's. Debian's cloud kernel has no graphics driver but VGA text (VGA_CONSOLE=y, no vesafb, no DRM), and needs none.
 */
const KERNELS = ['linux-image-cloud-amd64', 'linux-image-virtual', 'linux-image-amd64'];
const BUSYBOX = 'busybox-static';
/** For the power button. A kernel that has them packed or built in boots as well; the button then does nothing. */
const MODULES = ['kernel/drivers/input/evdev.ko', 'kernel/drivers/acpi/button.ko'];

/**
 * Makes the example desktop, a guest that shows whose it is and answers keys, out of the distribution's own packages,
 * which are unpacked and never installed. Keeps what was made until the recipe changes: a second call neither asks apt
 * nor the network. `missing` is one sentence: why it cannot be made here (what that costs, the caller knows).
 */
export async function buildGuest(options: {
  into: string;
  /** Told what is being done when it will take more than a moment. */
  say?: (line: string) => void;
}): Promise<Guest | { missing: string }> {
  const { into, say = () => {} } = options;
  const guest = { kernel: join(into, 'vmlinuz'), initrd: join(into, 'initrd') };
  const stamp = join(into, 'recipe');
  const recipe = recipeHash();
  const made = [guest.kernel, guest.initrd, stamp].every((file) => existsSync(file));
  if (made && readFileSync(stamp, 'utf8') === recipe) return guest;

  await mkdir(into, { recursive: true });
  await removeLeftovers(into);
  const work = await mkdtemp(join(into, '.making-'));
  try {
    say('making the example desktop (a kernel and busybox, 27 MB to download)');
    const missing = await fetchPackages(work);
    if (missing) return { missing };
    await assemble(work, guest);
    await writeFile(join(work, 'recipe'), recipe);
    await rename(join(work, 'recipe'), stamp);
    return guest;
  } catch (error) {
    // A full disk, or packages that are not laid out as we know them: no reason not to go on without.
    return { missing: `the example desktop could not be made (${messageOf(error)})` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What a making that was killed left behind (100 MB). One that is under way, here or in another process, is younger. */
async function removeLeftovers(into: string): Promise<void> {
  for (const folder of globSync('.making-*', { cwd: into })) {
    const path = join(into, folder);
    const born = statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
    if (systemClock.now() - born > HOUR) await rm(path, { recursive: true, force: true });
  }
}

function recipeHash(): string {
  const hash = createHash('sha256').update(`${RECIPE} ${KERNELS.join()} ${MODULES.join()}`);
  for (const file of rootFiles()) hash.update(`\n${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Unpacks kernel and busybox into `work/x`; resolves with what is in the way, if anything is. */
async function fetchPackages(work: string): Promise<string | undefined> {
  if (process.arch !== 'x64' || !hasApt) {
    return 'the example desktop is made of Debian packages, on Debian or Ubuntu on x86-64 only';
  }
  let kernel = await kernelPackage();
  if (!kernel && isRoot) {
    await aptUpdate();
    kernel = await kernelPackage();
  }
  if (!kernel) return `apt knows none of ${KERNELS.join(', ')} (run apt-get update?)`;
  const download = () =>
    runQuietly('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', kernel, BUSYBOX], {
      cwd: work,
    });
  let run = await download();
  // Old lists name packages that are there no more.
  if (run.code !== 0 && isRoot && (await aptUpdate()).code === 0) run = await download();
  if (run.code !== 0) {
    return `the packages of the example desktop could not be downloaded (${lastLine(run.output)})`;
  }
  for (const file of globSync('*.deb', { cwd: work })) {
    const unpacked = await runQuietly('dpkg-deb', ['-x', file, 'x'], { cwd: work });
    if (unpacked.code !== 0) return `${file} could not be unpacked (${lastLine(unpacked.output)})`;
  }
  return undefined;
}

/** The package that holds the kernel itself: the named ones only point to it. */
async function kernelPackage(): Promise<string | undefined> {
  for (const name of KERNELS) {
    const { output } = await runQuietly('apt-cache', ['depends', '--important', name]);
    const kernel = /Depends: (linux-image-\S+)/.exec(output)?.[1];
    if (kernel) return kernel;
  }
  return undefined;
}

async function assemble(work: string, guest: Guest): Promise<void> {
  const unpacked = join(work, 'x');
  const one = (pattern: string) => {
    const [file] = globSync(pattern, { cwd: unpacked });
    if (!file) throw new Error(`the packages hold no ${pattern}`);
    return join(unpacked, file);
  };
  const modules = globSync(
    MODULES.map((file) => `{usr/,}lib/modules/*/${file}`),
    { cwd: unpacked },
  );
  const directories = ['bin', 'dev', 'proc', 'sys', 'modules', ...rootDirectories()];
  const entries: ArchiveEntry[] = [
    ...directories.map((path) => ({ path, kind: 'directory' }) as const),
    { path: 'bin/busybox', kind: 'program', content: await readFile(one('{usr/,}bin/busybox')) },
    ...modules.map((file) => ({
      path: `modules/${basename(file)}`,
      kind: 'file' as const,
      content: readFileSync(join(unpacked, file)),
    })),
    ...rootFiles().map((path) => ({
      path,
      kind: 'program' as const,
      content: readFileSync(join(ROOT, path)),
    })),
  ];
  await writeFile(join(work, 'initrd'), gzipSync(cpioArchive(entries), { level: 9 }));
  await rename(join(work, 'initrd'), guest.initrd);
  await rename(one('boot/vmlinuz-*'), guest.kernel);
  // Ubuntu ships its kernels for root's eyes alone.
  await chmod(guest.kernel, 0o644);
}

/** In the order in which an archive wants them, parents first. */
function rootFiles(): string[] {
  return inRoot().filter((path) => !isDirectory(path));
}

function rootDirectories(): string[] {
  return inRoot().filter(isDirectory);
}

const inRoot = () => globSync('**/*', { cwd: ROOT }).toSorted();
const isDirectory = (path: string) => statSync(join(ROOT, path)).isDirectory();

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
