import { subscribe } from 'node:diagnostics_channel';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { openSession, type CloudCredentials } from '@anyseat/openstack';
import { poolSpec } from '@anyseat/protocol';
import { silentLog, systemClock } from '@anyseat/base';
import type { Cloud } from '../../../hub/src/cloud/cloud.ts';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { theHub } from '../../../hub/src/domain/audit.ts';
import { installationTag, serverNameOf } from '../../../hub/src/domain/naming.ts';
import { BootBudget } from '../../../hub/src/reconcile/bootBudget.ts';
import { Hosts } from '../../../hub/src/reconcile/hosts.ts';
import { Pools } from '../../../hub/src/reconcile/pools.ts';
import { Problems } from '../../../hub/src/reconcile/problems.ts';
import { Snapshots } from '../../../hub/src/reconcile/snapshots.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import type { Store } from '../../../hub/src/store/store.ts';
import { readFrom } from '../../contracts/cloud/minicloudBench.ts';
import { answerParent } from './childProgram.ts';

/** What one pass, or one bare listing, cost this process. */
export interface Cost {
  wallMs: number;
  cpuMs: number;
  calls: number;
  residentMb: number;
}

const PAGE = 500;
/** A cloud makes so many of one order at once. */
const ORDER = 1000;

/** The hub's pools in a process of their own: its store, its cloud driver, its reconciler, and nothing that people use. */
let pools: readonly string[];
let store: Store;
let cloud: Cloud;
let member: ReturnType<typeof openSession>;
let listing: { url: string; token: string };
let calls = 0;
subscribe('undici:request:create', () => void calls++);

answerParent({
  start: async ({ folder, cloudsYaml, count }: { folder: string; cloudsYaml: string; count: number }) => {
    store = await openSqlite({ file: join(folder, 'hub.db'), clock: systemClock });
    const credentials = readFrom(cloudsYaml)('minicloud-app');
    const spice = { tls: 'never', ca: undefined, hostSubject: undefined, password: undefined } as const;
    const opened = { name: 'default', spice, clock: systemClock, log: silentLog };
    const admin = readFrom(cloudsYaml)('minicloud-admin');
    cloud = await openCloud({ ...opened, member: credentials, admin });
    member = openSession({ credentials, clock: systemClock });
    pools = Array.from({ length: count }, (_, i) => `pool-${i + 1}`);
    await store.applyResources(
      pools.map((name) => ({ kind: 'pools', name, was: 0, spec: poolOf(name) })),
      theHub,
    );
    listing = {
      url: (await member.compute.address()).href.replace(/\/$/, ''),
      token: await freshToken(credentials),
    };
  },
  /** So many ready desktops more, each with its server, dealt out to the pools. */
  add: async (more: number) => {
    const known = new Set((await store.desktops()).map((d) => d.serverId));
    for (let left = more; left > 0; left -= ORDER) await orderServers(Math.min(left, ORDER));
    const fresh = await runningBeside(known, more);
    for (const [i, name] of pools.entries())
      await makeReady(
        name,
        fresh.filter((_, n) => n % pools.length === i),
      );
  },
  pass: (removals: number): Promise<Cost> => pass(removals),
  bareListing: (): Promise<Cost> => costOf(bareListing),
});

/** Surplus is given time, so none goes within a pass; nothing is wanted. */
const poolOf = (name: string) =>
  poolSpec.parse({
    title: name,
    image: 'desk-image',
    flavor: 'desk.small',
    networks: 'none',
    floor: 0,
    ceiling: 100_000,
  });

async function orderServers(count: number): Promise<void> {
  const [image, flavors] = await Promise.all([
    cloud.image('desk-image'),
    member.compute.call({ method: 'GET', path: '/flavors', what: 'list the flavors' }),
  ]);
  const { flavors: all } = flavors.body as { flavors: { id: string; name: string }[] };
  const server = {
    name: 'desk',
    imageRef: image,
    flavorRef: all.find(({ name }) => name === 'desk.small')!.id,
    networks: 'none',
    tags: ['anyseat', tag()],
    metadata: { 'anyseat.installation': store.installation.id, 'anyseat.pool': 'pool-1' },
    min_count: count,
  };
  const version = { want: '2.90' } as const;
  const what = 'order many servers';
  await member.compute.call({ method: 'POST', path: '/servers', body: { server }, what, version });
}

const tag = () => installationTag(store.installation.id);

async function runningBeside(known: ReadonlySet<string | undefined>, count: number) {
  for (;;) {
    const { servers } = await cloud.list(tag());
    const fresh = servers.filter(({ id, state }) => state === 'running' && !known.has(id));
    if (fresh.length === count) return fresh;
    await systemClock.sleep(100);
  }
}

