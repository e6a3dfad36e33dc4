import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import { spawnTied, stopChild, systemClock } from '@anyseat/base';
import { escapeDnValue } from '../../hub/src/domain/distinguishedName.ts';
import { BASE, callCentre, ouDn, type CallCentre, type Staff, type StaffState } from './callCentre.ts';

const SAMBA = '/usr/sbin/samba';
const PROVISION = fileURLToPath(new URL('samba-ad.sh', import.meta.url));
const CA_FILE = 'dc/private/tls/ca.pem';
const FIRST_START_MS = 60_000;

export const AD_PEOPLE = `ou=people,${BASE}`;
export const AD_GROUPS = `ou=teams,${BASE}`;
const SERVICE = { user: 'anyseat', password: 'service-Pw-5520' };
const ADMINISTRATOR = { name: 'Administrator@call.example', password: 'Adm1n-pass!' };

/** Debian packages that `startSamba` needs. */
export const sambaPackages = [
  'samba',
  'samba-ad-provision',
  'samba-dsdb-modules',
  'samba-vfs-modules',
  'winbind',
  'ldb-tools',
];

/** Why a domain controller cannot be started here; `undefined` when it can. */
export async function sambaMissing(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'a domain controller needs root: its ports are fixed';
  if (!existsSync(SAMBA) || !existsSync('/usr/share/samba/setup/provision.ldif'))
    return 'samba and samba-ad-provision are not installed';
  return (await listens(389)) ? 'something listens on port 389 already' : undefined;
}

export interface Samba extends AsyncDisposable {
  readonly url: string;
  readonly tlsUrl: string;
  readonly caFile: string;
  /** The name in its certificate. */
  readonly serverName: string;
  readonly serviceName: string;
  readonly passwordFile: string;
  readonly centre: CallCentre;
  /** When those in state `locked` were locked out, epoch ms, to the second or so. */
  readonly lockedAt: number;
}

export const adStaffDn = (staff: Pick<Staff, 'cn' | 'ou'>): string =>
  `CN=${escapeDnValue(staff.cn)},${ouDn(staff.ou, AD_PEOPLE)}`;
export const adTeamDn = (name: string): string => `CN=${escapeDnValue(name)},${AD_GROUPS}`;

