import { messageOf } from '@anyseat/base';
import { debianMachine } from './apt.ts';
import { lossesOf, packagesFor, type Purpose } from './packageSets.ts';
import { runSteps, type Step } from './step.ts';

/** The machine, as far as packages go. */
export interface PackageMachine {
  /** May packages be installed here, and if not, why not? */
  readonly may: 'install' | 'not-root' | 'no-apt';
  notInstalled(packages: readonly string[]): Promise<string[]>;
  /** Is there a file of this name (a glob)? */
  hasFile(glob: string): boolean;
  /** Those that the package lists know, as they are now. */
  known(packages: readonly string[]): Promise<string[]>;
  update(): Promise<void>;
  /** Fetched a short while ago: what they do not know is not to be had. */
  listsAreFresh(): boolean;
  /** Throws a sentence with apt's own words when it fails. Starts no service. */
  install(packages: readonly string[]): Promise<void>;
}

/**
 * Sees to it that the Debian packages for these purposes are there. As root on Debian or Ubuntu it installs what is
 * missing, saying so; else it says which line to type, and what it costs to go on without. Never throws for a package that
 * cannot be had: everything that uses one looks for itself whether it is there.
 *
 * Resolves with what is still missing. Quick and silent when nothing is (one dpkg-query).
 */
export async function ensureSystemPackages(
  purposes: readonly Purpose[],
  options: { say?: (line: string) => void; machine?: PackageMachine } = {},
): Promise<{ missing: string[] }> {
  const { say = console.log, machine = debianMachine } = options;
  const names = packagesFor(purposes).map(({ name }) => name);
  if (machine.may === 'no-apt') {
    // What stands in which package elsewhere, nobody knows here.
    say(`this is neither Debian nor Ubuntu; what is used where it is there: ${names.join(' ')}`);
    return { missing: [] };
  }
  const missing = () => missingOf(purposes, machine);
  const lacking = await missing();
  if (lacking.length === 0) return { missing: [] };

  if (machine.may === 'install') await install(lacking, missing, machine, say);
  else {
    const known = await machine.known(lacking);
    say('some Debian packages are missing, and only root can install them:');
    say(`  sudo apt-get install --no-install-recommends ${(known.length > 0 ? known : lacking).join(' ')}`);
  }
  const left = await missing();
  for (const loss of lossesOf(purposes, left)) say(`  ${loss}`);
  return { missing: left };
}

async function missingOf(purposes: readonly Purpose[], machine: PackageMachine): Promise<string[]> {
  const wanted = packagesFor(purposes).filter(({ unless }) => !unless || !machine.hasFile(unless));
  const absent = await machine.notInstalled(wanted.map(({ name }) => name));
  // One that only some releases have is no loss where it does not exist.
  const doubtful = wanted.flatMap(({ name, unless }) => (unless && absent.includes(name) ? [name] : []));
  const known = await machine.known(doubtful);
  return absent.filter((name) => !doubtful.includes(name) || known.includes(name));
}

/** Installs what can be had; the rest stays missing, and is said with what it costs. */
async function install(
  lacking: readonly string[],
  missing: () => Promise<string[]>,
  machine: PackageMachine,
  say: (line: string) => void,
): Promise<void> {
  const lists: Step = {
    name: 'fetching the lists of Debian packages',
    check: async () => machine.listsAreFresh() || (await machine.known(lacking)).length === lacking.length,
    apply: () => machine.update(),
  };
  try {
    await runSteps([lists], say);
    const known = await machine.known(await missing());
    const packages: Step = {
      name: `installing Debian packages (this can take some minutes): ${known.join(' ')}`,
      check: async () => (await machine.known(await missing())).length === 0,
      apply: () => installTwice(machine, missing, known),
    };
    await runSteps([packages], say);
  } catch (error) {
    say(messageOf(error));
  }
}

async function installTwice(
  machine: PackageMachine,
  missing: () => Promise<string[]>,
  packages: readonly string[],
): Promise<void> {
  try {
    await machine.install(packages);
  } catch {
    // Lists that are a few days old name versions that are there no more: once more, with new ones.
    await machine.update();
    await machine.install(await machine.known(await missing()));
  }
}
