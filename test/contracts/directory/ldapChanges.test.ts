import { Attribute, Change, Client } from 'ldapts';
import { silentLog, systemClock } from '@anyseat/base';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { Person } from '../../../hub/src/domain/person.ts';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { BASE, CAST, OUS, ouDn, type Staff } from '../../lab/callCentre.ts';
import { LOCKOUT_SECONDS, PEOPLE, staffDn, teamDn } from '../../lab/ldif.ts';
import { startLdapProxy } from '../../lab/ldapProxy.ts';
import { slapdMissing, startSlapd, type Slapd, type SlapdOptions } from '../../lab/slapd.ts';

const never = new AbortController().signal;
const needs = (ctx: TestContext) => ctx.skip(slapdMissing() !== undefined, slapdMissing());
const named = (user: string) => CAST.find((one) => one.user === user)!;

function openDirectory(slapd: Slapd, more: object = {}): LdapDirectory {
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'call',
    servers: [slapd.tlsUrl],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    passwordFile: slapd.passwordFile,
    userBase: PEOPLE,
    ...more,
  });
  return new LdapDirectory(settings, { clock: systemClock, log: silentLog });
}

/** An administrator at work. */
async function administer(slapd: Slapd, act: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ url: slapd.url });
  await admin.bind(`cn=admin,${BASE}`, 'admin');
  await act(admin);
  await admin.unbind();
}

const addMember = (team: string, member: string) => (admin: Client) =>
  admin.modify(
    teamDn(team),
    new Change({ operation: 'add', modification: new Attribute({ type: 'member', values: [member] }) }),
  );

async function personOf(directory: LdapDirectory, staff: Staff, user = staff.user): Promise<Person> {
  const answer = await directory.authenticate(user, staff.password, never);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.person;
}

describe.each([{ memberOf: true }, { memberOf: false }])('on slapd with %o', (options: SlapdOptions) => {
  let slapd: Slapd;
  beforeAll(async () => {
    if (slapdMissing() === undefined) slapd = await startSlapd({ ...options, agents: 5 });
  });
  afterAll(async () => slapd?.[Symbol.asyncDispose]());

  test('the next login follows a change of group', async (ctx) => {
    needs(ctx);
    await using directory = openDirectory(slapd);
    const before = await personOf(directory, named('plus'));
    await administer(slapd, addMember('club-7', staffDn(named('plus'))));
    const after = await personOf(directory, named('plus'));
    expect([before.groups, after.groups]).toEqual([[], [teamDn('club-7')]]);
  });

  test('and of a group inside a group, at once where nothing is remembered', async (ctx) => {
    needs(ctx);
    await using directory = openDirectory(slapd, { groups: { cacheSeconds: 0 } });
    const before = await personOf(directory, named('obrien'));
    await administer(slapd, addMember('club-8', before.groups[0]!));
    const after = await personOf(directory, named('obrien'));
    expect([before.groups.length, after.groups.slice(1)]).toEqual([1, [teamDn('club-8')]]);
  });

  test('who is renamed and moved is the same person, in another place under another name', async (ctx) => {
    needs(ctx);
    await using directory = openDirectory(slapd);
    const before = await personOf(directory, named('anna'));
    await administer(slapd, async (admin) => {
      await admin.modifyDN(
        staffDn(named('anna')),
        `cn=Anna Schmidt\\, geb. Müller,${ouDn(OUS.chinese, PEOPLE)}`,
      );
      const uid = new Attribute({ type: 'uid', values: ['aschmidt'] });
      await admin.modify(
        `cn=Anna Schmidt\\, geb. Müller,${ouDn(OUS.chinese, PEOPLE)}`,
        new Change({ operation: 'replace', modification: uid }),
      );
    });
    const after = await personOf(directory, named('anna'), 'aschmidt');
    expect([after.id === before.id, after.user, after.dn, await directory.find('anna', never)]).toEqual([
      true,
      'aschmidt',
      'cn=Anna Schmidt\\2C geb. Müller,ou=北京,ou=客服中心,ou=people,dc=call,dc=example',
      undefined,
    ]);
  });
});

