import { slapdMissing, startSlapd } from '../lab/slapd.ts';
import { arrive, bestConcurrency, saturate, type Plan } from './logins.ts';
import { openLoginLab } from './parts/loginLab.ts';
import type { Benchmark, Row } from './parts/row.ts';

const PEOPLE = 100_000;
const ALLOCATORS = [1, 10, 200];

const plan: Plan = {
  scheme: 'SSHA',
  goal: { ratioAtLeast: 0.4 },
  directoryApart: false,
  warmUp: 1000,
  rounds: 3,
  loginsARound: 600,
  inFlight: 64,
  floorMs: 2000,
  arrivals: [
    { perSecond: 30, logins: 240 },
    { perSecond: 80, logins: 640 },
  ],
};

/** As `logins`, in a directory of a hundred thousand people, with few and with many rules. By name only: it takes minutes. */
export const loginsLarge: Benchmark = {
  name: 'logins-large',
  about: `the same with ${PEOPLE} people in the directory and ${ALLOCATORS.join(', ')} allocators`,
  missing: slapdMissing,
  async run(say) {
    const rows: Row[] = [];
    const notes: string[] = [];
    const arrivals = plan.arrivals.reduce((sum, { logins }) => sum + logins, 0);
    const people = plan.warmUp + plan.rounds * plan.loginsARound + arrivals;
    say(`a directory of ${PEOPLE} people is made`);
    await using slapd = await startSlapd({ agents: PEOPLE, scheme: plan.scheme });
    for (const allocators of ALLOCATORS) {
      const label = `${allocators} allocator${allocators === 1 ? '' : 's'}`;
      say(`${label}: ${people} thin clients and ready desktops are made`);
      await using lab = await openLoginLab({ scheme: plan.scheme, people, slapd, allocators });
      await lab.closedLoop(plan.warmUp, plan.inFlight);
      const best = await bestConcurrency(lab);
      const into = { rows, notes, say };
      await saturate(lab, { ...plan, label }, best, '', into);
      for (const arrival of plan.arrivals) await arrive(lab, { ...plan, label }, arrival, into);
    }
    return { rows, notes };
  },
};
