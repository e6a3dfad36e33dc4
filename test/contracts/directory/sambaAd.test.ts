import { Attribute, Change, type Client } from 'ldapts';
import { DAY, isFault, MINUTE, silentLog, systemClock } from '@anyseat/base';
import { afterAll, describe, expect, test } from 'vitest';
import { dnText } from '../../../hub/src/domain/distinguishedName.ts';
import type { AuthAnswer } from '../../../hub/src/domain/person.ts';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { BASE, CAST, groupsOf, type Staff } from '../../lab/callCentre.ts';
import { startLdapProxy } from '../../lab/ldapProxy.ts';
import { AD_PEOPLE, adStaffDn, adTeamDn, sambaMissing, startSamba, type Samba } from '../../lab/samba.ts';
import { directoryContract, type Stage } from './contract.ts';
import { newPasswordContract, type NewPasswordStage } from './newPasswordContract.ts';

/** The domain's own default. */
const LOCKOUT_MS = 30 * MINUTE;
/** Everybody's primary group, and the one that holds it: neither stands in anybody's memberOf. */
const PRIMARY = [`CN=Domain Users,CN=Users,${BASE}`, `CN=Users,CN=Builtin,${BASE}`];

const missing = await sambaMissing();
/** One domain controller a machine, so one for both ways of asking it. */
let samba: Promise<Samba> | undefined;
afterAll(async () => (await samba)?.[Symbol.asyncDispose]());

for (const how of ['auto', 'inChain'] as const) {
  directoryContract(`Samba AD, groups by ${how}`, missing, async (): Promise<Stage> => {
    samba ??= startSamba();
    return stageOn(await samba, how);
  });
}

const settingsOf = (samba: Samba, how: 'auto' | 'inChain') =>
  ldapSettings.parse({
    type: 'ldap',
    name: 'ad',
    servers: [samba.tlsUrl],
    caFile: samba.caFile,
    serverName: samba.serverName,
    bindDn: samba.serviceName,
    passwordFile: samba.passwordFile,
    userBase: AD_PEOPLE,
    attributes: ['departmentNumber', 'employeeType'],
    groups: { how },
    // Samba is one process here, and the rule in chain keeps it busy for a fifth of a second each time.
    limits: { answerMs: 30_000 },
  });

function stageOn(samba: Samba, how: 'auto' | 'inChain'): Stage {
  const settings = settingsOf(samba, how);
  return {
    centre: samba.centre,
    open: async (log) => new LdapDirectory(settings, { clock: systemClock, log }),
    personOf: (staff: Staff) => ({
      directory: 'ad',
      user: staff.user,
      displayName: staff.displayName,
      dn: adStaffDn(staff),
      groups: [...groupsOf(staff, samba.centre.teams).map(adTeamDn), ...PRIMARY],
      attributes: staff.attributes,
    }),
    refusals: {
      locked: {
        ok: false,
        reason: 'account-locked',
        until: expect.closeTo(samba.lockedAt + LOCKOUT_MS, -5) as number,
      },
      disabled: { ok: false, reason: 'account-disabled' },
      expired: { ok: false, reason: 'account-expired' },
      'password-expired': { ok: false, reason: 'password-expired', changeable: true },
      'in-grace': { ok: false, reason: 'password-expired', changeable: true },
      'must-change': { ok: false, reason: 'password-must-change', changeable: true },
      'out-of-hours': { ok: false, reason: 'not-these-hours' },
      'other-workstation': { ok: false, reason: 'not-this-workstation' },
    },
    barred: { disabled: 'account-disabled', expired: 'account-expired' },
    async [Symbol.asyncDispose]() {},
  };
}

