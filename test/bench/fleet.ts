import { join } from 'node:path';
import { connect } from 'node:tls';
import { SECOND, systemClock } from '@anyseat/base';
import { openKeys } from '../../agent/src/node/fleet/fleetKeys.ts';
import { pinOf } from '../../agent/src/node/hubLink/pins.ts';
import { freePort } from '../../installer/src/freePort.ts';
import { makeCertificates } from '../lab/certificates.ts';
import { startBareServer } from './parts/bareServer.ts';
import { FleetProcess } from './parts/fleetProcess.ts';
import { hubUrl, startHub } from './parts/hub.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';
import { runFolder } from './parts/runFolder.ts';
import type { ServerProcess } from './parts/serverProcess.ts';
import { addResources, addThinClients, openStore } from './parts/site.ts';
import { cpuMs, residentBytes } from './parts/usage.ts';

const AGENTS = Number(process.env['ANYSEAT_FLEET'] ?? 10_000);
/** Connected and gone again before anything is measured: what a process needs once is not counted for each agent. */
const WARM_UP = 300;
/** Two rounds of pings and of reports. */
const STEADY_MS = 30 * SECOND;
const BACK_WITHIN_S = 30;
const MOST_TIMES = 2;

/** What one server came to. */
interface Seen {
  /** From the fleet's start until all were welcomed, seconds. */
  firstS: number;
  kbEach: number;
  /** Of one agent for one second, µs. */
  cpuMicrosEach: number;
  /** From the restart of the server until all were welcomed again, seconds. */
  backS: number;
  /** Reports that were said, and that were counted; undefined where nobody counts. */
  reports: { said: Reports; counted: Reports | undefined };
  /** CPU of the fleet itself while the agents came back, seconds; and its memory. */
  fleet: { backCpuS: number; rssMb: number };
}

/** What a seat says every so often, and how often it was said. */
const REPORTS = ['activity', 'health', 'inventory'] as const;
type Reports = Record<(typeof REPORTS)[number], number>;

interface Server {
  start(): Promise<ServerProcess>;
  /** Reports that it has counted since its start, by type. */
  counted?(): Promise<Reports>;
}

/**
 * Ten thousand agents (`anyseat-agent fleet`) on one hub, at the rate at which agents report, and how they come back when the
 * hub was killed; against a bare `ws` server that says the same words to the same fleet. By name only: it takes minutes.
 */
export const fleet: Benchmark = {
  name: 'fleet',
  about: `${AGENTS} agents on one hub: memory and CPU at the normal report rate, all back after a restart; minutes, by name only`,
  async run(say) {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(runFolder('fleet')).path;
    const keys = openKeys(join(folder, 'fleet'), AGENTS);
    say(`${AGENTS} thin clients are enrolled`);
    {
      await using store = await openStore(folder);
      await addResources(store, { seats: AGENTS, desktops: 0 });
      await addThinClients(
        store,
        keys.map(({ publicKey }) => publicKey),
      );
    }
    const certificates = makeCertificates(folder);
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const tls of [false, true]) {
      const how = tls ? 'TLS' : 'plain';
      const bare = await measure(await bareServer(folder, tls ? certificates : undefined), tls, folder);
      say(`${how}, bare: ${wordsOf(bare)}`);
      const hub = await measure(await theHub(folder, tls), tls, folder);
      say(`${how}, hub: ${wordsOf(hub)}`);
      rows.push(...rowsOf(how, hub, bare));
      notes.push(...notesOf(how, hub, bare));
    }
    return { rows, notes };
  },
};

async function bareServer(folder: string, tls: Parameters<typeof startBareServer>[1]): Promise<Server> {
  const port = await freePort();
  return { start: () => startBareServer(folder, tls, port) };
}

