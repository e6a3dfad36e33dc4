import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { API_PREFIX, type ViewKind, type ViewOf } from '@anyseat/protocol';
import { root } from '../../installer/src/commands.ts';
import { freePort } from '../../installer/src/freePort.ts';
import { overSocket } from '../e2e/parts/hubProcess.ts';
import { temporaryFolder } from '../e2e/parts/smallSite.ts';
import type { OpenstackLab } from '../lab/openstack/lab.ts';
import { startSlapd, type Slapd } from '../lab/slapd.ts';
import { blocksOf, replaced, type Block } from './runbook.ts';
import { readUnit, RunningUnit } from './unit.ts';

const run = promisify(execFile);

/** What is followed. */
export const README = 'installer/README.md';
export const clone = root.replace(/\/$/, '');
export const readmeText = readFileSync(join(root, README), 'utf8');
export const blocks: readonly Block[] = blocksOf(readmeText);

/**
 * Where installer/README.md is followed: a folder that stands for `/` of workstation, hub and thin client alike, a slapd, the lab's
 * cloud with an admin's credential, and what in the README's text is called otherwise here.
 */
export class DeploymentPlace implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #pairs: [string, string][];
  readonly #units: RunningUnit[] = [];
  readonly #kept: AsyncDisposableStack;

  private constructor(folder: string, pairs: [string, string][], kept: AsyncDisposableStack) {
    this.folder = folder;
    this.socket = join(folder, 'run/anyseat/hub.sock');
    this.env = environmentIn(folder);
    this.#pairs = pairs;
    this.#kept = kept;
  }

  static async open(lab: OpenstackLab): Promise<DeploymentPlace> {
    await using opening = new AsyncDisposableStack();
    const folder = opening.use(temporaryFolder('deployment')).path;
    const slapd = opening.use(await startSlapd());
    for (const name of ['bin', 'work', 'etc/anyseat', 'etc/anyseat-agent'])
      mkdirSync(join(folder, name), { recursive: true });
    symlinkSync(join(root, 'installer/hub/anyseat'), join(folder, 'bin/anyseat'));
    await bringAlong(join(folder, 'work'), lab, slapd);
    const env = environmentIn(folder);
    await emptied(env);
    opening.defer(() => emptied(env));
    return new DeploymentPlace(folder, await otherwiseHere(folder, lab, slapd), opening.move());
  }

  /** The README's text with the names, addresses and folders that it has here. */
  ours(text: string): string {
    return replaced(text, this.#pairs);
  }

  /** From now on the first is called the second. */
  call(name: string, here: string): void {
    this.#pairs.push([name, here]);
  }

  /** A block's lines as one script that ends at the first command that fails; what it said. */
  async follow(block: Block): Promise<string> {
    const text = this.ours(block.text);
    try {
      const options = { cwd: join(this.folder, 'work'), env: this.env, timeout: 120_000 };
      return (await run('bash', ['-euo', 'pipefail', '-c', text], options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      const logs = this.#units.map((unit) => `\n${unit.output.split('\n').slice(-15).join('\n')}`);
      const words = `${README}:${block.line} failed:\n${text}\n${stdout}${stderr}${logs.join('')}`;
      throw new Error(words, { cause: error });
    }
  }

  /** A block that is a file, at the place that its first line names. */
  write(block: Block): void {
    const file = this.ours(block.says.split(' ')[0]!);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.ours(block.text));
  }

  /** Runs installer's unit of this path; with another command, where its own wants a console. */
  start(path: string, more?: { command?: string[]; env?: NodeJS.ProcessEnv }): void {
    const name = path.split('/').at(-1)!.replace('.service', '');
    const unit = readUnit(name, this.ours(readFileSync(join(root, 'installer', path), 'utf8')));
    this.#units.push(this.#kept.use(new RunningUnit(unit, this.folder, more)));
  }

  /** What the hub says of one kind. @throws while it does not answer */
  async get<K extends ViewKind>(kind: K): Promise<ViewOf[K][]> {
    return JSON.parse(await this.#ask('GET', `/get/${kind}`)) as ViewOf[K][];
  }

  async post(path: string, body: unknown): Promise<void> {
    await this.#ask('POST', path, body);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept.disposeAsync();
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> {
    const { status, text } = await overSocket(this.socket, method, API_PREFIX + path, body);
    if (status >= 400) throw new Error(text);
    return text;
  }
}

const environmentIn = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  ANYSEAT_SOCKET: join(folder, 'run/anyseat/hub.sock'),
  OS_CLIENT_CONFIG_FILE: join(folder, 'work/admin-clouds.yaml'),
});

async function otherwiseHere(folder: string, lab: OpenstackLab, slapd: Slapd): Promise<[string, string][]> {
  const [port, watch] = [await freePort(), await freePort()];
  const folders = ['/etc/anyseat', '/var/lib/anyseat', '/run/anyseat', '/run/credentials'];
  return [
    ...folders.map((path): [string, string] => [path, join(folder, path)]),
    ['/opt/anyseat', clone],
    // What a package has there, a clone has here.
    ['/usr/lib/anyseat-agent', join(clone, 'installer/agent')],
    ['https://keystone.example.com:5000/v3', lab.credentials('lab').authUrl],
    // By address: libldap takes the machine's own name for localhost, and the certificate has another.
    ['ldaps://ldap1.example.com', slapd.tlsUrl.replace('localhost', '127.0.0.1')],
    ['hub.example.com:8443', `localhost:${port}`],
    ['port: 8443', `port: ${port}`],
    ["host: '::'", 'host: 127.0.0.1'],
    ['127.0.0.1:9640', `127.0.0.1:${watch}`],
    ['port: 9640', `port: ${watch}`],
  ];
}

/** What an operator has: admin credentials, an image, the directory's authority and its administrator's password. */
async function bringAlong(work: string, lab: OpenstackLab, slapd: Slapd): Promise<void> {
  const { clouds } = JSON.parse(readFileSync(lab.cloudsFile, 'utf8')) as { clouds: Record<string, unknown> };
  writeFileSync(join(work, 'admin-clouds.yaml'), stringify({ clouds: { admin: clouds['lab-elsewhere'] } }));
  writeFileSync(join(work, 'office-1.qcow2'), Buffer.alloc(65_536));
  writeFileSync(join(work, 'admin-password'), 'admin', { mode: 0o600 });
  cpSync(slapd.caFile, join(work, 'directory-ca.pem'));
  // The lab's directory has the account already, and the README makes it.
  const admin = ['-H', slapd.url, '-D', 'cn=admin,dc=call,dc=example', '-w', 'admin'];
  await run('ldapdelete', [...admin, slapd.serviceDn]);
}

/** Takes away what the README makes in the cloud, and what an earlier run may have left there. */
async function emptied(env: NodeJS.ProcessEnv): Promise<void> {
  const things =
    'user:anyseat user:anyseat-eyes image:office-1 flavor:desk.office project:callcentre role:anyseat_eyes';
  const script = `
    export OS_CLOUD=admin
    if openstack project show callcentre > /dev/null 2>&1; then
      openstack server list --all-projects --project callcentre -f value -c ID | xargs -r openstack server delete --wait
      openstack network list --name office -f value -c ID | xargs -r openstack network delete
    fi
    for thing in ${things}; do echo "\${thing%%:*} delete \${thing#*:}"; done | openstack`;
  await run('bash', ['-c', script], { env });
}
