import type { Staff } from '../lab/callCentre.ts';
import type { Scheme } from '../lab/ldif.ts';
import { slapdMissing } from '../lab/slapd.ts';
import { closedLoop } from './parts/closedLoop.ts';
import { setApart } from './parts/cores.ts';
import { openLoginLab, type LoginLab } from './parts/loginLab.ts';
import { openRawLdap } from './parts/rawLdap.ts';
import { rowOf, type Benchmark, type Goal, type Row } from './parts/row.ts';
import { quantile } from './parts/spread.ts';
import type { LoginRound, LoginTimes } from './parts/thinClientsProgram.ts';
import { cpuMs } from './parts/usage.ts';

export interface Plan {
  scheme: Scheme;
  /** What the rows are called, where the scheme does not say enough. */
  label?: string;
  goal: Goal;
  /**
   * slapd has half of the cores for itself, in ours and in the floor: where the directory is what takes the time, it is
   * not to be slowed down by seats and desktops that in life are other machines.
   */
  directoryApart: boolean;
  /** Logins before anything is measured. */
  warmUp: number;
  rounds: number;
  loginsARound: number;
  inFlight: number;
  floorMs: number;
  /** People that come by themselves, so many a second. */
  arrivals: readonly { perSecond: number; logins: number }[];
}

const plans: readonly Plan[] = [
  {
    scheme: 'SSHA',
    goal: { ratioAtLeast: 0.4 },
    directoryApart: false,
    warmUp: 3000,
    rounds: 5,
    loginsARound: 800,
    inFlight: 64,
    floorMs: 2000,
    arrivals: [
      { perSecond: 30, logins: 240 },
      { perSecond: 80, logins: 640 },
    ],
  },
  {
    scheme: 'ARGON2',
    goal: { ratioAtLeast: 0.9 },
    directoryApart: true,
    warmUp: 240,
    rounds: 3,
    loginsARound: 240,
    inFlight: 24,
    floorMs: 2500,
    arrivals: [],
  },
];

const CONCURRENCIES = [4, 8, 16, 32];

/**
 * Logins through the hub, from the frame with the password to the grant of a ready desktop that proved its identity,
 * against what the same slapd gives to raw ldapts with nothing else to do.
 */
export const logins: Benchmark = {
  name: 'logins',
  about: 'logins a second, and how long one takes, against raw LDAP search and bind',
  missing: slapdMissing,
  async run(say) {
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const plan of plans) {
      const people = plan.warmUp + plan.rounds * plan.loginsARound + sum(plan.arrivals.map((a) => a.logins));
      say(`{${plan.scheme}}: ${people} people, thin clients and ready desktops are made`);
      await using lab = await openLoginLab({ scheme: plan.scheme, people });
      const others = [lab.hub, lab.clients, lab.cloud].map(({ pid }) => pid);
      using apart = plan.directoryApart ? setApart(lab.slapd.pid, others) : undefined;
      await lab.closedLoop(plan.warmUp, plan.inFlight);
      const inFlight = await bestConcurrency(lab);
      const slapd = apart ? ', slapd on cores of its own' : '';
      await saturate(lab, plan, inFlight, slapd, { rows, notes, say });
      for (const arrival of plan.arrivals) await arrive(lab, plan, arrival, { rows, notes, say });
    }
    return { rows, notes };
  },
};

export interface Into {
  rows: Row[];
  notes: string[];
  say: (line: string) => void;
}

/** The number of logins at once at which the floor is highest here: it is not to be beaten by a bad choice. */
export async function bestConcurrency(lab: LoginLab): Promise<number> {
  await rawLogins(lab, 8, 1000);
  let best = { inFlight: 0, perSecond: 0 };
  for (const inFlight of CONCURRENCIES) {
    const { perSecond } = await rawLogins(lab, inFlight, 700);
    if (perSecond > best.perSecond) best = { inFlight, perSecond };
  }
  return best.inFlight;
}

async function rawLogins(lab: LoginLab, inFlight: number, forMs: number) {
  await using raw = await openRawLdap(lab.slapd, inFlight);
  const staff = lab.slapd.centre.staff.filter(({ user }) => user.startsWith('agent'));
  let next = 0;
  const who = (): Staff => staff[next++ % staff.length]!;
  // Awaited here: `await using` would close the connections at once.
  return await closedLoop({ inFlight, forMs }, (worker) => raw.login(who(), worker));
}

