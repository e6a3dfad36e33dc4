import { startBareServer } from './parts/bareServer.ts';
import type { ChildProgram } from './parts/childProgram.ts';
import { hubUrl, startHub } from './parts/hub.ts';
import { rowOf, type Benchmark } from './parts/row.ts';
import { runFolder } from './parts/runFolder.ts';
import type { ServerProcess } from './parts/serverProcess.ts';
import { addDesktops, addResources, addThinClients, openingOf, openStore } from './parts/site.ts';
import { startThinClients } from './parts/thinClients.ts';

const DESKTOPS = 10_000;
const SESSIONS = 5000;
const ROUNDS = 5;
const MOST_SECONDS = 2;

/**
 * A hub that was killed, from its start to its first welcome, with a full house in the store; against a bare `ws` server
 * from its start to its first welcome. Agents dial all the while, as they do after a loss.
 */
export const coldStart: Benchmark = {
  name: 'cold-start',
  about: `from exec to the first welcome, with ${DESKTOPS} desktops and ${SESSIONS} sessions in the store`,
  async run(say) {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(runFolder('cold-start')).path;
    const clients = opened.use(startThinClients());
    const publicKeys = await clients.ask<string[]>('make', SESSIONS);
    say(`${DESKTOPS} desktops and ${SESSIONS} sessions are made`);
    await fill(folder, publicKeys);
    const rounds: { measured: number; floor: number }[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const floor = await secondsToWelcome(await startBareServer(folder), clients);
      const measured = await secondsToWelcome(await startHub({ folder, tls: false }), clients);
      // The first of all reads every file from the disk.
      if (round >= 0) rounds.push({ measured, floor });
    }
    const floorIs = 'a bare ws server, from its start';
    const goal = { atMost: MOST_SECONDS };
    return {
      rows: [
        rowOf({ name: 'cold start to the first welcome', unit: 's', better: 'less', floorIs, goal }, rounds),
      ],
      notes: [],
    };
  },
};

async function fill(folder: string, publicKeys: readonly string[]): Promise<void> {
  await using store = await openStore(folder);
  await addResources(store, { seats: publicKeys.length, desktops: DESKTOPS });
  const tcs = await addThinClients(store, publicKeys);
  await addDesktops(store, DESKTOPS);
  await Promise.all(
    tcs.map(async (tc, i) => {
      const opened = await store.openSession(openingOf(i, tc));
      if (opened.kind !== 'have') throw new Error(`session ${i} came to ${opened.kind}`);
      const { id: session, generation } = opened.session;
      const news = { session, tc: tc.id, generation, end: undefined, stages: { viewer: 900 }, graceUntil: 0 };
      await store.recordViewer({ ...news, state: 'connected' });
    }),
  );
}

async function secondsToWelcome(starting: ServerProcess, clients: ChildProgram): Promise<number> {
  await using server = starting;
  const ask = { url: hubUrl(server, false), client: 0, withinMs: 60_000 };
  const welcomedAt = await clients.ask<number>('connectWhenThere', ask);
  await server.kill();
  return (welcomedAt - server.begunAt) / 1000;
}
