import { readFileSync } from 'node:fs';
import { resourceUsage } from 'node:process';
import { SECOND, silentLog, type Clock } from '@anyseat/base';
import { wayTo } from '../config.ts';
import { checkTrust } from '../hubLink/dial.ts';
import { Pins } from '../hubLink/pins.ts';
import { linesOf, userAt, type Behaviour } from './behaviour.ts';
import { Figures, type Latency, type Totals } from './figures.ts';
import { openKeys } from './fleetKeys.ts';
import { FleetSeat } from './fleetSeat.ts';
import { pretendHealth } from './pretendHealth.ts';
import { pretendInput } from './pretendInput.ts';
import { Turns } from './turns.ts';

/** Between the last word of a fleet and its end. */
const LAST_WORDS_MS = SECOND;

/** How a fleet stands; one line of JSON a second. Fields are only ever added. */
export interface Second {
  fleet: 1;
  kind: 'second' | 'end';
  /** Epoch ms. */
  at: number;
  /** Since the start. */
  seconds: number;
  seats: number;
  online: number;
  /** With a desktop. */
  working: number;
  lastWelcomeAt?: number;
  /** From the password to the grant: of this second; at the end of all. */
  login?: Latency;
  /** Since the start. */
  totals: Totals;
  /** Of this process. */
  cpuMs: number;
  rssMb: number;
}

/** What a fleet leaves out, said at its start: whoever reads its figures has to know. */
export const SKIPPED = [
  'no viewer runs: the picture is claimed after people.viewerMs, and no desktop is looked at',
  'nobody touches anything: the counts of activity, the health of the boxes and what is plugged in are made up',
  'no page, no kiosk, no command of the hub is carried out',
  'nothing of a session is kept on a disk: a fleet that is killed leaves its sessions at the hub',
  'only so many seats connect at the same moment (connectAtOnce): they share one processor, as boxes do not',
  'all seats share one address, one process and one machine: their clocks, caches and delays are alike',
] as const;

/**
 * Switches so many seats on, and tells each second how they stand, until it is told to stop or its time is over. Resolves
 * with the last figures.
 *
 * @throws Fault `identity-unreadable`, `ca-file-unreadable` (terminal), or an error of the file system
 */
export async function runFleet(
  behaviour: Behaviour,
  seats: number,
  deps: { clock: Clock; version: string; tell: (second: Second) => void; stop: AbortSignal },
): Promise<Second> {
  const { clock, tell, stop } = deps;
  const figures = new Figures();
  const begunAt = clock.monotonic();
  const second = (kind: Second['kind'], login: Latency | undefined): Second => ({
    fleet: 1,
    kind,
    at: clock.now(),
    seconds: Math.round((clock.monotonic() - begunAt) / SECOND),
    seats,
    online: figures.online,
    working: figures.working,
    ...(figures.lastWelcomeAt === undefined ? {} : { lastWelcomeAt: figures.lastWelcomeAt }),
    ...(login ? { login } : {}),
    totals: figures.totals,
    ...ownUsage(),
  });
  const over =
    behaviour.seconds === 0 ? stop : AbortSignal.any([stop, AbortSignal.timeout(behaviour.seconds * SECOND)]);
  const fleet: FleetSeat[] = [];
  try {
    const turns = new Turns(behaviour.connectAtOnce);
    const make = seatMaker(behaviour, seats, { figures, turns, ...deps });
    const switching = (async () => {
      for (let number = 1; number <= seats && !over.aborted; number++) {
        const early = begunAt + (number * SECOND) / behaviour.connectPerSecond - clock.monotonic();
        if (early > 0) await clock.sleep(early, over);
        await turns.take(over);
        fleet.push(make(number));
      }
    })().catch(() => undefined);
    while (!over.aborted) {
      await clock.sleep(SECOND, over).catch(() => undefined);
      if (!over.aborted) tell(second('second', figures.takeLatency()));
    }
    await switching;
    // Nothing more is said; what was said arrives before the lines are cut.
    for (const seat of fleet) seat.hush();
    await clock.sleep(LAST_WORDS_MS);
    return second('end', figures.latency);
  } finally {
    await Promise.all(fleet.map((seat) => seat[Symbol.asyncDispose]()));
  }
}

function seatMaker(
  behaviour: Behaviour,
  seats: number,
  { figures, turns, clock, version }: { figures: Figures; turns: Turns; clock: Clock; version: string },
): (number: number) => FleetSeat {
  const { hub, folder, people, tokensFile } = behaviour;
  checkTrust(hub.caFile);
  const keys = openKeys(folder, seats);
  // One for all: what the hub says of its next keys is the same for each.
  const { url, fallbacks, trust: way, times: linkTimes } = wayTo(hub);
  const trust = { pins: new Pins(hub.pins, folder, silentLog), ...way };
  const tokens = tokensFile === undefined ? [] : linesOf(tokensFile);
  const password =
    people.passwordFile === undefined ? '' : readFileSync(people.passwordFile, 'utf8').replace(/\r?\n$/, '');
  const input = pretendInput(clock);
  const health = pretendHealth;
  return (number) => {
    // Spread evenly over the seats, and so over the sites.
    const isWorked = Math.floor(number * people.share) > Math.floor((number - 1) * people.share);
    return new FleetSeat({
      number,
      url,
      fallbacks,
      trust,
      linkTimes,
      identity: keys[number - 1]!,
      token: tokens[number - 1],
      behaviour,
      person: isWorked ? { user: userAt(people.user, number), password } : undefined,
      figures,
      turns,
      input,
      health,
      clock,
      version,
    });
  };
}

function ownUsage(): Pick<Second, 'cpuMs' | 'rssMb'> {
  const { userCPUTime, systemCPUTime } = resourceUsage();
  return {
    cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  };
}

/** The fingerprints by which an operator approves the seats. */
export function fingerprintsOf(folder: string, seats: number): string[] {
  return openKeys(folder, seats).map(({ fingerprint }) => fingerprint);
}

/** A second as a line that people read. */
export function lineOf({ seconds, seats, online, working, login, totals, rssMb }: Second): string {
  const times = login ? `, ${login.count} grants p50 ${login.p50Ms} p99 ${login.p99Ms} ms` : '';
  return `${seconds} s: ${online} of ${seats} online, ${working} working${times}, lost ${totals.lost}, ${rssMb} MB`;
}