export async function saturate(
  lab: LoginLab,
  plan: Plan,
  best: number,
  where: string,
  { rows, notes, say }: Into,
): Promise<void> {
  const rounds: { measured: number; floor: number }[] = [];
  const all: LoginTimes[] = [];
  const processes = { hub: lab.hub, slapd: lab.slapd, seats: lab.clients, 'cloud and desktops': lab.cloud };
  const used = new Map<string, number>();
  for (let round = 0; round < plan.rounds; round++) {
    const floor = await rawLogins(lab, best, plan.floorMs);
    const before = Object.values(processes).map(({ pid }) => cpuMs(pid));
    const ours = await lab.closedLoop(plan.loginsARound, plan.inFlight);
    Object.entries(processes).forEach(([name, { pid }], i) =>
      used.set(name, (used.get(name) ?? 0) + cpuMs(pid) - before[i]!),
    );
    all.push(...ours.logins);
    rounds.push({ measured: perSecond(ours), floor: floor.perSecond });
    say(
      `${titleOf(plan)} round ${round + 1}: ${perSecond(ours).toFixed(0)}/s of ${floor.perSecond.toFixed(0)}/s`,
    );
  }
  rows.push(
    rowOf(
      {
        name: `logins ${titleOf(plan)}`,
        unit: '/s',
        better: 'more',
        floorIs: `ldapts search and bind, ${best} at once${where}`,
        goal: plan.goal,
      },
      rounds,
    ),
  );
  const micros = [...used].map(([name, ms]) => `${name} ${((ms * 1000) / all.length).toFixed(0)} µs`);
  notes.push(
    `${titleOf(plan)}, ${plan.inFlight} at once: ${sharesOf(all)}`,
    `${titleOf(plan)}, CPU of one login: ${micros.join(', ')}`,
  );
}

/** How long a login takes when people come by themselves, against the directory's own time in the same logins. */
export async function arrive(
  lab: LoginLab,
  plan: Plan,
  arrival: Plan['arrivals'][number],
  { rows, notes, say }: Into,
): Promise<void> {
  const round = await lab.openLoop(arrival.logins, arrival.perSecond);
  const title = `login to grant ${titleOf(plan)}, ${arrival.perSecond}/s`;
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    // Four parts of the same round stand for rounds: the people of each are others.
    const rounds = partsOf(round.logins, 4).map((logins) => ({
      measured: quantile(
        logins.map((login) => login.total),
        share,
      ),
      floor: quantile(
        logins.map((login) => login.directory),
        share,
      ),
    }));
    rows.push(
      rowOf(
        { name: `${title}, ${name}`, unit: 'ms', better: 'less', floorIs: 'the directory’s share' },
        rounds,
      ),
    );
  }
  const own = (login: LoginTimes) => login.total - login.directory - login.proof;
  rows.push(
    rowOf(
      {
        name: `${title}, the hub’s own p50`,
        unit: 'ms',
        better: 'less',
        floorIs: 'the whole login',
        goal: { atMost: 10 },
      },
      partsOf(round.logins, 4).map((logins) => ({
        measured: quantile(logins.map(own), 0.5),
        floor: quantile(
          logins.map((login) => login.total),
          0.5,
        ),
      })),
    ),
  );
  notes.push(`${title}: ${sharesOf(round.logins)}`);
  say(notes.at(-1)!);
}

const titleOf = ({ scheme, label }: Plan): string => label ?? `{${scheme}}`;

/** Medians and 99th percentiles of the parts of a login. */
function sharesOf(logins: readonly LoginTimes[]): string {
  const of = (pick: (login: LoginTimes) => number) => {
    const values = logins.map(pick);
    return `${quantile(values, 0.5).toFixed(1)}/${quantile(values, 0.99).toFixed(0)}`;
  };
  const own = of((login) => login.total - login.directory - login.proof);
  return (
    `p50/p99 in ms: all ${of((l) => l.total)}, directory ${of((l) => l.directory)}, ` +
    `the desktop’s proof ${of((l) => l.proof)}, the hub’s own ${own}`
  );
}

const perSecond = (round: LoginRound): number => round.logins.length / (round.tookMs / 1000);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function partsOf<T>(values: readonly T[], count: number): T[][] {
  const size = Math.ceil(values.length / count);
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
