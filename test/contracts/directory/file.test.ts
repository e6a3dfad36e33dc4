import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@anyseat/base';
import { stringify } from 'yaml';
import { FileDirectory } from '../../../hub/src/directory/file.ts';
import { hashPassword } from '../../../hub/src/directory/passwordHash.ts';
import { escapeDnValue } from '../../../hub/src/domain/distinguishedName.ts';
import { BASE, callCentre, groupsOf, ouDn, uuidOf, type Staff } from '../../lab/callCentre.ts';
import { directoryContract, type Stage } from './contract.ts';

directoryContract('a users file', undefined, async (): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-users-'));
  const file = join(folder, 'users.yaml');
  const centre = callCentre(20);
  const users = await Promise.all(
    centre.staff.map(async (staff) => ({
      user: staff.user,
      displayName: staff.displayName,
      uuid: uuidOf(staff.user),
      password: await hashPassword(staff.password),
      ou: ouDn(staff.ou, BASE),
      groups: groupsOf(staff, centre.teams),
      attributes: staff.attributes,
      disabled: staff.state === 'disabled',
    })),
  );
  writeFileSync(file, stringify({ users }));
  return {
    centre,
    open: (log) => FileDirectory.open({ type: 'file', name: 'local', file }, { clock: systemClock, log }),
    personOf: (staff: Staff) => ({
      directory: 'local',
      user: staff.user,
      displayName: staff.displayName,
      dn: `uid=${escapeDnValue(staff.user)},${ouDn(staff.ou, BASE)}`,
      groups: groupsOf(staff, centre.teams),
      attributes: staff.attributes,
    }),
    refusals: { disabled: { ok: false, reason: 'account-disabled' } },
    barred: { disabled: 'account-disabled' },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
});
