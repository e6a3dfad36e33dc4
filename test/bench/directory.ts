import { silentLog, systemClock } from '@anyseat/base';
import { LdapDirectory } from '../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../hub/src/directory/ldap/settings.ts';
import type { Staff } from '../lab/callCentre.ts';
import { PEOPLE, type Scheme } from '../lab/ldif.ts';
import { slapdMissing, startSlapd, type Slapd } from '../lab/slapd.ts';
import { closedLoop } from './parts/closedLoop.ts';
import { openRawLdap } from './parts/rawLdap.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';

interface Plan {
  scheme: Scheme;
  people: number;
  inFlight: number;
  rounds: number;
  forMs: number;
}

const plans: readonly Plan[] = [
  { scheme: 'SSHA', people: 2000, inFlight: 8, rounds: 5, forMs: 1500 },
  { scheme: 'ARGON2', people: 200, inFlight: 8, rounds: 3, forMs: 2500 },
];

/** The LDAP adapter alone, in one process with its floor: what it adds to the same search and the same bind. */
export const directory: Benchmark = {
  name: 'directory',
  about: 'people authenticated a second by the LDAP adapter alone, against raw ldapts',
  missing: slapdMissing,
  async run(say) {
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const plan of plans) {
      const { row, cpu } = await measure(plan);
      rows.push(row);
      notes.push(`${row.name}, CPU of one in this process: ours ${cpu.ours} µs, the floor ${cpu.floor} µs`);
      say(`{${plan.scheme}}: ${row.measured.median.toFixed(0)}/s of ${row.floor.median.toFixed(0)}/s`);
    }
    return { rows, notes };
  },
};

/** In turns on one slapd, so that both meet the same neighbours. */
async function measure(plan: Plan): Promise<{ row: Row; cpu: { ours: string; floor: string } }> {
  const { scheme, people, inFlight, forMs } = plan;
  await using slapd = await startSlapd({ agents: people, scheme });
  const agents = slapd.centre.staff.slice(-people);
  let next = 0;
  const who = (): Staff => agents[next++ % agents.length]!;
  await using raw = await openRawLdap(slapd, inFlight);
  await using directory = openOurs(slapd, inFlight);
  const theirs = (worker: number) => raw.login(who(), worker);
  const ours = async () => {
    const staff = who();
    const answer = await directory.authenticate(staff.user, staff.password, new AbortController().signal);
    if (!answer.ok || answer.person.groups.length !== 1) throw new Error(`${staff.user} was not let in`);
  };
  await closedLoop({ inFlight, forMs: 500 }, theirs);
  await closedLoop({ inFlight, forMs: 500 }, ours);
  const rounds: { measured: number; floor: number }[] = [];
  const used = { ours: { micros: 0, count: 0 }, floor: { micros: 0, count: 0 } };
  const timed = async (whose: keyof typeof used, work: (worker: number) => Promise<void>) => {
    const before = process.cpuUsage();
    const { perSecond, took } = await closedLoop({ inFlight, forMs }, work);
    const { user, system } = process.cpuUsage(before);
    used[whose].micros += user + system;
    used[whose].count += took.length;
    return perSecond;
  };
  for (let round = 0; round < plan.rounds; round++) {
    rounds.push({ floor: await timed('floor', theirs), measured: await timed('ours', ours) });
  }
  const each = ({ micros, count }: { micros: number; count: number }) => (micros / count).toFixed(0);
  const floorIs = `ldapts search and bind, ${inFlight} at once`;
  return {
    row: rowOf({ name: `LDAP adapter {${scheme}}`, unit: '/s', better: 'more', floorIs }, rounds),
    cpu: { ours: each(used.ours), floor: each(used.floor) },
  };
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
