import { fileURLToPath } from 'node:url';
import { ChildProgram } from './parts/childProgram.ts';
import type { Cost } from './parts/passProgram.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';
import { runFolder } from './parts/runFolder.ts';

const SIZES = [100, 1000, 10_000];
const HOSTS = 300;
const POOLS = 20;
const ROUNDS = 5;
/** For the compiler. */
const WARM_UP = 2;
/** Of the servers are removed in a pass: the act of it. */
const ACTS = 0.01;
const program = (name: string) =>
  ChildProgram.start(fileURLToPath(new URL(`parts/${name}.ts`, import.meta.url)));

/** A whole pass of the reconciler (list, plan, act) as the cloud grows, against the bare listing. */
export const scale: Benchmark = {
  name: 'scale',
  about: `a whole pass (list, plan, act) over 100, 1,000 and 10,000 servers on ${HOSTS} hosts in ${POOLS} pools`,
  async run(say) {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(runFolder('scale')).path;
    const cloud = opened.use(program('cloudProgram'));
    const hub = opened.use(program('passProgram'));
    const cloudsYaml = await cloud.ask<string>('start', { hosts: HOSTS });
    await hub.ask('start', { folder, cloudsYaml, count: POOLS });
    const bySize = new Map<number, Round[]>();
    let there = 0;
    for (const size of SIZES) {
      await hub.ask('add', size - there);
      say(`${size} servers are there`);
      bySize.set(size, await roundsOf(hub, size));
      there = size - (ROUNDS + WARM_UP) * actsOf(size);
    }
    return {
      rows: [...SIZES.flatMap((size) => rowsOf(size, bySize.get(size)!)), ...growth(bySize)],
      notes: SIZES.map((size) => noteOn(size, bySize.get(size)!)),
    };
  },
};

interface Round {
  pass: Cost;
  bare: Cost;
}

const actsOf = (size: number): number => Math.max(1, Math.round(size * ACTS));

async function roundsOf(hub: ChildProgram, size: number): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const bare = await hub.ask<Cost>('bareListing');
    const pass = await hub.ask<Cost>('pass', actsOf(size));
    if (round >= 0) rounds.push({ pass, bare });
  }
  return rounds;
}

const rowsOf = (size: number, rounds: readonly Round[]): Row[] =>
  (['wallMs', 'cpuMs'] as const).map((what) =>
    rowOf(
      {
        name: `pass over ${size} servers, ${what === 'wallMs' ? 'wall' : 'CPU'}`,
        unit: 'ms',
        better: 'less',
        floorIs: 'the bare pages, parsed',
      },
      rounds.map(({ pass, bare }) => ({ measured: pass[what], floor: bare[what] })),
    ),
  );

/** In proportion or better: so many times the servers cost so many times as much at most. */
const growth = (bySize: ReadonlyMap<number, readonly Round[]>): Row[] =>
  SIZES.slice(1).map((size) => {
    const times = size / SIZES[0]!;
    const small = bySize.get(SIZES[0]!)!;
    return rowOf(
      {
        name: `CPU of ${size} servers against ${SIZES[0]}`,
        unit: 'times',
        better: 'less',
        floorIs: 'in proportion',
        goal: { atMost: times },
      },
      bySize.get(size)!.map(({ pass }, i) => ({ measured: pass.cpuMs / small[i]!.pass.cpuMs, floor: times })),
    );
  });

function noteOn(size: number, rounds: readonly Round[]): string {
  const calls = Math.max(...rounds.map(({ pass }) => pass.calls));
  const bare = rounds[0]!.bare.calls;
  const mb = Math.round(Math.max(...rounds.map(({ pass }) => pass.residentMb)));
  const acts = actsOf(size);
  return `scale, ${size} servers: ${calls} calls a pass at most, ${acts} of them to remove one, against ${bare} of the bare listing; ${mb} MB resident`;
}
