import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECOND, systemClock } from '@anyseat/base';
import { isRoot } from './apt.ts';
import { buildPages } from './buildPages.ts';
import { root, run } from './commands.ts';
import { buildGuest } from './guest/buildGuest.ts';
import { conclude, fail, newTally, runSuites } from './report.ts';
import { packageSets } from './packageSets.ts';
import { runQuietly } from './runQuietly.ts';
import { ensureSystemPackages } from './systemPackages.ts';

/**
 * `npm run test:openstack`: the suites of test/openstack on a real OpenStack, which is started for them and stopped
 * afterwards (test/lab/README.md). The last line is `N passed, N failed, N skipped`; `--ci` is that of `npm test`.
 * Where a lab cannot be had, everything is skipped and it is said why. With ANYSEAT_LAB set to the folder of one that runs
 * already, that one is used and left running.
 */
const say = (line: string) => console.log(`anyseat: ${line}`);
const LAB = join(root, 'test/lab/openstack');
/** What the lab said, of the last run that failed. */
const LOGS = join(root, 'var/lab/log');

const { missing } = await ensureSystemPackages(['openstackTests', 'seat', 'screenTests', 'directoryTests'], {
  say,
});
await buildPages(say);
const tally = newTally();
const given = process.env['ANYSEAT_LAB'];
const canBeHad = !packageSets.openstackTests.packages.some((name) => missing.includes(name));
const state = given ?? (canBeHad ? await startLab() : undefined);
// One file after another: some stop parts of the cloud under the others' feet.
await runSuites(tally, ['openstack'], {
  args: ['--no-file-parallelism'],
  env: { ANYSEAT_LAB: state ?? '' },
});
if (state !== undefined && state !== given) await stopLab(state);
process.exit(conclude(tally, process.argv));

/** The folder of a lab that is ready. Undefined, and a failure, when it did not come up. */
async function startLab(): Promise<string | undefined> {
  const guest = await buildGuest({ into: `${root}var/guest`, say });
  if ('missing' in guest) say(guest.missing);
  const noScreens = await whyNoScreens();
  if (noScreens !== undefined) say(`${noScreens}: what needs a host with libvirt and QEMU is skipped`);
  say('starting an OpenStack (about a minute)');
  const begun = systemClock.monotonic();
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-lab-'));
  const code = await run(join(LAB, 'up.sh'), [folder], {
    // Whatever becomes of us, the lab does not stay.
    LAB_OWNER: String(process.pid),
    LAB_LIBVIRT: noScreens === undefined ? '1' : '',
    LAB_GUEST: 'missing' in guest ? '' : join(guest.kernel, '..'),
  });
  if (code === 0) {
    say(`OpenStack is ready after ${Math.round((systemClock.monotonic() - begun) / SECOND)} s`);
    return folder;
  }
  fail(tally, 'OpenStack could not be started (see above)');
  await stopLab(folder);
  return undefined;
}

/** libvirt has mounts of its own in the lab, and makes a network device for every guest. */
async function whyNoScreens(): Promise<string | undefined> {
  if (!isRoot) return 'this is not root';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun here';
  const mounts = await runQuietly('unshare', ['--mount', '--propagation', 'unchanged', 'true']);
  return mounts.code === 0 ? undefined : 'this root may not mount anything';
}

async function stopLab(folder: string): Promise<void> {
  rmSync(LOGS, { recursive: true, force: true });
  if (tally.failed.length > 0 && existsSync(join(folder, 'log'))) {
    cpSync(join(folder, 'log'), LOGS, { recursive: true });
    say(`what the parts of OpenStack said is kept in ${LOGS}`);
  }
  const code = await run(join(LAB, 'down.sh'), [folder, '--wipe']);
  if (code !== 0) fail(tally, `the lab in ${folder} could not be stopped`);
}
