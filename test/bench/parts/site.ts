import { hash } from 'node:crypto';
import { join } from 'node:path';
import { silentLog, systemClock } from '@anyseat/base';
import { allocatorSpec, fingerprintOf, poolSpec, type PoolSpec } from '@anyseat/protocol';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { theHub } from '../../../hub/src/domain/audit.ts';
import type { ResourceChange } from '../../../hub/src/domain/catalogue.ts';
import type { Desktop } from '../../../hub/src/domain/desktop.ts';
import { desktopTag, installationTag, metadataKeys, serverNameOf } from '../../../hub/src/domain/naming.ts';
import type { Tc } from '../../../hub/src/domain/tc.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import type { Opening, Store } from '../../../hub/src/store/store.ts';
import { readFrom } from '../../contracts/cloud/minicloudBench.ts';
import type { ChildProgram } from './childProgram.ts';
import type { Screen } from './cloudProgram.ts';

/** Six call centres with a pool each, as in life. */
export const SITES = 6;
const DEPARTMENTS = 14;
const ORDERS_AT_ONCE = 64;

export const siteOf = (number: number): string => `site-${(number % SITES) + 1}`;
export const seatOf = (number: number): string => `seat-${String(number).padStart(5, '0')}`;

/** The store of a hub that is not running, in its folder. */
export const openStore = (folder: string): Promise<Store> =>
  openSqlite({ file: join(folder, 'state', 'hub.db'), clock: systemClock });

/**
 * Sites, a seat for each thin client, a pool a site that is exactly full, and so many allocators to walk through (twenty):
 * one for each site, the others for departments that nobody is in, asked before. Fewer than sites: one for everybody.
 */
export async function addResources(
  store: Store,
  counts: { seats: number; desktops: number; allocators?: number },
): Promise<void> {
  const allocators = counts.allocators ?? SITES + DEPARTMENTS;
  const perPool = Math.ceil(counts.desktops / SITES);
  const changes: ResourceChange[] = [];
  for (let i = 0; i < SITES; i++) {
    const name = siteOf(i);
    const title = `Site ${i + 1}`;
    changes.push({ kind: 'sites', name, was: 0, spec: { title, timeZone: 'Asia/Shanghai', tags: {} } });
    changes.push({ kind: 'pools', name, was: 0, spec: poolOf(title, perPool) });
    if (allocators < SITES) continue;
    const match = { sites: [name] };
    changes.push({
      kind: 'allocators',
      name,
      was: 0,
      spec: allocatorSpec.parse({ title, match, pools: [name] }),
    });
  }
  if (allocators < SITES) {
    const pools = Array.from({ length: SITES }, (_, i) => siteOf(i));
    const spec = allocatorSpec.parse({ title: 'Everybody', default: true, pools });
    changes.push({ kind: 'allocators', name: 'everybody', was: 0, spec });
  }
  for (let i = 0; i < allocators - SITES; i++) {
    const match = { groups: [`cn=department-${i},ou=groups,dc=call,dc=example`], sites: [siteOf(i)] };
    const spec = allocatorSpec.parse({
      title: `Department ${i}`,
      priority: 10 + i,
      match,
      pools: [siteOf(i)],
    });
    changes.push({ kind: 'allocators', name: `department-${i}`, was: 0, spec });
  }
  for (let i = 0; i < counts.seats; i++) {
    const spec = { site: siteOf(i), label: `Seat ${i}`, tags: { row: String(i % 40) } };
    changes.push({ kind: 'seats', name: seatOf(i), was: 0, spec });
  }
  await store.applyResources(changes, theHub);
}

/** As many as there are and never more: with nothing to make or to clear away, nothing but logins is measured. */
const poolOf = (title: string, desktops: number): PoolSpec =>
  poolSpec.parse({
    title,
    image: 'desk-image',
    flavor: 'desk.small',
    networks: 'none',
    floor: desktops,
    ceiling: Math.max(1, desktops),
  });

/** Thin clients with these keys, enrolled, each at the seat of its number. */
export async function addThinClients(store: Store, publicKeys: readonly string[]): Promise<Tc[]> {
  return Promise.all(
    publicKeys.map(async (publicKey, i) => {
      const fingerprint = fingerprintOf(hash('sha256', Buffer.from(publicKey, 'base64'), 'buffer'));
      const met = {
        fingerprint,
        publicKey,
        hostName: 'bench',
        model: undefined,
        macs: [],
        agentVersion: 'bench',
      };
      await store.meetTc({ ...met, address: '127.0.0.1' }, undefined, Infinity);
      return store.approveTc(fingerprint, seatOf(i), theHub);
    }),
  );
}

