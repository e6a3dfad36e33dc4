import { MINUTE, SECOND, type Clock } from '@anyseat/base';
import { BootBudget } from '../../../hub/src/reconcile/bootBudget.ts';

/** A shift that starts: everybody's own desktop is off, on the host where its disk is, and is switched on as its person arrives. */
export interface Shift {
  hosts: readonly { name: string; /** Boots at once that cost nothing. Nobody is told. */ carries: number }[];
  people: readonly { host: string; arrivesMs: number; /** Beside what is usual. */ luck: number }[];
}

export interface Started {
  /** From the first arrival until the last person has a desktop. */
  lastMs: number;
  waitsMs: readonly number[];
  /** On any host. */
  mostAtOnce: number;
  /** How many had a desktop after each minute. */
  servedByMinute: readonly number[];
}

/** Whether one more may begin on a host now, and what is learnt when one is ready. */
export interface Rule {
  round(booting: ReadonlyMap<string, readonly number[]>, now: number): void;
  mayBegin(host: string, booting: number): boolean;
  begun(person: number, host: string): void;
  ready(person: number): void;
}

const ALONE_MS = 3 * MINUTE;
const WORSE_BY = 1.22;
const STEP_MS = SECOND;
/** As often as a pool that boots is looked at. */
const LOOK_MS = 2 * SECOND;

/** How long n boots at once take on a host, each. */
export const bootMs = (n: number, carries: number): number => ALONE_MS * Math.max(1, n / carries) ** WORSE_BY;

/** Sixty hosts that differ, two thousand people of whom two in five come in the middle sixth of the window. */
export function newShift(fraction: () => number, seats = 2000, hosts = 60, windowMs = 15 * MINUTE): Shift {
  const names = Array.from({ length: hosts }, (_, i) => `h${i + 1}`);
  const arrival = () => {
    const share = fraction();
    const within = fraction();
    if (share < 0.3) return (within * 5) / 12;
    return share < 0.7 ? 5 / 12 + within / 6 : 7 / 12 + (within * 5) / 12;
  };
  return {
    hosts: names.map((name) => ({ name, carries: 2 + Math.floor(fraction() * 7) })),
    people: Array.from({ length: seats }, (_, i) => ({
      host: names[i % hosts]!,
      arrivesMs: Math.round(arrival() * windowMs),
      luck: 0.9 + 0.2 * fraction(),
    })).sort((a, b) => a.arrivesMs - b.arrivesMs),
  };
}

/** Lets a shift start under a rule. Boots that share a host slow each other down from moment to moment. */
export function runShift({ hosts, people }: Shift, rule: Rule): Started {
  const carries = new Map(hosts.map((host) => [host.name, host.carries]));
  const booting = new Map<string, number[]>(hosts.map(({ name }) => [name, []]));
  let waiting: number[] = [];
  const left = people.map(({ luck }) => luck);
  const readyAt: number[] = people.map(() => -1);
  let [arrived, served, mostAtOnce] = [0, 0, 0];
  const servedByMinute: number[] = [];
  for (let now = 0; served < people.length; now += STEP_MS) {
    for (const [host, here] of booting) {
      const progress = STEP_MS / bootMs(here.length, carries.get(host)!);
      for (const person of here) left[person]! -= progress;
      const ready = here.filter((person) => left[person]! <= 0);
      if (ready.length === 0) continue;
      booting.set(
        host,
        here.filter((person) => left[person]! > 0),
      );
      for (const person of ready) {
        readyAt[person] = now;
        rule.ready(person);
      }
      served += ready.length;
    }
    while (arrived < people.length && people[arrived]!.arrivesMs <= now) waiting.push(arrived++);
    if (now % MINUTE === 0) servedByMinute.push(served);
    if (now % LOOK_MS !== 0) continue;
    rule.round(booting, now);
    waiting = waiting.filter((person) => {
      const { host } = people[person]!;
      const here = booting.get(host)!;
      if (!rule.mayBegin(host, here.length)) return true;
      here.push(person);
      rule.begun(person, host);
      mostAtOnce = Math.max(mostAtOnce, here.length);
      return false;
    });
  }
  servedByMinute.push(served);
  const waitsMs = people.map(({ arrivesMs }, i) => readyAt[i]! - arrivesMs);
  return { lastMs: Math.max(...readyAt), waitsMs, mostAtOnce, servedByMinute };
}

/** The same limit for ever, each host its own. */
export const fixed = (limitOf: (host: string) => number): Rule => ({
  round: () => undefined,
  mayBegin: (host, booting) => booting < limitOf(host),
  begun: () => undefined,
  ready: () => undefined,
});

/** The hub's own budget, as a hub has it that starts with the shift: it knows nothing of the hosts. */
export function ours(hosts: readonly string[], settings = { start: 4, most: 10 }): Rule {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const budget = new BootBudget({ most: 10_000, perHost: settings }, clock);
  budget.listed('c', new Map(hosts.map((host) => [host, true])));
  const boot = (person: number, host: string) => ({ id: `dt_${person}`, pool: 'p', host: `c/${host}` });
  return {
    round: (booting, at) => {
      now = at;
      const boots = [...booting].flatMap(([host, people]) => people.map((person) => boot(person, host)));
      budget.count('p', { boots, most: 10_000, needed: 0 });
    },
    mayBegin: (host) => budget.room('p', 'c').on(`c/${host}`) > 0,
    begun: (person, host) => budget.reserve('p', [boot(person, host)]),
    ready: (person) => void budget.ended(`dt_${person}`, 'p/1'),
  };
}