/** A real domain controller on the fixed ports, filled with the cast of callCentre.ts and some agents, each state real. */
export async function startSamba(options: { agents?: number } = {}): Promise<Samba> {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-ad-'));
  const centre = callCentre(options.agents ?? 20);
  await promisify(execFile)('bash', [PROVISION, folder]);
  const log: string[] = [];
  const conf = join(folder, 'dc/etc/smb.conf');
  const child = spawnTied(SAMBA, ['-i', '-M', 'single', '-s', conf, '-d1'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const stop = async () => {
    await stopChild(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const caFile = join(folder, CA_FILE);
  const passwordFile = join(folder, 'service-password');
  writeFileSync(passwordFile, `${SERVICE.password}\n`, { mode: 0o400 });
  try {
    for (let waited = 0; !(await listens(636)); waited += 100) {
      if (child.exitCode !== null || waited > FIRST_START_MS)
        throw new Error(`samba does not listen: ${log.join('')}`);
      await systemClock.sleep(100);
    }
    await fill(centre, folder);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: 'ldap://127.0.0.1',
    tlsUrl: 'ldaps://127.0.0.1',
    caFile,
    serverName: 'dc1.call.example',
    serviceName: `${SERVICE.user}@call.example`,
    passwordFile,
    centre,
    lockedAt: Date.now(),
    [Symbol.asyncDispose]: stop,
  };
}

/** Over LDAPS, because passwords are only taken there. */
async function fill(centre: CallCentre, folder: string): Promise<void> {
  const ca = readFileSync(join(folder, CA_FILE));
  const tlsOptions = { ca, servername: 'dc1.call.example' };
  const checkServerIdentity = () => undefined; // the name is proved by the adapter's own tests
  const admin = new Client({ url: 'ldaps://127.0.0.1', tlsOptions: { ...tlsOptions, checkServerIdentity } });
  try {
    await admin.bind(ADMINISTRATOR.name, ADMINISTRATOR.password);
    for (const dn of [AD_PEOPLE, AD_GROUPS, ...centre.ous.map((ou) => ouDn(ou, AD_PEOPLE))])
      await admin.add(dn, { objectClass: 'organizationalUnit' });
    await addUser(admin, `CN=${SERVICE.user},CN=Users,${BASE}`, SERVICE.user, SERVICE.password, {});
    for (const staff of centre.staff) await addStaff(admin, staff);
    await addTeams(admin, centre);
  } finally {
    await admin.unbind();
  }
  makeStale(centre, folder);
  await lockOut(centre);
}

const NEVER_LOGON = Buffer.alloc(21);
const YEAR_2020 = '132223104000000000';

async function addStaff(admin: Client, staff: Staff): Promise<void> {
  const states: Partial<Record<StaffState, Record<string, Values>>> = {
    disabled: { userAccountControl: '514' },
    expired: { accountExpires: YEAR_2020 },
    'must-change': { pwdLastSet: '0' },
    'out-of-hours': { logonHours: NEVER_LOGON },
    'other-workstation': { userWorkstations: 'SOMEWHERE-ELSE' },
  };
  const more = {
    displayName: staff.displayName,
    ...staff.attributes,
    ...(staff.state && states[staff.state]),
  };
  await addUser(admin, adStaffDn(staff), staff.user, staff.password, more);
}

type Values = string | Buffer | readonly string[];

async function addUser(
  admin: Client,
  dn: string,
  user: string,
  password: string,
  more: Record<string, Values>,
) {
  const attributes = {
    objectClass: 'user',
    sAMAccountName: user,
    userPrincipalName: `${user}@call.example`,
    userAccountControl: '512',
    unicodePwd: Buffer.from(`"${password}"`, 'utf16le'),
    ...more,
  };
  await admin.add(
    dn,
    Object.entries(attributes).map(
      ([type, value]) =>
        new Attribute({
          type,
          values: (typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value) as string[],
        }),
    ),
  );
}

async function addTeams(admin: Client, centre: CallCentre): Promise<void> {
  for (const [i, team] of centre.teams.entries()) {
    const members = centre.staff.filter((staff) => staff.groups.includes(team.name)).map(adStaffDn);
    await admin.add(adTeamDn(team.name), {
      objectClass: 'group',
      sAMAccountName: `team${i}`,
      ...(members.length > 0 ? { member: members } : {}),
    });
  }
  for (const team of centre.teams.filter((one) => one.groups.length > 0)) {
    const modification = new Attribute({ type: 'member', values: team.groups.map(adTeamDn) });
    await admin.modify(adTeamDn(team.name), new Change({ operation: 'add', modification }));
  }
}

/** Nobody may set when a password was last set, but the domain's own database (Samba's "bypass last set" control). */
function makeStale(centre: CallCentre, folder: string): void {
  for (const staff of centre.staff.filter((one) => one.state === 'password-expired')) {
    const dn = Buffer.from(adStaffDn(staff)).toString('base64');
    const input = `dn:: ${dn}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: ${YEAR_2020}\n`;
    const control = '--controls=local_oid:1.3.6.1.4.1.7165.4.3.20:0';
    execFileSync('ldbmodify', ['-H', join(folder, 'dc/private/sam.ldb'), control], { input, stdio: 'pipe' });
  }
}

/** Five wrong passwords: the domain's own threshold. */
async function lockOut(centre: CallCentre): Promise<void> {
  for (const staff of centre.staff.filter((one) => one.state === 'locked')) {
    for (let i = 0; i < 6; i++) {
      const client = new Client({ url: 'ldap://127.0.0.1' });
      await client.bind(adStaffDn(staff), 'wrong').catch(() => undefined);
      await client.unbind();
    }
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