/** Ready desktops without servers behind them: for what only looks at the store. */
export async function addDesktops(store: Store, count: number): Promise<Desktop[]> {
  const made = await wantDesktops(store, count);
  return makeReady(store, made, (desktop) => ({
    serverId: `00000000-0000-4000-8000-${String(desktop.number).padStart(12, '0')}`,
    host: `10.1.${desktop.number >> 8}.${desktop.number & 255}`,
    port: 5900,
  }));
}

/** Ready desktops, each with a server of its own in the cloud that proves its identity. */
export async function addServedDesktops(
  store: Store,
  count: number,
  cloud: { program: ChildProgram; cloudsYaml: string },
): Promise<Desktop[]> {
  const made = await wantDesktops(store, count);
  const serverIds = await orderServers(store, made, cloud.cloudsYaml);
  const screens = await screensOf(cloud.program, installationTag(store.installation.id), count);
  return makeReady(store, made, (desktop) => screens.get(serverIds.get(desktop.id)!)!);
}

async function wantDesktops(store: Store, count: number): Promise<Desktop[]> {
  const made: Desktop[] = [];
  for (let i = 0; i < SITES; i++) {
    const share = Math.floor((count - i - 1) / SITES) + 1;
    made.push(...(await store.wantDesktops({ name: siteOf(i), cloud: 'default', revision: 1 }, share)));
  }
  return made;
}

async function orderServers(
  store: Store,
  desktops: readonly Desktop[],
  cloudsYaml: string,
): Promise<Map<string, string>> {
  const credentials = readFrom(cloudsYaml);
  await using cloud = await openCloud({
    name: 'default',
    member: credentials('minicloud-app'),
    spice: { tls: 'never', ca: undefined, hostSubject: undefined, password: undefined },
    clock: systemClock,
    log: silentLog,
  });
  const installation = store.installation.id;
  const ids = new Map<string, string>();
  const left = [...desktops];
  const order = async () => {
    for (let desktop = left.pop(); desktop !== undefined; desktop = left.pop()) {
      const { id } = await cloud.create({
        name: serverNameOf(desktop),
        hostName: `seat-${desktop.number}`,
        spec: poolOf('Bench', 1),
        metadata: {
          [metadataKeys.installation]: installation,
          [metadataKeys.desktop]: desktop.id,
          [metadataKeys.pool]: desktop.pool,
          [metadataKeys.revision]: '1',
        },
        tags: [installationTag(installation), desktopTag(desktop.id)],
        userData: undefined,
      });
      ids.set(desktop.id, id);
    }
  };
  await Promise.all(Array.from({ length: ORDERS_AT_ONCE }, order));
  return ids;
}

async function screensOf(program: ChildProgram, tag: string, count: number): Promise<Map<string, Screen>> {
  const until = systemClock.monotonic() + 60_000;
  for (;;) {
    const screens = await program.ask<Screen[]>('screens', tag);
    if (screens.length === count) return new Map(screens.map((screen) => [screen.serverId, screen]));
    if (systemClock.monotonic() > until) throw new Error(`${screens.length} of ${count} servers run`);
    await systemClock.sleep(100);
  }
}

function makeReady(
  store: Store,
  desktops: readonly Desktop[],
  screenOf: (desktop: Desktop) => Screen,
): Promise<Desktop[]> {
  return Promise.all(
    desktops.map(async (desktop) => {
      const { serverId, host, port } = screenOf(desktop);
      const record = (event: Parameters<Store['recordDesktop']>[1]) =>
        store.recordDesktop(desktop.id, event, theHub);
      await record({ kind: 'ask', serverName: serverNameOf(desktop) });
      await record({ kind: 'made', serverId });
      await record({ kind: 'running', host: 'host-1' });
      const endpoint = { host, port, resolvedAt: systemClock.now() };
      return (await record({ kind: 'proved', endpoint }))!;
    }),
  );
}

/** What a person at the seat of this number asks for; each number another person. */
export function openingOf(number: number, tc: Tc): Opening {
  return {
    requestId: `request-${number}`,
    tc: tc.id,
    seat: tc.seat!,
    site: siteOf(number),
    person: `call:${hash('sha256', `person ${number}`).slice(0, 36)}`,
    user: `agent${number}`,
    displayName: `Agent ${number}`,
    allocator: siteOf(number),
    pools: [siteOf(number)],
    binding: 'none',
    secretHash: hash('sha256', `secret ${number}`),
    leftBehindUntil: systemClock.now() + 300_000,
    stages: { directory: 1 },
  };
}
