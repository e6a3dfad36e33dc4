import { execFile, execFileSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';
import { escapeDnValue } from '../../hub/src/domain/distinguishedName.ts';
import { BASE, callCentre, ouDn, type CallCentre, type Staff, type StaffState } from './callCentre.ts';

const SAMBA = '/usr/sbin/samba';
const PROVISION = fileURLToPath(new URL('samba-ad.sh', import.meta.url));
const RELAY = fileURLToPath(new URL('netRelay.ts', import.meta.url));
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
  'iproute2',
];

/** Why a domain controller cannot be started here; `undefined` when it can. */
export async function sambaMissing(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'a domain controller needs root: its ports are fixed';
  if (!existsSync(SAMBA) || !existsSync('/usr/share/samba/setup/provision.ldif'))
    return 'samba and samba-ad-provision are not installed';
  const inside = promisify(execFile)('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']);
  return inside.then(
    () => undefined,
    () => 'no network namespace can be made here',
  );
}

export interface Samba extends AsyncDisposable {
  /** `ldap://127.0.0.1:PORT`; takes StartTLS. */
  readonly url: string;
  readonly port: number;
  readonly tlsUrl: string;
  readonly caFile: string;
  /** The name in its certificate. */
  readonly serverName: string;
  readonly serviceName: string;
  readonly passwordFile: string;
  readonly centre: CallCentre;
  /** When those in state `locked` were locked out, epoch ms, to the second or so. */
  readonly lockedAt: number;
  /** Somebody who may do everything, over TLS. */
  readonly administer: <T>(act: (admin: Client) => Promise<T>) => Promise<T>;
  /** Puts entries straight into its database, which is ten times as fast. */
  load(ldif: string): void;
  /** Stops answering, as a hung server does, connections kept (SIGSTOP). And goes on. */
  pause(): void;
  resume(): void;
  /** Dies at once (SIGKILL); `start` brings it back on the same ports with the same content. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export const adStaffDn = (staff: Pick<Staff, 'cn' | 'ou'>): string =>
  `CN=${escapeDnValue(staff.cn)},${ouDn(staff.ou, AD_PEOPLE)}`;
export const adTeamDn = (name: string): string => `CN=${escapeDnValue(name)},${AD_GROUPS}`;

/**
 * A real domain controller, filled with the cast of callCentre.ts and some agents, each state real. Its ports are fixed, so
 * it has a network of its own, and whoever listens on 389 out here is not disturbed.
 */
export async function startSamba(options: { agents?: number } = {}): Promise<Samba> {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-ad-'));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const centre = callCentre(options.agents ?? 20);
  await promisify(execFile)('bash', [PROVISION, folder]);
  let running = opening.use(await run(folder));
  const plain = opening.use(await wayIn(join(folder, 'ldap')));
  const secure = opening.use(await wayIn(join(folder, 'ldaps')));
  const tlsUrl = `ldaps://127.0.0.1:${secure.port}`;
  const passwordFile = join(folder, 'service-password');
  writeFileSync(passwordFile, `${SERVICE.password}\n`, { mode: 0o400 });
  const administer = <T>(act: (admin: Client) => Promise<T>) => asAdministrator(tlsUrl, folder, act);
  await administer((admin) => fill(admin, centre));
  makeStale(centre, folder);
  await lockOut(centre, `ldap://127.0.0.1:${plain.port}`);
  const kept = opening.move();
  return {
    url: `ldap://127.0.0.1:${plain.port}`,
    port: plain.port,
    tlsUrl,
    caFile: join(folder, CA_FILE),
    serverName: 'dc1.call.example',
    serviceName: `${SERVICE.user}@call.example`,
    passwordFile,
    centre,
    lockedAt: Date.now(),
    administer,
    load: (input) =>
      void execFileSync('ldbadd', ['-H', join(folder, 'dc/private/sam.ldb')], { input, stdio: 'pipe' }),
    pause: () => void running.server.kill('SIGSTOP'),
    resume: () => void running.server.kill('SIGCONT'),
    async kill() {
      running.server.kill('SIGKILL');
      await ended(running.server);
      await running[Symbol.asyncDispose]();
    },
    async start() {
      running = kept.use(await run(folder));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The server in a network of its own, and what lets connections in by the files `ldap` and `ldaps` of its folder. */
async function run(folder: string): Promise<{ server: ChildProcess } & AsyncDisposable> {
  const conf = join(folder, 'dc/etc/smb.conf');
  const inside = ['--net', 'sh', '-c', `ip link set lo up && exec "$0" "$@"`];
  const server = spawnTied('unshare', [...inside, SAMBA, '-i', '-M', 'single', '-s', conf, '-d1'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const sockets = [join(folder, 'ldap'), join(folder, 'ldaps')];
  let relay: ChildProcess | undefined;
  const stop = async () => {
    server.kill('SIGCONT');
    await Promise.all([server, ...(relay ? [relay] : [])].map((child) => stopChild(child)));
    for (const socket of sockets) rmSync(socket, { force: true });
  };
  try {
    await until(
      () => ownNetwork(server.pid!),
      server,
      () => said,
    );
    const files = sockets.map((file, i) => `${file}=${[389, 636][i]!}`);
    relay = spawnTied('nsenter', ['--net', '-t', String(server.pid), process.execPath, RELAY, ...files], {
      stdio: 'ignore',
    });
    await until(
      () => answers(sockets[0]!),
      server,
      () => said,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, [Symbol.asyncDispose]: stop };
}

/** Resolves when something is so; rejects with the server's words when it ends, or takes too long. */
async function until(
  what: () => boolean | Promise<boolean>,
  server: ChildProcess,
  said: () => string,
): Promise<void> {
  for (let waited = 0; !(await what()); waited += 50) {
    if (server.exitCode !== null || waited > FIRST_START_MS)
      throw new Error(`samba does not serve: ${said()}`);
    await systemClock.sleep(50);
  }
}

/** `unshare` has done its work: the process is in another network than we are. */
function ownNetwork(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net');
}

/** Whether an LDAP server takes a connection behind this file and keeps it. */
function answers(file: string): Promise<boolean> {
  // A search of the root entry for everybody, by hand: 1.1 of '' (RFC 4511 section 4.5).
  const search = Buffer.from(
    '3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000',
    'hex',
  );
  return new Promise((resolve) => {
    const socket = connect(file);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(search));
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false)).once('close', () => settle(false));
  });
}

/** A free port on loopback for a file. */
async function wayIn(file: string): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    const inner = connect({ path: file, allowHalfOpen: true });
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => (open.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Over LDAPS, because passwords are only taken there. */
async function asAdministrator<T>(
  url: string,
  folder: string,
  act: (admin: Client) => Promise<T>,
): Promise<T> {
  const ca = readFileSync(join(folder, CA_FILE));
  const checkServerIdentity = () => undefined; // the name is proved by the adapter's own tests
  const admin = new Client({ url, tlsOptions: { ca, servername: 'dc1.call.example', checkServerIdentity } });
  try {
    await admin.bind(ADMINISTRATOR.name, ADMINISTRATOR.password);
    return await act(admin);
  } finally {
    await admin.unbind();
  }
}

async function fill(admin: Client, centre: CallCentre): Promise<void> {
  for (const dn of [AD_PEOPLE, AD_GROUPS, ...centre.ous.map((ou) => ouDn(ou, AD_PEOPLE))])
    await admin.add(dn, { objectClass: 'organizationalUnit' });
  await addUser(admin, `CN=${SERVICE.user},CN=Users,${BASE}`, SERVICE.user, SERVICE.password, {});
  for (const staff of centre.staff) await addStaff(admin, staff);
  await addTeams(admin, centre);
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
  for (const staff of centre.staff.filter(
    (one) => one.state === 'password-expired' || one.state === 'in-grace',
  )) {
    const dn = Buffer.from(adStaffDn(staff)).toString('base64');
    const input = `dn:: ${dn}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: ${YEAR_2020}\n`;
    const control = '--controls=local_oid:1.3.6.1.4.1.7165.4.3.20:0';
    execFileSync('ldbmodify', ['-H', join(folder, 'dc/private/sam.ldb'), control], { input, stdio: 'pipe' });
  }
}

/** Five wrong passwords: the domain's own threshold. */
async function lockOut(centre: CallCentre, url: string): Promise<void> {
  for (const staff of centre.staff.filter((one) => one.state === 'locked')) {
    for (let i = 0; i < 6; i++) {
      const client = new Client({ url });
      await client.bind(adStaffDn(staff), 'wrong').catch(() => undefined);
      await client.unbind();
    }
  }
}