test('Samba AD without a service account: people bind by user@domain, and are shown by their own SIDs', async (ctx) => {
  ctx.skip(missing !== undefined, missing);
  samba ??= startSamba();
  const { caFile, serverName, tlsUrl, centre } = await samba;
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'ad',
    servers: [tlsUrl],
    caFile,
    serverName,
    bindPattern: '{user}@call.example',
    userBase: AD_PEOPLE,
    attributes: ['departmentNumber'],
  });
  await using directory = new LdapDirectory(settings, { clock: systemClock, log: silentLog });
  const never = new AbortController().signal;
  const anna = centre.staff.find(({ user }) => user === 'anna')!;
  const seen = [];
  for (const [user, password] of [
    ['anna', anna.password],
    ['Anna@CALL.example', anna.password],
    ['anna', 'wrong'],
    ['nobody', 'wrong'],
    ['PLAIN', 'wrong'],
    ['disabled', 'Pw-disabled-1'],
  ] as const) {
    const answer = await directory.authenticate(user, password, never);
    seen.push(
      answer.ok ? [answer.person.user, answer.person.groups.length, answer.person.attributes] : answer.reason,
    );
  }
  expect(seen).toEqual([
    ['anna', 5, { departmentNumber: ['Sales'] }],
    ['anna', 5, { departmentNumber: ['Sales'] }],
    'wrong-password',
    'wrong-password',
    'wrong-password',
    'account-disabled',
  ]);
  await expect(directory.find('anna', never)).rejects.toMatchObject({ code: 'directory-cannot-search' });
});

// Last, because afterwards people have other passwords.
newPasswordContract('Samba AD', missing, async (): Promise<NewPasswordStage> => {
  samba ??= startSamba();
  const { administer } = await samba;
  const settings = settingsOf(await samba, 'auto');
  await administer((admin) =>
    setRules(admin, { minPwdLength: '8', pwdHistoryLength: '5', pwdProperties: '1' }),
  );
  return {
    locksAfter: 5,
    open: async (log) => new LdapDirectory(settings, { clock: systemClock, log }),
    mendable: ['fresh', 'stale', 'overdue'],
    broken: [
      ['Short-1', { ok: false, reason: 'password-too-short', fields: { least: 8 } }],
      ['lettersonly', { ok: false, reason: 'password-too-simple' }],
    ],
    triesOf: (user) =>
      administer(async (admin) => {
        const dn = adStaffDn(CAST.find((one) => one.user === user)!);
        const { searchEntries } = await admin.search(dn, { scope: 'base', attributes: ['badPwdCount'] });
        return Number(searchEntries[0]!['badPwdCount']);
      }),
    threshold: 5,
    // As Windows: so that what still runs somewhere with the old one does not lock its person out.
    oldOne: true,
    async [Symbol.asyncDispose]() {},
  };
});

function setRules(admin: Client, rules: Readonly<Record<string, string>>): Promise<void> {
  const changes = Object.entries(rules).map(
    ([type, value]) =>
      new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) }),
  );
  return admin.modify(BASE, changes);
}

test('Samba AD: a password that was used before, and one that is too young, are told as such', async (ctx) => {
  ctx.skip(missing !== undefined, missing);
  samba ??= startSamba();
  const { administer } = await samba;
  const settings = settingsOf(await samba, 'auto');
  await using directory = new LdapDirectory(settings, { clock: systemClock, log: silentLog });
  const never = new AbortController().signal;
  const old = CAST.find((one) => one.user === 'obrien')!.password;
  const change = (from: string, to: string) => directory.changePassword('obrien', from, to, never);
  const seen = [await change(old, 'First-4711'), await change('First-4711', 'Second-4711')];
  const before = await change('Second-4711', 'First-4711');
  await administer((admin) => setRules(admin, { minPwdAge: '-864000000000' }));
  const young = await change('Second-4711', 'Third-4711');
  await administer((admin) => setRules(admin, { minPwdAge: '0' }));
  expect([seen.map(({ ok }) => ok), before, young]).toEqual([
    [true, true],
    { ok: false, reason: 'password-not-accepted', fields: { history: 5 } },
    {
      ok: false,
      reason: 'password-too-young',
      fields: { until: expect.closeTo(Date.now() + DAY, -5) as number },
    },
  ]);
});

test('Samba AD without a service account: a person changes their own password, and nobody who must change it', async (ctx) => {
  ctx.skip(missing !== undefined, missing);
  const { caFile, serverName, tlsUrl } = await (samba ??= startSamba());
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'ad',
    servers: [tlsUrl],
    caFile,
    serverName,
    bindPattern: '{user}@call.example',
    userBase: AD_PEOPLE,
  });
  await using directory = new LdapDirectory(settings, { clock: systemClock, log: silentLog });
  const never = new AbortController().signal;
  const change = async (user: string, old: string, wanted: string) => {
    const answer = await directory.changePassword(user, old, wanted, never);
    return answer.ok || answer.reason;
  };
  const seen = [
    await change('agent00003', 'wrong', 'Quite-Other-47'),
    await change('agent00003', 'Pw-agent00003-1', 'Quite-Other-47'),
    (await directory.authenticate('agent00003', 'Quite-Other-47', never)).ok,
    await change('disabled', CAST.find((one) => one.user === 'disabled')!.password, 'Quite-Other-47'),
  ];
  expect(seen).toEqual(['wrong-password', true, true, 'account-disabled']);
});

