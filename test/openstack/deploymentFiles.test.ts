import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { root } from '../../installer/src/commands.ts';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { temporaryFolder } from '../e2e/parts/smallSite.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { sambaMissing, startSamba } from '../lab/samba.ts';
import { blocks, clone } from './deploymentPlace.ts';
import { replaced } from './runbook.ts';

/** What of installer/README.md and its units can be looked at without following all of it. */
const run = promisify(execFile);
const UNITS = [
  'hub/anyseat-hub.service',
  'hub/anyseat-backup.service',
  'hub/anyseat-backup.timer',
  'agent/anyseat-agent.service',
];

test('every block of commands says whether it was tried, and where it belongs', () => {
  const shell = blocks.filter(({ language }) => language === 'sh' || language === 'powershell');
  expect(shell.length).toBeGreaterThan(15);
  const said = /^(tried|tried on Samba|by hand): /;
  expect(shell.filter(({ says }) => !said.test(says)).map(({ line }) => line)).toEqual([]);
});

test('an account of Active Directory finds people as the README says, and a hub with its settings knows their groups', async (ctx) => {
  const cannot = theLab() ? await sambaMissing() : NO_LAB;
  if (cannot !== undefined) ctx.skip(cannot);
  await using opening = new AsyncDisposableStack();
  const samba = opening.use(await startSamba());
  const folder = opening.use(temporaryFolder('samba')).path;
  cpSync(samba.caFile, join(folder, 'directory-ca.pem'));
  // ldapsearch takes the whole file for the password, the end of its line too.
  writeFileSync(join(folder, 'directory-password'), readFileSync(samba.passwordFile, 'utf8').trim());
  const pairs: [string, string][] = [
    [', ldaps://dc2.call.example', ''],
    ['ldaps://dc1.call.example', samba.tlsUrl],
    ['/etc/anyseat/directory-ca.pem', samba.caFile],
    ['/run/credentials/anyseat-hub.service/directory-password', samba.passwordFile],
  ];
  const commands = blocks.find((block) => block.says.startsWith('tried on Samba'))!;
  // Its certificate has its name, and we come by an address.
  const env = { ...process.env, LDAPTLS_REQCERT: 'allow' };
  const script = replaced(commands.text, pairs);
  await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env });
  const settings = blocks.find((block) => block.says.startsWith('in hub.yaml'))!;
  const { directories } = parse(replaced(settings.text, pairs)) as { directories: object[] };
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      directories: directories.map((one) => ({ ...one, serverName: samba.serverName })),
    }),
  );
  const sites = { nt: { title: 'N', timeZone: 'Asia/Shanghai' } };
  await hub.apply({ sites, seats: { s1: { site: 'nt', label: '1' } } });
  const { stdout } = await run(join(root, 'installer/hub/anyseat'), ['explain', 'anna', '--seat', 's1'], {
    env: { ...process.env, ANYSEAT_SOCKET: hub.socket },
  });
  expect(stdout).toContain('night-shift');
});

test('systemd finds nothing wrong with the units, and little that the hub may do', async (ctx) => {
  if (!existsSync('/usr/bin/systemd-analyze')) ctx.skip('systemd-analyze is not installed');
  using folder = temporaryFolder('units');
  // Programs that are not on this machine are no fault of the units.
  const here: [string, string][] = [
    ['/opt/anyseat', clone],
    ['/usr/lib/anyseat-agent', join(clone, 'installer/agent')],
    ['/usr/bin/xinit', '/bin/true'],
  ];
  const files = UNITS.map((unit) => {
    const file = join(folder.path, unit.split('/')[1]!);
    writeFileSync(file, replaced(readFileSync(join(root, 'installer', unit), 'utf8'), here));
    return file;
  });
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files]);
  expect(stdout + stderr).toBe('');
  // In tenths, of a hundred that a unit without any of this has.
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', files[0]!]);
});

test('the README’s settings of Nova are settings of Nova', async (ctx) => {
  if (!theLab()) ctx.skip(NO_LAB);
  const { text } = blocks.find(({ language }) => language === 'ini')!;
  const program = [
    'import configparser, sys, nova.conf',
    'wanted = configparser.ConfigParser(); wanted.read_string(sys.argv[1])',
    'known = nova.conf.CONF',
    'for key in wanted.defaults(): assert key in known, key',
    'for group in wanted.sections():',
    '    for key in wanted._sections[group]: assert key in known[group], (group, key)',
    'print(*wanted.sections())',
  ];
  const { stdout } = await run('/usr/bin/python3', ['-c', program.join('\n'), text]);
  expect(stdout).toBe('vnc spice\n');
});

test('the README’s policy is the one that the lab has', () => {
  const block = blocks.find(({ says }) => says.startsWith('/etc/nova/policy.yaml'))!;
  const wanted = parse(block.text) as Record<string, string>;
  const policy = readFileSync(join(root, 'test/lab/openstack/etc/nova-policy.yaml'), 'utf8');
  expect(parse(policy.replaceAll(' or role:vdi_broker', ''))).toEqual(wanted);
});
