import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE } from '@anyseat/base';
import { root } from '../../installer/src/commands.ts';
import { Dice } from '../simulation/seeded/dice.ts';
import { rowOf, type Benchmark, type Report } from './parts/row.ts';
import { fixed, newShift, ours, runShift, type Shift, type Started } from './parts/shiftModel.ts';
import { shiftPlot } from './parts/shiftPlot.ts';

/** Sites of two thousand seats, each with sixty hosts of its own. */
const ROUNDS = 5;
const LIMITS = Array.from({ length: 16 }, (_, i) => i + 1);

/** How a shift starts under each rule, by its name. */
type Runs = Record<'no budget' | 'the same limit everywhere' | 'a limit for each host' | 'ours', Started>;

/**
 * A shift start in a model of time: boots that share a host slow each other down, and nobody is told how many a host
 * carries. Ours learns it; what it is held against was found by trying every limit, on every host.
 */
export const shift: Benchmark = {
  name: 'shift',
  about:
    'two thousand people arrive in a quarter of an hour, and their desktops are off (a model, in its own time)',
  run(say) {
    const rounds = Array.from({ length: ROUNDS }, (_, i) => {
      const runs = runsOf(newShift(new Dice(i + 1, 'shift').fraction));
      say(`site ${i + 1}: ${wordsOf(runs.ours)}`);
      return runs;
    });
    const file = join(root, 'var', 'shift.svg');
    mkdirSync(join(root, 'var'), { recursive: true });
    writeFileSync(file, shiftPlot(Object.entries(rounds[0]!)));
    return Promise.resolve(reportOf(rounds, file.slice(root.length)));
  },
};

function runsOf(site: Shift): Runs {
  const each = new Map(site.hosts.map(({ name }) => [name, bestOf(site, name)]));
  const uniform = LIMITS.map((n) =>
    runShift(
      site,
      fixed(() => n),
    ),
  );
  return {
    'no budget': runShift(
      site,
      fixed(() => Infinity),
    ),
    'the same limit everywhere': uniform.reduce((best, run) => (run.lastMs < best.lastMs ? run : best)),
    'a limit for each host': runShift(
      site,
      fixed((host) => each.get(host)!),
    ),
    ours: runShift(site, ours(site.hosts.map(({ name }) => name))),
  };
}

/** Hosts do not touch each other: the best limit of one is found on it alone. */
function bestOf({ hosts, people }: Shift, name: string): number {
  const alone: Shift = {
    hosts: hosts.filter((host) => host.name === name),
    people: people.filter(({ host }) => host === name),
  };
  const lasts = LIMITS.map(
    (n) =>
      runShift(
        alone,
        fixed(() => n),
      ).lastMs,
  );
  return LIMITS[lasts.indexOf(Math.min(...lasts))]!;
}

function reportOf(rounds: readonly Runs[], plot: string): Report {
  const against = (value: (run: Started) => number) =>
    rounds.map((runs) => ({ measured: value(runs.ours), floor: value(runs['a limit for each host']) }));
  const floorIs = 'the best fixed limit of each host';
  return {
    rows: [
      rowOf(
        // Within 1.2 times the time.
        {
          name: 'shift: people served, first to last',
          unit: 'a minute',
          better: 'more',
          floorIs,
          goal: { ratioAtLeast: 0.833 },
        },
        against((run) => run.waitsMs.length / minutes(run.lastMs)),
      ),
      rowOf({ name: 'shift: longest wait', unit: 'min', better: 'less', floorIs }, against(longest)),
      rowOf({ name: 'shift: half of all waits', unit: 'min', better: 'less', floorIs }, against(median)),
    ],
    notes: [
      ...Object.entries(rounds[0]!).map(([name, run]) => `site 1, ${name}: ${wordsOf(run)}`),
      `site 1 as a plot: ${plot}`,
    ],
  };
}

const minutes = (ms: number): number => ms / MINUTE;
const longest = (run: Started): number => minutes(Math.max(...run.waitsMs));
const median = ({ waitsMs }: Started): number =>
  minutes([...waitsMs].sort((a, b) => a - b)[Math.floor(waitsMs.length / 2)]!);

const wordsOf = (run: Started): string =>
  `everybody after ${minutes(run.lastMs).toFixed(1)} min, the longest wait ${longest(run).toFixed(1)}, half of them below ` +
  `${median(run).toFixed(1)}; at most ${run.mostAtOnce} boots at once on a host`;