const LONG = process.env['ANYSEAT_LONG'] === undefined ? 'ANYSEAT_LONG=1 runs it' : undefined;

test('Samba AD: a group of ten thousand costs its members nothing', { timeout: 600_000 }, async (ctx) => {
  ctx.skip(missing !== undefined, missing);
  // Samba takes three minutes to make that many.
  ctx.skip(LONG !== undefined, LONG);
  const dc = await (samba ??= startSamba());
  const crowd = Array.from({ length: 9_999 }, (_, i) => `CN=nobody ${i},${AD_PEOPLE}`);
  const plus = CAST.find((one) => one.user === 'plus')!;
  dc.load(crowd.map((dn) => `dn: ${dn}\nobjectClass: contact\n\n`).join(''));
  const members = [...crowd, adStaffDn(plus)];
  const lines = members.map((dn) => `member:: ${Buffer.from(dn).toString('base64')}\n`).join('');
  dc.load(`dn: ${adTeamDn('everybody')}\nobjectClass: group\nsAMAccountName: everybody\n${lines}\n`);
  const seen = [];
  for (const how of ['auto', 'inChain'] as const) {
    const settings = settingsOf(dc, how);
    await using directory = new LdapDirectory(settings, { clock: systemClock, log: silentLog });
    const never = new AbortController().signal;
    await directory.find('anna', never);
    const started = systemClock.monotonic();
    const person = await directory.find('plus', never);
    const tookMs = systemClock.monotonic() - started;
    const groups = person!.groups.map(dnText);
    // The rule in chain reads every member; memberOf reads none.
    seen.push([groups.includes(dnText(adTeamDn('everybody'))), how === 'inChain' || tookMs < 1000]);
  }
  expect(seen).toEqual([
    [true, true],
    [true, true],
  ]);
});

describe('a domain controller that stops in the middle of a bind', () => {
  test.for([
    ['hangs', (dc: Samba) => Promise.resolve(dc.pause()), (dc: Samba) => Promise.resolve(dc.resume())],
    ['is killed', (dc: Samba) => dc.kill(), (dc: Samba) => dc.start()],
  ] as const)(
    'and %s: the person hears in time, one bind was sent, and all is well afterwards',
    async ([, stop, mend], ctx) => {
      ctx.skip(missing !== undefined, missing);
      const dc = await (samba ??= startSamba());
      await using proxy = await startLdapProxy({ port: dc.port, serviceDn: dc.serviceName });
      const settings = ldapSettings.parse({
        type: 'ldap',
        name: 'ad',
        servers: [proxy.url],
        allowPlain: true,
        bindDn: dc.serviceName,
        passwordFile: dc.passwordFile,
        userBase: AD_PEOPLE,
      });
      await using directory = new LdapDirectory(settings, { clock: systemClock, log: silentLog });
      const wang = CAST.find((one) => one.user === 'wang')!;
      const login = async () => {
        const started = systemClock.monotonic();
        const answer = await directory
          .authenticate('wang', wang.password, new AbortController().signal)
          .catch((error: unknown) => error);
        const said = isFault(answer) ? answer.code : (answer as AuthAnswer).ok;
        return { said, ms: systemClock.monotonic() - started };
      };
      const before = await login();
      proxy.onRequest(async ({ op, name }): Promise<'pass'> => {
        if (op === 'bind' && name !== dc.serviceName) await stop(dc);
        return 'pass';
      });
      const during = await login();
      const binds = proxy.binds().length;
      proxy.onRequest(() => 'pass');
      await mend(dc);
      let after = await login();
      for (let tries = 0; after.said !== true && tries < 30; tries++) {
        await systemClock.sleep(500);
        after = await login();
      }
      expect([before.said, during.said, during.ms < 6900, binds, after.said]).toEqual([
        true,
        'directory-unavailable',
        true,
        2,
        true,
      ]);
    },
  );
});
