import { systemClock } from '@anyseat/base';
import { makeCertificates } from '../lab/certificates.ts';
import { startBareServer } from './parts/bareServer.ts';
import type { ChildProgram } from './parts/childProgram.ts';
import { hubUrl, startHub } from './parts/hub.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';
import { runFolder } from './parts/runFolder.ts';
import type { ServerProcess } from './parts/serverProcess.ts';
import { addResources, addThinClients, openStore } from './parts/site.ts';
import { spreadOf } from './parts/spread.ts';
import { startThinClients } from './parts/thinClients.ts';
import { cpuMs, residentBytes } from './parts/usage.ts';

/** Connected before anything is measured, so that what a process needs once is not counted for each agent. */
const WARM_UP = 300;
const AGENTS = 2000;
const ROUNDS = 3;
const IN_FLIGHT = 64;
const MOST_KB = 75;

/** What one server came to with AGENTS more agents. */
interface Seen {
  perSecond: number;
  kbEach: number;
  cpuMicrosEach: number;
}

/**
 * Agents that connect, prove their key and are welcomed, and what each then costs in memory, against a bare `ws` server
 * that says the same words to the same clients. Each server is a fresh process: memory that was used once stays with it.
 */
export const agents: Benchmark = {
  name: 'agents',
  about: 'agents connected a second, and memory for each, against a bare ws server',
  async run(say) {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(runFolder('agents')).path;
    const clients = opened.use(startThinClients());
    const publicKeys = await clients.ask<string[]>('make', WARM_UP + AGENTS);
    {
      await using store = await openStore(folder);
      await addResources(store, { seats: publicKeys.length, desktops: 0 });
      await addThinClients(store, publicKeys);
    }
    const certificates = makeCertificates(folder);
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const tls of [false, true]) {
      const rounds: { hub: Seen; bare: Seen }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const bare = await measure(
          await startBareServer(folder, tls ? certificates : undefined),
          tls,
          clients,
        );
        const hub = await measure(await startHub({ folder, tls }), tls, clients);
        rounds.push({ hub, bare });
        say(
          `${tls ? 'TLS' : 'plain'} round ${round + 1}: ${hub.perSecond.toFixed(0)}/s of ${bare.perSecond.toFixed(0)}/s, ` +
            `${hub.kbEach.toFixed(1)} KB of ${bare.kbEach.toFixed(1)} KB`,
        );
      }
      rows.push(...rowsOf(tls, rounds));
      const cpu = (pick: 'hub' | 'bare') =>
        spreadOf(rounds.map((r) => r[pick].cpuMicrosEach)).median.toFixed(0);
      notes.push(
        `agents ${tls ? 'with TLS' : 'plain'}, server CPU of one connection: hub ${cpu('hub')} µs, bare ${cpu('bare')} µs`,
      );
    }
    return { rows, notes };
  },
};

function rowsOf(tls: boolean, rounds: readonly { hub: Seen; bare: Seen }[]): Row[] {
  const how = tls ? 'TLS' : 'plain';
  const floorIs = `a bare ws server, ${how}`;
  const pairs = (pick: keyof Seen) =>
    rounds.map(({ hub, bare }) => ({ measured: hub[pick], floor: bare[pick] }));
  return [
    rowOf({ name: `agents connected, ${how}`, unit: '/s', better: 'more', floorIs }, pairs('perSecond')),
    rowOf(
      {
        name: `memory of an agent, ${how}`,
        unit: 'KB',
        better: 'less',
        floorIs,
        ...(tls ? { goal: { atMost: MOST_KB } } : {}),
      },
      pairs('kbEach'),
    ),
  ];
}

async function measure(starting: ServerProcess, tls: boolean, clients: ChildProgram): Promise<Seen> {
  await using server = starting;
  await server.listening();
  const url = hubUrl(server, tls);
  await clients.ask('connect', { url, from: 0, to: WARM_UP, inFlight: IN_FLIGHT });
  await untilAtRest(server);
  const before = { cpu: cpuMs(server.pid), bytes: residentBytes(server.pid) };
  const all = { url, from: WARM_UP, to: WARM_UP + AGENTS, inFlight: IN_FLIGHT };
  const tookMs = await clients.ask<number>('connect', all);
  const cpu = cpuMs(server.pid) - before.cpu;
  await untilAtRest(server);
  const bytes = residentBytes(server.pid) - before.bytes;
  await clients.ask('drop', { from: 0, to: WARM_UP + AGENTS });
  return {
    perSecond: AGENTS / (tookMs / 1000),
    kbEach: bytes / 1024 / AGENTS,
    cpuMicrosEach: (cpu * 1000) / AGENTS,
  };
}

/** Until it has used next to no CPU for a while: what connecting left behind is cleared away by then. */
async function untilAtRest(server: ServerProcess): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const before = cpuMs(server.pid);
    await systemClock.sleep(250);
    if (cpuMs(server.pid) - before <= 10) return;
  }
}
