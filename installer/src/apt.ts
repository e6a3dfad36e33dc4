import { existsSync, globSync, statSync } from 'node:fs';
import { DAY, MINUTE, SECOND, systemClock } from '@anyseat/base';
import { runQuietly, type QuietRun } from './runQuietly.ts';
import type { PackageMachine } from './systemPackages.ts';
import { withoutServices } from './withoutServices.ts';

/** Somebody else may be installing (a fresh machine's own updates, often); this long we wait for them. */
const LOCK_PATIENCE_MS = 10 * MINUTE;

/** Nobody is asked anything, by debconf or by needrestart. */
const QUIET_ENV = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', NEEDRESTART_MODE: 'l' };

/** Debian, Ubuntu, or what is made of them. */
export const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');

export const isRoot = process.getuid?.() === 0;

/** Those of `packages` that are not installed, in their order. */
export async function notInstalled(packages: readonly string[]): Promise<string[]> {
  const format = '${db:Status-Status} ${Package}\n';
  const { output } = await runQuietly('dpkg-query', ['-W', '-f', format, ...packages]);
  const there = new Set(output.split('\n'));
  return packages.filter((name) => !there.has(`installed ${name}`));
}

/** Those of `packages` that the package lists know a version of, in their order. */
export async function knownPackages(packages: readonly string[]): Promise<string[]> {
  if (packages.length === 0) return [];
  const { output } = await runQuietly('apt-cache', ['policy', ...packages], { env: { LC_ALL: 'C' } });
  return packages.filter((name) => hasCandidate(output, name));
}

/** Reads what `apt-cache policy` says: nothing at all, or `(none)`, of a package that cannot be had. */
export function hasCandidate(policy: string, name: string): boolean {
  const lines = policy.split('\n');
  const candidate = lines[lines.indexOf(`${name}:`) + 2];
  return lines.includes(`${name}:`) && candidate !== undefined && !candidate.endsWith('(none)');
}

/** Runs apt-get so that it asks nothing, waits for other apts (ten minutes at most), and says nothing unless asked. */
export async function aptGet(...args: string[]): Promise<QuietRun> {
  const until = systemClock.monotonic() + LOCK_PATIENCE_MS;
  const options = [
    'APT::Sandbox::User=root',
    'Dpkg::Options::=--force-confold',
    // Covers dpkg's lock alone; the others are waited for below.
    `DPkg::Lock::Timeout=${LOCK_PATIENCE_MS / SECOND}`,
  ];
  for (;;) {
    const run = await runQuietly(
      'apt-get',
      ['-q', '-y', ...options.flatMap((option) => ['-o', option]), ...args],
      {
        env: QUIET_ENV,
        ownSession: true,
      },
    );
    const locked = run.code !== 0 && /Could not get lock|Unable to lock/.test(run.output);
    if (!locked || systemClock.monotonic() > until) return run;
    await systemClock.sleep(SECOND);
  }
}

/** The package lists are fetched at most once in a process's life: whoever finds them old asks, and the second is served. */
export function aptUpdate(): Promise<QuietRun> {
  updated ??= aptGet('update');
  return updated;
}
let updated: Promise<QuietRun> | undefined;

/** Of today. The folders change with every update, even when no list does. */
function listsAreFresh(): boolean {
  const lists = '/var/lib/apt/lists';
  const times = [lists, `${lists}/partial`].map(
    (folder) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const some = globSync(`${lists}/*_Packages*`).length > 0;
  return some && systemClock.now() - Math.max(...times) < DAY;
}

export const debianMachine: PackageMachine = {
  may: !hasApt ? 'no-apt' : isRoot ? 'install' : 'not-root',
  notInstalled,
  hasFile: (glob) => globSync(glob).length > 0,
  known: knownPackages,
  listsAreFresh,
  update: async () => orThrow('the lists of Debian packages could not be fetched', await aptUpdate()),
  install: (packages) =>
    withoutServices(async () => {
      // What an installation that was broken off left behind stands in the way of every other.
      await runQuietly('dpkg', ['--configure', '-a'], { env: QUIET_ENV, ownSession: true });
      const run = await aptGet('install', '--no-install-recommends', ...packages);
      orThrow('the Debian packages could not be installed', run);
    }),
};

function orThrow(what: string, { code, output }: QuietRun): void {
  if (code === 0) return;
  const words = output.trimEnd().split('\n').slice(-12).join('\n  ');
  throw new Error(`${what}; apt says:\n  ${words}`);
}
