import { Client } from 'ldapts';
import { silentLog, systemClock } from '@anyseat/base';
import { LdapDirectory } from '../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../hub/src/directory/ldap/settings.ts';
import type { Staff } from '../lab/callCentre.ts';
import { PEOPLE, SERVICE_PASSWORD, type Scheme } from '../lab/ldif.ts';
import { startSlapd, type Slapd } from '../lab/slapd.ts';

/** Logins a second, with the time each took in milliseconds. */
export interface Pace {
  perSecond: number;
  p50: number;
  p99: number;
  /** CPU of this process for one login, in microseconds. */
  cpuMicros: number;
}

export interface DirectoryBench {
  scheme: Scheme;
  people: number;
  concurrency: number;
  /** Raw ldapts on the same slapd: the same search and the same bind, nothing else. */
  floor: Pace;
  ours: Pace;
  ratio: number;
}

const ATTRIBUTES = ['entryUUID', 'uid', 'displayName', 'cn', 'departmentNumber', 'employeeType', 'memberOf'];

/** The adapter against its floor, in turns on one slapd, so that both meet the same neighbours. */
export async function benchDirectory(options: {
  scheme: Scheme;
  people: number;
  concurrency: number;
  seconds: number;
}): Promise<DirectoryBench> {
  await using slapd = await startSlapd({ agents: options.people, scheme: options.scheme });
  const agents = slapd.centre.staff.slice(-options.people);
  await using raw = await openRaw(slapd, options.concurrency);
  await using directory = openOurs(slapd, options.concurrency);
  const login = async (staff: Staff) => {
    const answer = await directory.authenticate(staff.user, staff.password, new AbortController().signal);
    if (!answer.ok || answer.person.groups.length !== 1) throw new Error(`${staff.user} was not let in`);
  };
  const floors: Pace[] = [];
  const ours: Pace[] = [];
  for (let turn = 0; turn < 3; turn++) {
    floors.push(await pace(agents, options, (staff, worker) => raw.login(staff, worker)));
    ours.push(await pace(agents, options, login));
  }
  const floor = median(floors);
  const own = median(ours);
  const { scheme, people, concurrency } = options;
  return { scheme, people, concurrency, floor, ours: own, ratio: own.perSecond / floor.perSecond };
}

function openOurs(slapd: Slapd, bind: number): LdapDirectory {
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'bench',
    servers: [slapd.url],
    allowPlain: true,
    bindDn: slapd.serviceDn,
    passwordFile: slapd.passwordFile,
    userBase: PEOPLE,
    attributes: ['departmentNumber', 'employeeType'],
    pool: { bind },
  });
  return new LdapDirectory(settings, { clock: systemClock, log: silentLog });
}

/** One connection for searching and one for binding for each worker. */
async function openRaw(slapd: Slapd, workers: number) {
  const pairs = await Promise.all(
    Array.from({ length: workers }, async () => {
      const [search, bind] = [new Client({ url: slapd.url }), new Client({ url: slapd.url })];
      await search.bind(slapd.serviceDn, SERVICE_PASSWORD);
      return { search, bind };
    }),
  );
  return {
    async login(staff: Staff, worker: number) {
      const { search, bind } = pairs[worker]!;
      const filter = `(uid=${staff.user})`;
      const { searchEntries } = await search.search(PEOPLE, {
        scope: 'sub',
        filter,
        attributes: ATTRIBUTES,
        sizeLimit: 2,
      });
      await bind.bind(searchEntries[0]!.dn, staff.password);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pairs.flatMap(({ search, bind }) => [search.unbind(), bind.unbind()]));
    },
  };
}

async function pace(
  agents: readonly Staff[],
  options: { concurrency: number; seconds: number },
  login: (staff: Staff, worker: number) => Promise<void>,
): Promise<Pace> {
  const took: number[] = [];
  let next = 0;
  const cpu = process.cpuUsage();
  const start = systemClock.monotonic();
  const end = start + options.seconds * 1000;
  const work = async (worker: number) => {
    for (let began = systemClock.monotonic(); began < end; began = systemClock.monotonic()) {
      await login(agents[next++ % agents.length]!, worker);
      took.push(systemClock.monotonic() - began);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(cpu);
  took.sort((a, b) => a - b);
  return {
    perSecond: took.length / ((systemClock.monotonic() - start) / 1000),
    p50: took[Math.floor(took.length * 0.5)]!,
    p99: took[Math.floor(took.length * 0.99)]!,
    cpuMicros: (user + system) / took.length,
  };
}

const median = (paces: Pace[]): Pace =>
  paces.sort((a, b) => a.perSecond - b.perSecond)[Math.floor(paces.length / 2)]!;

if (import.meta.main) {
  const row = (name: string, p: Pace) =>
    `${name.padEnd(6)} ${p.perSecond.toFixed(0).padStart(6)}/s  p50 ${p.p50.toFixed(1)} ms  p99 ${p.p99.toFixed(1)} ms  CPU ${p.cpuMicros.toFixed(0)} µs`;
  for (const [scheme, concurrency] of [
    ['SSHA', 1],
    ['SSHA', 8],
    ['SSHA', 32],
    ['ARGON2', 8],
  ] as const) {
    const seen = await benchDirectory({
      scheme,
      people: scheme === 'SSHA' ? 2000 : 200,
      concurrency,
      seconds: 3,
    });
    console.log(
      `{${scheme}} ${seen.people} people, ${concurrency} at a time: ${seen.ratio.toFixed(2)} of the floor`,
    );
    console.log(`  ${row('floor', seen.floor)}\n  ${row('ours', seen.ours)}`);
  }
}