async function theHub(folder: string, tls: boolean): Promise<Server> {
  const [port, watchPort] = [await freePort(), await freePort()];
  return {
    start: () => startHub({ folder, tls, port, watchPort }),
    counted: async () => {
      const text = await (await fetch(`http://127.0.0.1:${watchPort}/metrics`)).text();
      const count = (type: string) =>
        Number(new RegExp(`^anyseat_tc_frames_total\\{type="${type}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      return reportsOf(count);
    },
  };
}

async function measure(server: Server, tls: boolean, folder: string): Promise<Seen> {
  let process = await server.start();
  try {
    await process.listening();
    const behaviour = {
      hub: { url: hubUrl(process, tls), ...(tls ? { pins: [await pinAt(process.port)] } : {}) },
      folder: join(folder, 'fleet'),
      connectPerSecond: 2000,
      activity: 'always',
    };
    const said = await warmUp(folder, behaviour);
    await untilAtRest(process);
    const steady = await atWork(process, folder, behaviour);
    const counted = await server.counted?.();

    await using fleet = new FleetProcess(folder, AGENTS, behaviour);
    const before = await fleet.until('all online', ({ online }) => online === AGENTS);
    await process.kill();
    const killedAt = systemClock.now();
    process = await server.start();
    const back = await fleet.until(
      'all back',
      ({ online, lastWelcomeAt, totals }) =>
        online === AGENTS && lastWelcomeAt! > killedAt && totals.welcomed >= before.totals.welcomed + AGENTS,
    );
    const { rssMb } = await fleet.stop();
    return {
      ...steady,
      backS: (back.lastWelcomeAt! - killedAt) / SECOND,
      reports: { said: reportsOf((type) => said[type] + steady.said[type]), counted },
      fleet: { backCpuS: (back.cpuMs - before.cpuMs) / SECOND, rssMb },
    };
  } finally {
    await process[Symbol.asyncDispose]();
  }
}

const reportsOf = (count: (type: keyof Reports) => number): Reports =>
  Object.fromEntries(REPORTS.map((type) => [type, count(type)])) as Reports;

/** Resolves with the reports that were said. */
async function warmUp(folder: string, behaviour: Record<string, unknown>): Promise<Reports> {
  await using few = new FleetProcess(folder, WARM_UP, behaviour);
  await few.until('a few online', ({ online }) => online === WARM_UP);
  const { totals } = await few.stop();
  return reportsOf((type) => totals.said[type] ?? 0);
}

/** All of them, at the rate at which agents report. */
async function atWork(
  process: ServerProcess,
  folder: string,
  behaviour: Record<string, unknown>,
): Promise<Pick<Seen, 'firstS' | 'kbEach' | 'cpuMicrosEach'> & { said: Reports }> {
  const before = residentBytes(process.pid);
  await using fleet = new FleetProcess(folder, AGENTS, behaviour);
  const all = await fleet.until('all online', ({ online }) => online === AGENTS);
  // What was set in motion by the coming is over, and each has its own time of reporting.
  await systemClock.sleep(15 * SECOND);
  const cpuBefore = cpuMs(process.pid);
  const from = systemClock.monotonic();
  await systemClock.sleep(STEADY_MS);
  const cpu = cpuMs(process.pid) - cpuBefore;
  const seconds = (systemClock.monotonic() - from) / SECOND;
  const bytes = residentBytes(process.pid) - before;
  const { totals } = await fleet.stop();
  if (totals.lost > 0) throw new Error(`${totals.lost} connections were lost at rest`);
  return {
    firstS: all.seconds,
    kbEach: bytes / 1024 / AGENTS,
    cpuMicrosEach: (cpu * 1000) / seconds / AGENTS,
    said: reportsOf((type) => totals.said[type] ?? 0),
  };
}

/** Until it has used next to no CPU for a while. */
async function untilAtRest(process: ServerProcess): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const before = cpuMs(process.pid);
    await systemClock.sleep(250);
    if (cpuMs(process.pid) - before <= 10) return;
  }
}

/** The pin of whatever key is shown there. */
function pinAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(pinOf(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function rowsOf(how: string, hub: Seen, bare: Seen): Row[] {
  const floorIs = `a bare ws server, ${how}`;
  const pair = (pick: 'kbEach' | 'cpuMicrosEach' | 'backS') => [{ measured: hub[pick], floor: bare[pick] }];
  const less = { better: 'less', floorIs } as const;
  const goal = { ratioAtMost: MOST_TIMES };
  return [
    rowOf({ ...less, name: `memory of an agent at work, ${how}`, unit: 'KB', goal }, pair('kbEach')),
    rowOf({ ...less, name: `CPU of an agent at work, ${how}`, unit: 'µs/s', goal }, pair('cpuMicrosEach')),
    rowOf(
      {
        ...less,
        name: `all ${AGENTS} back after a restart, ${how}`,
        unit: 's',
        goal: { atMost: BACK_WITHIN_S },
      },
      pair('backS'),
    ),
  ];
}

function notesOf(how: string, { reports, fleet, firstS }: Seen, bare: Seen): string[] {
  const [said, counted] = [listOf(reports.said), reports.counted && listOf(reports.counted)];
  return [
    `fleet, ${how}: reports said: ${said}; counted by the hub: ${said === counted ? 'the same, none lost' : `${counted}: NOT THE SAME`}`,
    `fleet, ${how}: the first time all were there after ${firstS} s (bare ${bare.firstS} s); coming back cost the fleet itself ` +
      `${fleet.backCpuS.toFixed(1)} s of CPU (bare ${bare.fleet.backCpuS.toFixed(1)} s); it holds ${fleet.rssMb} MB`,
  ];
}

const wordsOf = ({ kbEach, cpuMicrosEach, backS, firstS, reports }: Seen): string =>
  `${kbEach.toFixed(1)} KB and ${cpuMicrosEach.toFixed(1)} µs/s each, there in ${firstS} s, back in ${backS.toFixed(1)} s, ` +
  `reports: ${listOf(reports.said)}`;

const listOf = (reports: Reports): string => REPORTS.map((type) => `${reports[type]} ${type}`).join(', ');
