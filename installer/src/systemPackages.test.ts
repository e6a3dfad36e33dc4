import { expect, test } from 'vitest';
import { hasCandidate } from './apt.ts';
import { lossesOf, packageSets, packagesFor, type Purpose } from './packageSets.ts';
import { ensureSystemPackages, type PackageMachine } from './systemPackages.ts';

const DESKTOP = ['qemu-system-x86', 'qemu-utils'];

/** A machine of which we say what is installed, what apt knows, and what goes wrong. */
function machine(model: {
  may?: PackageMachine['may'];
  installed?: string[];
  /** What the lists know; `updated`: what they know after an update. */
  known?: string[];
  updated?: string[];
  fresh?: boolean;
  /** As on Debian 13. */
  bareQemu?: boolean;
  failInstalls?: number;
}) {
  const installed = new Set(model.installed);
  let known = new Set(model.known ?? DESKTOP);
  let failures = model.failInstalls ?? 0;
  const acts: string[] = [];
  const it: PackageMachine = {
    may: model.may ?? 'install',
    notInstalled: (packages) => Promise.resolve(packages.filter((name) => !installed.has(name))),
    // As on Debian 12, where qemu-system-x86 brings it along.
    hasFile: () => !model.bareQemu && installed.has('qemu-system-x86'),
    known: (packages) => Promise.resolve(packages.filter((name) => known.has(name))),
    listsAreFresh: () => model.fresh ?? false,
    update: () => {
      acts.push('update');
      known = new Set(model.updated ?? [...known]);
      return Promise.resolve();
    },
    install: (packages) => {
      acts.push(`install ${packages.join(' ')}`);
      if (failures-- > 0) return Promise.reject(new Error('no; apt says:\n  404'));
      for (const name of packages) installed.add(name);
      return Promise.resolve();
    },
  };
  return { it, acts };
}

async function ensure(model: Parameters<typeof machine>[0], purposes: Purpose[] = ['desktop']) {
  const { it, acts } = machine(model);
  const said: string[] = [];
  const { missing } = await ensureSystemPackages(purposes, { machine: it, say: (line) => said.push(line) });
  return { missing, acts, said };
}

test('where everything is there, nothing is said and nothing done', async () => {
  expect(await ensure({ installed: DESKTOP })).toEqual({ missing: [], acts: [], said: [] });
});

test('root installs what is missing, and says so', async () => {
  expect(await ensure({ installed: ['qemu-utils'] })).toEqual({
    missing: [],
    acts: ['install qemu-system-x86'],
    said: ['installing Debian packages (this can take some minutes): qemu-system-x86'],
  });
});

test('a package that only some releases have is installed where it is known', async () => {
  const spice = 'qemu-system-modules-spice';
  expect(await ensure({ installed: DESKTOP, known: [spice], bareQemu: true })).toEqual({
    missing: [],
    acts: [`install ${spice}`],
    said: [`installing Debian packages (this can take some minutes): ${spice}`],
  });
});

test('lists that know too little are fetched first', async () => {
  expect(await ensure({ known: [], updated: DESKTOP })).toEqual({
    missing: [],
    acts: ['update', 'install qemu-system-x86 qemu-utils'],
    said: [
      'fetching the lists of Debian packages',
      'installing Debian packages (this can take some minutes): qemu-system-x86 qemu-utils',
    ],
  });
});

test('an installation that fails is tried once more with new lists', async () => {
  const { missing, acts } = await ensure({ failInstalls: 1 });
  expect({ missing, acts }).toEqual({
    missing: [],
    acts: ['install qemu-system-x86 qemu-utils', 'update', 'install qemu-system-x86 qemu-utils'],
  });
});

test('what cannot be installed is said with the words of apt and what it costs, and nothing is thrown', async () => {
  const { missing, said } = await ensure({ failInstalls: 2 });
  expect({ missing, said: said.slice(1) }).toEqual({
    missing: DESKTOP,
    said: [
      'no; apt says:\n  404',
      '  without qemu-system-x86, qemu-utils: desktops are only states and timings, with nothing to see',
    ],
  });
});

test('a package that nobody knows does not keep the others away', async () => {
  const { missing, acts } = await ensure({ known: ['qemu-utils'] });
  expect({ missing, acts }).toEqual({
    missing: ['qemu-system-x86'],
    acts: ['update', 'install qemu-utils'],
  });
  // And at the next start nobody waits again for lists that say the same.
  expect((await ensure({ known: [], installed: ['qemu-utils'], fresh: true })).acts).toEqual([]);
});

test('whoever is not root is told the line to type, and what it costs to go on without', async () => {
  expect(await ensure({ may: 'not-root', installed: ['qemu-utils'] })).toEqual({
    missing: ['qemu-system-x86'],
    acts: [],
    said: [
      'some Debian packages are missing, and only root can install them:',
      '  sudo apt-get install --no-install-recommends qemu-system-x86',
      '  without qemu-system-x86: desktops are only states and timings, with nothing to see',
    ],
  });
});

test('on another Linux the programs are named, and we go on with what is there', async () => {
  const { missing, acts, said } = await ensure({ may: 'no-apt' });
  expect({ missing, acts, lines: said.length }).toEqual({ missing: [], acts: [], lines: 1 });
  expect(said[0]).toContain('qemu-system-x86');
});

test('a package of two purposes is installed once and missed by both', () => {
  const both: Purpose[] = ['screenTests', 'directoryTests'];
  expect(packagesFor(both).filter(({ name }) => name === 'openssl')).toHaveLength(1);
  expect(lossesOf(both, ['openssl'])).toEqual([
    `without openssl: ${packageSets.screenTests.without}`,
    `without openssl: ${packageSets.directoryTests.without}`,
  ]);
});

test('what apt-cache says of a package that can be had, cannot, or was never heard of', () => {
  const policy = `xvfb:
  Installed: (none)
  Candidate: 2:21.1.7-3+deb12u13
  Version table:
     2:21.1.7-3+deb12u13 500
chromium-browser:
  Installed: (none)
  Candidate: (none)
  Version table:
`;
  expect(['xvfb', 'chromium-browser', 'nonesuch'].map((name) => hasCandidate(policy, name))).toEqual([
    true,
    false,
    false,
  ]);
});