async function makeReady(name: string, servers: readonly { id: string; host: string | undefined }[]) {
  const made = await store.wantDesktops({ name, cloud: 'default', revision: 1 }, servers.length);
  await Promise.all(
    made.map(async (desktop, i) => {
      const { id: serverId, host } = servers[i]!;
      const record = (event: Parameters<Store['recordDesktop']>[1]) =>
        store.recordDesktop(desktop.id, event, theHub);
      await record({ kind: 'ask', serverName: serverNameOf(desktop) });
      await record({ kind: 'made', serverId });
      await record({ kind: 'running', host });
      const at = `10.1.${desktop.number >> 8}.${desktop.number & 255}`;
      await record({ kind: 'proved', endpoint: { host: at, port: 5900, resolvedAt: systemClock.now() } });
    }),
  );
}

/** From the first thought to the last answer: every pool has been looked at, and what was to be removed is asked for. */
async function pass(removals: number): Promise<Cost> {
  const rows = await store.desktops();
  // Those of the pass before are gone: asking for them again is another pass's business.
  for (const { id, state } of rows)
    if (state === 'retiring') await store.recordDesktop(id, { kind: 'gone' }, theHub);
  const ready = rows.filter(({ state }) => state === 'ready');
  const step = Math.floor(ready.length / removals);
  const going = new Set<string>();
  for (let i = 0; i < removals; i++) {
    const { id, serverId } = ready[i * step]!;
    await store.recordDesktop(id, { kind: 'retire' }, theHub);
    going.add(serverId!);
  }
  const catalogue = await store.catalogue();
  const stop = new AbortController();
  const looked = new Set<string>();
  const over = Promise.withResolvers<void>();
  const check = () => looked.size === pools.length && going.size === 0 && over.resolve();
  const deps = { clock: systemClock, log: silentLog };
  const remove: Cloud['remove'] = async (id, signal) => {
    await cloud.remove(id, signal);
    going.delete(id);
    check();
  };
  const cost = await costOf(async () => {
    await using under = new Pools({
      ...deps,
      store,
      clouds: new Map([['default', withRemove(cloud, remove)]]),
      snapshots: new Snapshots(systemClock, tag(), stop.signal),
      catalogue: () => catalogue,
      budget: new BootBudget({ most: 50, perHost: { start: 4, most: 10 } }, systemClock),
      hosts: new Hosts(systemClock, silentLog, stop.signal),
      problems: new Problems(systemClock),
      waitingFor: (pool) => {
        looked.add(pool);
        check();
        return 0;
      },
      onReady: () => undefined,
    });
    await under.start();
    await over.promise;
  });
  stop.abort(new Error('the pass is over'));
  return cost;
}

/** The same cloud, whose removals are counted. */
const withRemove = (real: Cloud, remove: Cloud['remove']): Cloud =>
  new Proxy(real, {
    get: (target, name) => {
      if (name === 'remove') return remove;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const before = { calls, cpu: process.cpuUsage(), at: performance.now() };
  await work();
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    wallMs: performance.now() - before.at,
    cpuMs: (user + system) / 1000,
    calls: calls - before.calls,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

/** What no reconciler can do without: every page of the listing, parsed. */
async function bareListing(): Promise<void> {
  let marker: string | undefined;
  do {
    const query = new URLSearchParams({ tags: tag(), limit: String(PAGE), ...(marker && { marker }) });
    const { text } = await ask('GET', `${listing.url}/servers/detail?${query.toString()}`, {
      'x-auth-token': listing.token,
      'openstack-api-version': 'compute 2.90',
    });
    calls++;
    const { servers } = JSON.parse(text) as { servers: { id: string }[] };
    marker = servers.length < PAGE ? undefined : servers.at(-1)!.id;
  } while (marker !== undefined);
}

async function freshToken({ authUrl, auth }: CloudCredentials): Promise<string> {
  if (auth.kind !== 'applicationCredential') throw new Error('an application credential is expected');
  const secret = { ...auth.credential, secret: auth.secret() };
  const identity = { methods: ['application_credential'], application_credential: secret };
  const url = `${authUrl.replace(/\/v3\/?$/, '')}/v3/auth/tokens`;
  const json = { 'content-type': 'application/json' };
  const { headers } = await ask('POST', url, json, JSON.stringify({ auth: { identity } }));
  return String(headers['x-subject-token']);
}

const kept = new Agent({ keepAlive: true });

function ask(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: kept }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode! >= 300) reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
        else resolve({ headers: answer.headers, text });
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}
