import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SECOND, systemClock } from '@anyseat/base';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { cloudSettings, temporaryFolder } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { writeQuickUsers } from '../simulation/parts/quickUsers.ts';
import { Crowd, type Visitor } from './crowd.ts';
import { furnish, SHARED_FLOOR, OWN_FLOOR } from './furnish.ts';
import { Ledger } from './ledger.ts';

export interface KillsReport {
  kills: number;
  /** Of these: before the hub served. */
  killedAtStart: number;
  logins: number;
  logOffs: number;
  /** Acknowledged, for each second in which there was a hub. */
  loginsPerSecond: number;
  refused: Record<string, number>;
  /** Desktops that somebody was given. */
  desktops: number;
  /** Milliseconds from the start of the process until it served. */
  restartMs: { median: number; longest: number };
  auditRows: number;
  /** Whatever must not be, in sentences; empty when all is well. */
  contradictions: string[];
}

/** A hub that serves is killed after so long, by chance. */
const LIVES_MS = { least: 100, most: 1500 };
const KILLED_AT_START = 0.1;
const STARTS_WITHIN_MS = 700;
const SETTLES_WITHIN_MS = 120_000;
const AT_REST = ['ready', 'unsure', 'leased', 'bound'];

/**
 * SIGKILL of a real hub, again and again, at moments of chance, while people log in, move and log off. After each start what
 * people were told is held against what the hub has; at the end also the store's file and the cloud's servers.
 */
export async function killAndKillAgain(options: {
  kills: number;
  people: number;
  say: (line: string) => void;
}): Promise<KillsReport> {
  const { kills, people, say } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder('kills')).path;
  const cloud = stack.use(
    await startMinicloud({
      speed: 200,
      hosts: { count: 20, vcpus: 1_000_000, memoryMb: 1_000_000_000, diskGb: 1_000_000_000, maxBuilds: 100 },
    }),
  );
  const visitors = Array.from({ length: people }, (_, i): Visitor => ({
    user: `u${i}`,
    keys: [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')],
  }));
  const storeFile = await prepare(folder, visitors);
  const hub = stack.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.json') }],
      // Orders of which a dead hub never learnt the end are looked for, and count as boots, for five minutes.
      more: { boots: { most: 10_000 }, log: { level: 'info' } },
    }),
  );
  await waitFor(
    'desktops to be ready',
    async () => (await hub.get('desktops')).filter(({ state }) => state === 'ready').length >= SHARED_FLOOR,
  );
  const ledger = new Ledger();
  let open = true;
  const crowd = stack.use(new Crowd(visitors, () => (open ? hub.url : undefined), ledger));
  const restarts: number[] = [];
  let [upMs, killedAtStart] = [0, 0];
  for (let n = 1; n <= kills; n++) {
    const from = systemClock.monotonic();
    await systemClock.sleep(LIVES_MS.least + Math.random() * (LIVES_MS.most - LIVES_MS.least));
    upMs += systemClock.monotonic() - from;
    open = false;
    ledger.contradictions.push(...bugsIn(hub.log));
    await hub.kill();
    if (Math.random() < KILLED_AT_START && n < kills) {
      await killAtStart(hub);
      n++;
      killedAtStart++;
    }
    const begun = systemClock.monotonic();
    await hub.startAgain();
    restarts.push(systemClock.monotonic() - begun);
    ledger.compare(await liveSessions(hub));
    open = true;
    if (n % 10 < 2)
      say(`${n} kills, ${ledger.logins} logins, ${ledger.contradictions.length} contradictions`);
  }
  await crowd.stop();
  ledger.compare(await liveSessions(hub));
  ledger.contradictions.push(...crowd.failures, ...(await leaks(hub, cloud)), ...bugsIn(hub.log));
  const { refused } = crowd;
  await crowd[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  const { auditRows, problems } = await inspectStore(storeFile);
  const sorted = restarts.toSorted((a, b) => a - b);
  return {
    kills,
    killedAtStart,
    logins: ledger.logins,
    logOffs: ledger.logOffs,
    loginsPerSecond: Math.round((ledger.logins / upMs) * SECOND),
    refused,
    desktops: ledger.desktops,
    restartMs: {
      median: Math.round(sorted[Math.floor(sorted.length / 2)]!),
      longest: Math.round(sorted.at(-1)!),
    },
    auditRows,
    contradictions: [...ledger.contradictions, ...problems],
  };
}

