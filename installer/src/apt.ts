import { existsSync } from 'node:fs';
import { MINUTE, SECOND, systemClock } from '@anyseat/base';
import { runQuietly, type QuietRun } from './runQuietly.ts';

/** Somebody else may be installing (a fresh machine's own updates, often); this long we wait for them. */
const LOCK_PATIENCE_MS = 10 * MINUTE;

/** Debian, Ubuntu, or what is made of them. */
export const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');

export const isRoot = process.getuid?.() === 0;

/** Those of `packages` that are not installed, in their order. */
export async function notInstalled(packages: readonly string[]): Promise<string[]> {
  const { output } = await runQuietly('dpkg-query', [
    '-W',
    '-f',
    '${db:Status-Status} ${Package}\n',
    ...packages,
  ]);
  const there = new Set(
    output.split('\n').flatMap((line) => (line.startsWith('installed ') ? [line.slice(10)] : [])),
  );
  return packages.filter((name) => !there.has(name));
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
        env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', NEEDRESTART_MODE: 'l' },
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