describe.each([{ memberOf: true }, { memberOf: false }])('with %o', (options: SlapdOptions) => {
  test('a group of ten thousand costs its members nothing, nor does one that holds it', async (ctx) => {
    needs(ctx);
    await using slapd = await startSlapd({ ...options, agents: 2 });
    await administer(slapd, async (admin) => {
      const crowd = Array.from({ length: 9_999 }, (_, i) => `cn=nobody ${i},ou=elsewhere,${PEOPLE}`);
      await admin.add(teamDn('everybody'), {
        objectClass: ['groupOfNames', 'extensibleObject'],
        cn: 'everybody',
        member: [...crowd, staffDn(named('plus'))],
      });
      await admin.add(teamDn('the house'), {
        objectClass: ['groupOfNames', 'extensibleObject'],
        cn: 'the house',
        member: teamDn('everybody'),
      });
    });
    await using proxy = await startLdapProxy(slapd);
    await using directory = openDirectory(slapd, { servers: [proxy.url], allowPlain: true });
    await personOf(directory, named('anna'));
    const before = proxy.answeredBytes;
    const { groups } = await personOf(directory, named('plus'));
    // The list of its members alone is half a megabyte.
    expect([groups, proxy.answeredBytes - before < 10_000]).toEqual([
      [teamDn('everybody'), teamDn('the house')],
      true,
    ]);
  });
});

test('a dynamic group is a group of whom it finds, and so are those that hold it', async (ctx) => {
  needs(ctx);
  await using slapd = await startSlapd({ dynamic: true, memberOf: false, agents: 2 });
  const dynamic = `cn=whoever sells,ou=groups,${BASE}`;
  await administer(slapd, async (admin) => {
    await admin.add(dynamic, {
      objectClass: 'groupOfURLs',
      cn: 'whoever sells',
      memberURL: `ldap:///${PEOPLE}??sub?(departmentNumber=Sales)`,
    });
    await admin.add(teamDn('the floor'), {
      objectClass: ['groupOfNames', 'extensibleObject'],
      cn: 'the floor',
      member: dynamic,
    });
  });
  await using directory = openDirectory(slapd, { groups: { how: 'memberOf' } });
  const [anna, wang] = [await personOf(directory, named('anna')), await personOf(directory, named('wang'))];
  expect([anna.groups.includes(dynamic), anna.groups.includes(teamDn('the floor'))]).toEqual([true, true]);
  expect(wang.groups.includes(dynamic)).toBe(false);
});

test('the directory counts one try for each password typed, and the person hears when the lock begins', async (ctx) => {
  needs(ctx);
  await using slapd = await startSlapd({ policy: true, agents: 5 });
  await using directory = openDirectory(slapd, { passwordPolicy: `cn=default,ou=policies,${BASE}` });
  const failures = async () => {
    let count = 0;
    await administer(slapd, async (admin) => {
      const { searchEntries } = await admin.search(staffDn(named('diver')), {
        scope: 'base',
        attributes: ['pwdFailureTime'],
      });
      const times = searchEntries[0]!['pwdFailureTime'];
      count = Array.isArray(times) ? times.length : 1;
    });
    return count;
  };
  const seen = [];
  for (const password of ['one', 'two', 'three', 'four', named('diver').password]) {
    const answer = await directory.authenticate('diver', password, never);
    seen.push([answer.ok || answer.reason, answer.ok ? undefined : answer.until, await failures()]);
  }
  const until = expect.closeTo(Date.now() + LOCKOUT_SECONDS * 1000, -5) as number;
  expect(seen).toEqual([
    ['wrong-password', undefined, 1],
    ['wrong-password', undefined, 2],
    ['wrong-password', undefined, 3],
    ['account-locked', until, 3],
    ['account-locked', until, 3],
  ]);
});

test('a name that nobody has is refused no sooner than a wrong password', async (ctx) => {
  needs(ctx);
  await using slapd = await startSlapd({ agents: 2 });
  await using proxy = await startLdapProxy(slapd);
  await using directory = openDirectory(slapd, { servers: [proxy.url], allowPlain: true });
  const refusalMs = async (user: string) => {
    const started = systemClock.monotonic();
    await directory.authenticate(user, 'wrong', never);
    return systemClock.monotonic() - started;
  };
  const passwordMs = 300;
  proxy.onRequest(async ({ op, name }) => {
    if (op === 'bind' && name !== slapd.serviceDn) await systemClock.sleep(passwordMs);
    return 'pass' as const;
  });
  const took = [];
  for (const user of ['agent00001', 'nobody', 'agent00002', 'nobody', 'nobody-else'])
    took.push(await refusalMs(user));
  // Timers may be a few milliseconds early.
  expect(took.filter((ms) => ms < passwordMs - 20)).toEqual([]);
});