/** The file of a store with everything in it that people need. */
async function prepare(folder: string, visitors: readonly Visitor[]): Promise<string> {
  const state = join(folder, 'hub', 'state');
  mkdirSync(state, { recursive: true });
  const users = visitors.map(({ user }) => user);
  writeQuickUsers(join(folder, 'users.json'), users);
  const storeFile = join(state, 'hub.db');
  await furnish(storeFile, visitors);
  return storeFile;
}

async function killAtStart(hub: HubProcess): Promise<void> {
  const starting = hub.startAgain().catch(() => undefined);
  await systemClock.sleep(Math.random() * STARTS_WITHIN_MS);
  await hub.kill();
  await starting;
}

const liveSessions = async (hub: HubProcess) =>
  (await hub.get('sessions')).filter(({ state }) => state !== 'ended');

/** pino's 50: an error of ours. */
const bugsIn = (log: string): string[] => log.match(/^.*"level":50.*$/gm) ?? [];

/**
 * Servers without a row, and rows without their server, once the pools have settled; empty when there are none. An order of
 * which a dead hub did not learn whether it was taken is looked for, in the place of a ready one, for five minutes.
 */
async function leaks(hub: HubProcess, cloud: Minicloud): Promise<string[]> {
  let last: unknown;
  const settled = await waitFor(
    'the pools to settle',
    async () => {
      const rows = await hub.get('desktops');
      const servers = cloud.servers().map(({ id }) => id);
      const count = (pool: string) =>
        rows.filter((d) => d.pool === pool && (d.state === 'ready' || d.state === 'unsure')).length;
      const found = {
        servers: servers.toSorted(),
        rows: rows.flatMap(({ serverId }) => serverId ?? []).toSorted(),
        restless: rows.filter(({ state }) => !AT_REST.includes(state)).map(({ state }) => state),
        shared: count('shared'),
        own: count('own'),
      };
      last = found;
      const { servers: there, rows: known, ...rest } = found;
      return (
        there.join() === known.join() &&
        rest.restless.length === 0 &&
        rest.shared >= SHARED_FLOOR &&
        rest.own >= OWN_FLOOR
      );
    },
    SETTLES_WITHIN_MS,
  ).catch(() => false);
  return settled ? [] : [`the pools did not settle: ${JSON.stringify(last)}`];
}

/** The store's file itself, when no hub has it open. */
async function inspectStore(file: string): Promise<{ auditRows: number; problems: string[] }> {
  const problems: string[] = [];
  const db = new Database(file, { readonly: true });
  const whole = db.pragma('integrity_check', { simple: true });
  if (whole !== 'ok') problems.push(`the store's file is damaged: ${String(whole)}`);
  for (const desktop of db.prepare(TWO_PEOPLE).pluck().all())
    problems.push(`${String(desktop)} was handed out to two people`);
  db.close();
  await using store = await openSqlite({ file, clock: systemClock });
  const { rows, brokenAt } = await store.verifyAudit();
  if (brokenAt !== undefined) problems.push(`the audit chain is broken at ${brokenAt}`);
  return { auditRows: rows, problems };
}

/** Rule 7, from the audit's rows: a desktop that two people were given; but for those that were taken back ungranted. */
const TWO_PEOPLE = `
  SELECT subject FROM audit WHERE act = 'desktop.handed-out'
     AND subject NOT IN (SELECT subject FROM audit WHERE act = 'desktop.unproved')
   GROUP BY subject HAVING count(DISTINCT actor) > 1`;
