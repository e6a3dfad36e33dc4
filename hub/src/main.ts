import { readFileSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  EXIT_CONFIG,
  exampleConfig,
  Fault,
  Lifetime,
  loadConfig,
  messageOf,
  openLog,
  systemClock,
  type Clock,
  type Log,
} from '@anyseat/base';
import { readCredentials } from '@anyseat/openstack';
import { standingLink } from '@anyseat/spice';
import type { Cloud } from './cloud/cloud.ts';
import { openCloud } from './cloud/openstack.ts';
import { hubSettings, type HubSettings } from './config.ts';
import type { Directory } from './directory/directory.ts';
import { FileDirectory } from './directory/file.ts';
import { LdapDirectory } from './directory/ldap/ldapDirectory.ts';
import { openChannels } from './channels/openChannels.ts';
import { openHub } from './hub.ts';
import { openSqlite } from './store/sqlite/openSqlite.ts';
import { stageRestore } from './store/sqlite/stageRestore.ts';

/** The hub wants to be started anew (sysexits.h EX_TEMPFAIL); a unit with Restart=always does so. */
export const EXIT_RESTART = 75;

const USAGE = `usage: anyseat-hub --config FILE            serve
       anyseat-hub --config FILE --restore BACKUP   put a backup in place of the store, while the hub is stopped
       anyseat-hub --example-config                 print every setting with its meaning and default`;

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        restore: { type: 'string' },
        'example-config': { type: 'boolean' },
      },
    });
    if (values['example-config']) {
      process.stdout.write(
        exampleConfig(hubSettings, 'Settings of an Anyseat hub. What is commented out shows an example.'),
      );
      return 0;
    }
    if (values.config === undefined) {
      process.stderr.write(`${USAGE}\n`);
      return 64;
    }
    const settings = loadConfig(values.config, hubSettings);
    if (values.restore !== undefined) return restoreStopped(values.restore, settings);
    return await serve(settings);
  } catch (error) {
    if (error instanceof Fault) {
      process.stderr.write(`anyseat-hub: ${error.message}\n`);
      return error.retry === 'terminal' ? EXIT_CONFIG : 1;
    }
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      process.stderr.write(`anyseat-hub: ${error.message}\n${USAGE}\n`);
      return 64;
    }
    throw error;
  }
}

function storeFile(settings: HubSettings): string {
  return join(settings.stateDir, 'hub.db');
}

function restoreStopped(backup: string, settings: HubSettings): number {
  const { installation } = stageRestore(backup, storeFile(settings));
  process.stdout.write(
    `${backup} (installation ${installation}) takes the place of the store at the next start\n`,
  );
  return 0;
}

async function serve(settings: HubSettings): Promise<number> {
  const log = openLog({ name: settings.name, level: settings.log.level });
  const clock = systemClock;
  await using life = new Lifetime();
  const stopped = untilStopped(log);
  const store = life.own(await openSqlite({ file: storeFile(settings), clock }));
  const directories = await openDirectories(settings, clock, log, life);
  const clouds = await openClouds(settings, clock, log, life);
  const channels = openChannels(settings.alerts.channels, { clock });
  const hub = life.own(
    await openHub(
      settings,
      {
        store,
        directories,
        clouds,
        channels,
        disk: () => roomAt(settings.stateDir),
        standingLink,
        stageRestore: (file) => stageRestore(file, storeFile(settings)),
        consolePage: fileURLToPath(new URL('../dist/console', import.meta.url)),
      },
      { clock, log },
    ),
  );
  // Awaited here: a promise that is returned as it is would let `await using` close everything at once.
  return await Promise.race([stopped.then(() => 0), hub.restart.then(() => EXIT_RESTART)]);
}

function untilStopped(log: Log): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'the hub stops');
        resolve();
      });
    }
  });
}

/** Asked at once, as the store is: it is one call of the system. */
function roomAt(folder: string): { freeMb: number; totalMb: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { freeMb: (bavail * bsize) / 2 ** 20, totalMb: (blocks * bsize) / 2 ** 20 };
  } catch {
    return undefined;
  }
}

async function openDirectories(
  settings: HubSettings,
  clock: Clock,
  log: Log,
  life: Lifetime,
): Promise<Directory[]> {
  const directories: Directory[] = [];
  for (const own of settings.directories) {
    const deps = { clock, log: log.child({ part: 'directory' }) };
    directories.push(
      life.own(own.type === 'file' ? await FileDirectory.open(own, deps) : new LdapDirectory(own, deps)),
    );
  }
  return directories;
}

async function openClouds(
  settings: HubSettings,
  clock: Clock,
  log: Log,
  life: Lifetime,
): Promise<Map<string, Cloud>> {
  const clouds = new Map<string, Cloud>();
  for (const [name, own] of Object.entries(settings.clouds)) {
    const env =
      own.cloudsFile === undefined ? process.env : { ...process.env, OS_CLIENT_CONFIG_FILE: own.cloudsFile };
    const where = { env, cwd: process.cwd(), home: homedir() };
    const { tls, caFile, hostSubject, passwordFile } = own.spice;
    const cloud = await openCloud({
      name,
      member: readCredentials(own.cloud, where),
      admin: own.adminCloud === undefined ? undefined : readCredentials(own.adminCloud, where),
      spice: {
        tls,
        ca: caFile === undefined ? undefined : readSecret(caFile, `clouds.${name}.spice.caFile`),
        hostSubject,
        password:
          passwordFile === undefined
            ? undefined
            : readSecret(passwordFile, `clouds.${name}.spice.passwordFile`).trim(),
      },
      clock,
      log: log.child({ part: 'cloud' }),
    });
    clouds.set(name, life.own(cloud));
  }
  return clouds;
}

function readSecret(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault('config-invalid', 'terminal', `${setting}: ${messageOf(error)}`);
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
