import { execFile, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';
import { BASE, callCentre, type CallCentre } from './callCentre.ts';
import { makeCertificates } from './certificates.ts';
import { ldif, SERVICE_DN, SERVICE_PASSWORD, type Scheme } from './ldif.ts';

const SLAPD = '/usr/sbin/slapd';
const SLAPADD = '/usr/sbin/slapadd';
const SCHEMAS = '/etc/ldap/schema';
const MODULES = '/usr/lib/ldap';

/** Debian packages that `startSlapd` needs. */
export const slapdPackages = ['slapd', 'openssl'];

/** Why slapd cannot be started here; `undefined` when it can. */
export const slapdMissing = (): string | undefined =>
  existsSync(SLAPD) ? undefined : 'slapd is not installed';

export interface Slapd extends AsyncDisposable {
  readonly pid: number;
  /** `ldap://127.0.0.1:PORT`; takes StartTLS. */
  readonly url: string;
  /** `ldaps://localhost:PORT`. */
  readonly tlsUrl: string;
  readonly port: number;
  readonly caFile: string;
  readonly serviceDn: string;
  readonly passwordFile: string;
  readonly centre: CallCentre;
  /** A folder of its own that goes when it stops. */
  readonly folder: string;
  /** Stops answering, as a hung server does, connections kept (SIGSTOP); resolves when it has. And goes on. */
  pause(): Promise<void>;
  resume(): void;
  /** Dies at once (SIGKILL); `start` brings it back on the same ports with the same content. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface SlapdOptions {
  /** Agents beside the cast of callCentre.ts. 185 make 200 people. */
  agents?: number;
  scheme?: Scheme;
  /** Without it people and groups carry no memberOf, as on a server without the overlay. */
  memberOf?: boolean;
  policy?: boolean;
  /** Groups whose members are whoever a search finds (dynlist); they show in memberOf. */
  dynamic?: boolean;
  threads?: number;
  /** More of slapd.conf, for the database. */
  extra?: readonly string[];
}

/** A real slapd in a folder of its own on free loopback ports, filled with the people of callCentre.ts. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-slapd-'));
  const centre = callCentre(options.agents ?? 185);
  const withMemberOf = options.memberOf ?? true;
  const withPolicy = options.policy ?? false;
  mkdirSync(join(folder, 'db'));
  const certificates = makeCertificates(folder);
  const conf = join(folder, 'slapd.conf');
  writeFileSync(
    conf,
    configuration(folder, certificates, { ...options, memberOf: withMemberOf, policy: withPolicy }),
  );
  const passwordFile = join(folder, 'service-password');
  writeFileSync(passwordFile, `${SERVICE_PASSWORD}\n`, { mode: 0o400 });
  const file = join(folder, 'content.ldif');
  const content = ldif(centre, options.scheme ?? 'SSHA', { memberOf: withMemberOf, policy: withPolicy });
  await pipeline(Readable.from(content), createWriteStream(file));
  await promisify(execFile)(SLAPADD, ['-q', '-f', conf, '-l', file]);
  const [port, tlsPort] = await freePorts(2);
  let child = await run(conf, port!, tlsPort!);
  return {
    get pid() {
      return child.pid!;
    },
    url: `ldap://127.0.0.1:${port}`,
    tlsUrl: `ldaps://localhost:${tlsPort}`,
    port: port!,
    caFile: certificates.caFile,
    serviceDn: SERVICE_DN,
    passwordFile,
    centre,
    folder,
    async pause() {
      child.kill('SIGSTOP');
      // A signal takes its time to reach every thread: one of them may still answer.
      while (!(await everyThreadStands(child.pid!))) await systemClock.sleep(1);
    },
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
    async start() {
      child = await run(conf, port!, tlsPort!);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT');
      await stopChild(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(
  folder: string,
  tls: { caFile: string; certFile: string; keyFile: string },
  options: SlapdOptions,
): string {
  const modules = ['back_mdb', ...(options.memberOf ? ['memberof'] : []), ...(options.policy ? ['ppolicy'] : []), ...(options.scheme === 'ARGON2' ? ['argon2'] : []), ...(options.dynamic ? ['dynlist'] : [])]; // prettier-ignore
  return [
    ...['core', 'cosine', 'inetorgperson', 'nis', 'dyngroup'].map(
      (name) => `include ${SCHEMAS}/${name}.schema`,
    ),
    `modulepath ${MODULES}`,
    ...modules.map((name) => `moduleload ${name}`),
    `pidfile ${folder}/slapd.pid`,
    `TLSCACertificateFile ${tls.caFile}`,
    `TLSCertificateFile ${tls.certFile}`,
    `TLSCertificateKeyFile ${tls.keyFile}`,
    `threads ${options.threads ?? 8}`,
    'database mdb',
    `suffix ${BASE}`,
    `rootdn cn=admin,${BASE}`,
    'rootpw admin',
    `directory ${folder}/db`,
    'maxsize 4294967296',
    'index objectClass eq',
    'index uid,cn,entryUUID,member,uniqueMember,memberUid,gidNumber eq',
    ...(options.memberOf ? ['index memberOf eq,pres'] : []),
    'limits * size.prtotal=unlimited',
    'access to attrs=userPassword by self =xw by anonymous auth by * none',
    `access to * by dn.exact="${SERVICE_DN}" read by self read by * none`,
    ...(options.memberOf ? ['overlay memberof', 'memberof-dangling ignore'] : []),
    ...(options.policy
      ? ['overlay ppolicy', `ppolicy_default "cn=default,ou=policies,${BASE}"`, 'ppolicy_use_lockout']
      : []),
    ...(options.dynamic
      ? ['overlay dynlist', 'dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames*']
      : []),
    ...(options.extra ?? []),
    '',
  ].join('\n');
}

async function run(conf: string, port: number, tlsPort: number): Promise<ChildProcess> {
  const child = spawnTied(
    SLAPD,
    ['-d', '0', '-f', conf, '-h', `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${tlsPort}/`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}: ${said}`);
    if (await listens(port)) return child;
    await systemClock.sleep(20);
  }
  await stopChild(child);
  throw new Error(`slapd does not listen: ${said}`);
}

async function everyThreadStands(pid: number): Promise<boolean> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const states = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, 'utf8')));
    return states.every((stat) => / [Tt] /.test(stat.slice(stat.lastIndexOf(')'))));
  } catch {
    return false; // one of them ended while we looked
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** slapd cannot be asked which port it got, so it is given ones that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
