import { systemClock } from '@anyseat/base';
import { expect } from 'vitest';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { Client } from 'ldapts';
import { BASE, CAST, groupsOf, type Staff } from '../../lab/callCentre.ts';
import { HISTORY, LEAST_LETTERS, LOCKOUT_SECONDS, PEOPLE, staffDn, teamDn } from '../../lab/ldif.ts';
import { slapdMissing, startSlapd, type Slapd } from '../../lab/slapd.ts';
import { directoryContract, type Stage } from './contract.ts';
import { newPasswordContract, type NewPasswordStage } from './newPasswordContract.ts';

type Line = (slapd: Slapd) => object;
const plain: Line = (slapd) => ({ servers: [slapd.url], allowPlain: true });
const startTls: Line = (slapd) => ({ servers: [slapd.url], startTls: true, caFile: slapd.caFile });
const tls: Line = (slapd) => ({ servers: [slapd.tlsUrl], caFile: slapd.caFile });

contract('slapd by ldap://', plain, { memberOf: true });
contract('slapd by ldaps://', tls, { memberOf: true });
contract('slapd by StartTLS', startTls, { memberOf: true });
contract('slapd without memberOf', tls, { memberOf: false });

function contract(name: string, line: Line, options: { memberOf: boolean }): void {
  directoryContract(name, slapdMissing(), async (): Promise<Stage> => {
    const slapd = await startSlapd({ ...options, policy: true });
    const lockEnds = Date.now() + LOCKOUT_SECONDS * 1000;
    const settings = ldapSettings.parse({
      type: 'ldap',
      name: 'call',
      ...line(slapd),
      bindDn: slapd.serviceDn,
      passwordFile: slapd.passwordFile,
      userBase: PEOPLE,
      attributes: ['departmentNumber', 'employeeType'],
    });
    return {
      centre: slapd.centre,
      open: async (log) => new LdapDirectory(settings, { clock: systemClock, log }),
      personOf: (staff: Staff) => ({
        directory: 'call',
        user: staff.user,
        displayName: staff.displayName,
        dn: staffDn(staff),
        groups: groupsOf(staff, slapd.centre.teams).map(teamDn),
        attributes: staff.attributes,
      }),
      refusals: {
        locked: { ok: false, reason: 'account-locked', until: expect.closeTo(lockEnds, -5) as number },
        disabled: { ok: false, reason: 'account-locked' },
        'password-expired': { ok: false, reason: 'password-expired' },
        'in-grace': { ok: false, reason: 'password-expired', changeable: true },
        'must-change': { ok: false, reason: 'password-must-change', changeable: true },
      },
      barred: { disabled: 'account-locked' },
      [Symbol.asyncDispose]: () => slapd[Symbol.asyncDispose](),
    };
  });
}

newPasswordContract('slapd', slapdMissing(), async (): Promise<NewPasswordStage> => {
  const slapd = await startSlapd({ policy: true, agents: 2 });
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'call',
    servers: [slapd.tlsUrl],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    passwordFile: slapd.passwordFile,
    passwordPolicy: `cn=default,ou=policies,${BASE}`,
    userBase: PEOPLE,
  });
  return {
    locksAfter: 3,
    open: async (log) => new LdapDirectory(settings, { clock: systemClock, log }),
    mendable: ['fresh', 'overdue'],
    broken: [
      ['short', { ok: false, reason: 'password-too-short', fields: { least: LEAST_LETTERS } }],
      ['Pw-plus-1', { ok: false, reason: 'password-used-before', fields: { history: HISTORY } }],
    ],
    async triesOf(user) {
      const admin = new Client({ url: slapd.url });
      await admin.bind(`cn=admin,${BASE}`, 'admin');
      const { searchEntries } = await admin.search(staffDn(CAST.find((one) => one.user === user)!), {
        scope: 'base',
        attributes: ['pwdFailureTime'],
      });
      await admin.unbind();
      return [searchEntries[0]!['pwdFailureTime'] ?? []].flat().length;
    },
    threshold: 3,
    oldOne: 'wrong-password',
    [Symbol.asyncDispose]: () => slapd[Symbol.asyncDispose](),
  };
});
