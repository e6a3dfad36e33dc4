import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLog, systemClock } from '@anyseat/base';
import { afterEach, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { CAST } from '../../lab/callCentre.ts';
import { startDnsServer, type DnsServer, type Srv } from '../../lab/dnsServer.ts';
import { PEOPLE } from '../../lab/ldif.ts';
import { slapdMissing, startSlapd, type Slapd } from '../../lab/slapd.ts';

const ALL = '_ldap._tcp.dc._msdcs.call.example';
const NEAR = '_ldap._tcp.nantong._sites.dc._msdcs.call.example';
const SLACK_MS = 1900;
const never = new AbortController().signal;
const anna = CAST[0]!;
const needs = (ctx: TestContext) => ctx.skip(slapdMissing() !== undefined, slapdMissing());

describe('servers that DNS names', () => {
  let servers: [Slapd, Slapd];
  let dns: DnsServer;
  let lines: string[];
  let caFile: string;
  let open: AsyncDisposable[] = [];

  beforeEach(async () => {
    if (slapdMissing() !== undefined) return;
    lines = [];
    servers = [await startSlapd({ agents: 2 }), await startSlapd({ agents: 2 })];
    // Each has an authority of its own.
    caFile = join(servers[0].folder, 'all-ca.pem');
    writeFileSync(caFile, servers.map((one) => readFileSync(one.caFile, 'utf8')).join('\n'));
    dns = await startDnsServer({});
    open = [dns, ...servers];
  });
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
  });

  const srv = (slapd: Slapd, more: Partial<Srv> = {}): Srv => ({
    target: 'localhost',
    port: slapd.port,
    ...more,
  });

  function openDirectory(more: object = {}): LdapDirectory {
    const destination = { write: (line: string) => void lines.push(line) };
    const settings = ldapSettings.parse({
      type: 'ldap',
      name: 'call',
      domain: 'call.example',
      dnsServers: [dns.address],
      startTls: true,
      caFile,
      serverName: 'localhost',
      bindDn: servers[0].serviceDn,
      passwordFile: servers[0].passwordFile,
      userBase: PEOPLE,
      ...more,
    });
    const log = openLog({ name: 'test', level: 'trace', destination });
    const directory = new LdapDirectory(settings, { clock: systemClock, log });
    open.push(directory);
    return directory;
  }

  async function login(directory: LdapDirectory) {
    const started = systemClock.monotonic();
    const answer = await directory.authenticate(anna.user, anna.password, never).then(
      (one) => one.ok || one.reason,
      (error: Error) => error.message,
    );
    return { answer, ms: systemClock.monotonic() - started };
  }

  async function until(what: () => Promise<boolean>, withinMs: number): Promise<void> {
    const started = systemClock.monotonic();
    while (!(await what())) {
      if (systemClock.monotonic() - started > withinMs) throw new Error(`not so within ${withinMs} ms`);
      await systemClock.sleep(50);
    }
  }

  const answering = (directory: LdapDirectory) =>
    [...directory.health().text.matchAll(/localhost:(\d+)/g)].map((match) => Number(match[1]));

  test('are asked in the order of their site, then of their priority', async (ctx) => {
    needs(ctx);
    const [first, second] = servers;
    dns.records.set(ALL, [srv(first, { priority: 10 }), srv(second, { priority: 5 })]);
    const anywhere = openDirectory();
    expect([(await login(anywhere)).answer, answering(anywhere)]).toEqual([true, [second.port, first.port]]);
    dns.records.set(NEAR, [srv(first, { priority: 10 })]);
    const near = openDirectory({ site: 'Nantong' });
    expect([(await login(near)).answer, answering(near)]).toEqual([true, [first.port, second.port]]);
  });

  test('give way to the next when one is killed, and to those that DNS names by then', async (ctx) => {
    needs(ctx);
    const [first, second] = servers;
    dns.records.set(ALL, [srv(first)]);
    const followed = openDirectory();
    expect((await login(followed)).answer).toBe(true);
    await first.kill();
    const down = await login(followed);
    dns.records.set(ALL, [srv(second, { priority: 1 }), srv(first, { priority: 0 })]);
    await first.start();
    await until(async () => (await login(followed)).answer === true, 30_000);
    expect([down.answer, down.ms < 2000 + SLACK_MS]).toEqual([
      expect.stringContaining(`directory call cannot be asked: ldap://localhost:${first.port}`),
      true,
    ]);
  });

  test('that nobody names are told so within two seconds, whether DNS says so or nothing', async (ctx) => {
    needs(ctx);
    const directory = openDirectory();
    const nobody = await login(directory);
    dns.silent = true;
    const dumb = openDirectory();
    const silence = await login(dumb);
    expect([
      [nobody.answer, nobody.ms < SLACK_MS],
      [silence.answer, silence.ms < 2000 + SLACK_MS],
      dumb.health().ok,
    ]).toEqual([
      [expect.stringContaining('DNS names no domain controller'), true],
      [expect.stringContaining('DNS'), true],
      false,
    ]);
    dns.silent = false;
    dns.records.set(ALL, [srv(servers[0])]);
    await until(async () => (await login(directory)).answer === true, 30_000);
    await until(async () => (await login(dumb)).answer === true, 30_000);
    // From now on nobody depends on it.
    dns.silent = true;
    expect((await login(dumb)).answer).toBe(true);
  });
});
