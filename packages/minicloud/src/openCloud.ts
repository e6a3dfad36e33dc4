import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog, systemClock } from '@anyseat/base';
import { Api } from './api/api.ts';
import type { Hypervisor } from './hypervisor/hypervisor.ts';
import { newChance, type Chance } from './model/chance.ts';
import { Cloud } from './model/cloud.ts';
import { Consoles } from './model/consoles.ts';
import { Faults } from './model/faults.ts';
import { Identity } from './model/identity.ts';
import { furnish, newInstallation, type Installation } from './model/installation.ts';
import { noJournal, openJournal } from './model/journal.ts';
import { resumeCloud } from './model/resumeCloud.ts';
import { FAKE_TIMINGS, QEMU_TIMINGS, type MinicloudOptions } from './options.ts';

/** A cloud and its API, with no network and no process around it. */
export interface OpenCloud extends Disposable {
  cloud: Cloud;
  api: Api;
  faults: Faults;
  identity: Identity;
  installation: Installation;
}

/**
 * The inside of a minicloud: a function from requests to answers over a state machine. With a seed and a clock of its
 * caller's it repeats itself exactly, which is how a simulation runs it: `api.handle(request)`, in virtual time.
 */
export function openCloud(options: MinicloudOptions, hypervisor: Hypervisor): OpenCloud {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const chance = newChance(options.seed);
  const faults = new Faults();
  const installation = keptInstallation(options, chance, clock.now());
  const journal = options.stateDir === undefined ? noJournal : openJournal(options.stateDir);
  const cloud = new Cloud({
    clock,
    chance,
    faults,
    installation,
    hypervisor,
    journal,
    log,
    timings: { ...(options.hypervisor === 'qemu' ? QEMU_TIMINGS : FAKE_TIMINGS), ...options.timings },
    speed: options.speed ?? 1,
    reclaimMs: (options.reclaimSeconds ?? 0) * 1000,
  });
  const identity = new Identity({
    installation,
    clock,
    chance,
    faults,
    tokenSeconds: options.tokenSeconds ?? 3600,
  });
  const consoles = new Consoles(cloud, (options.consoleTokenSeconds ?? 600) * 1000);
  const api = new Api({
    cloud,
    identity,
    consoles,
    face: options.face ?? 'zed',
    maxLimit: options.maxLimit ?? 1000,
    log,
  });
  resumeCloud(cloud);
  return {
    cloud,
    api,
    faults,
    identity,
    installation,
    [Symbol.dispose]() {
      cloud[Symbol.dispose]();
      journal[Symbol.dispose]();
    },
  };
}

/** What the operator set up stays over restarts; what the options newly ask for is added. */
function keptInstallation(options: MinicloudOptions, chance: Chance, now: number): Installation {
  const file = options.stateDir === undefined ? undefined : join(options.stateDir, 'installation.json');
  const there = file !== undefined && existsSync(file);
  const installation = there
    ? (JSON.parse(readFileSync(file, 'utf8')) as Installation)
    : newInstallation(options, chance);
  furnish(installation, options, chance, now);
  if (file !== undefined) {
    writeFileSync(`${file}.new`, `${JSON.stringify(installation, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return installation;
}
