import { join } from 'node:path';
import { stringify } from 'yaml';
import { silentLog, type Clock, type Log } from '@anyseat/base';
import type { Minicloud } from '@anyseat/minicloud';
import { API_PREFIX, resourceFile, type ViewKind, type ViewOf } from '@anyseat/protocol';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { hubSettings } from '../../../hub/src/config.ts';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import { theHub } from '../../../hub/src/domain/audit.ts';
import type { ResourceChange } from '../../../hub/src/domain/catalogue.ts';
import { openHub, type Hub } from '../../../hub/src/hub.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { stageRestore } from '../../../hub/src/store/sqlite/stageRestore.ts';
import type { Store } from '../../../hub/src/store/store.ts';
import { tokenHash } from '../../../hub/src/tc/enrolment.ts';
import { readFrom } from '../../contracts/cloud/minicloudBench.ts';
import { overSocket } from '../../e2e/parts/hubProcess.ts';
import { SeatClient } from '../../e2e/parts/seatClient.ts';
import { waitFor } from '../../e2e/parts/waitFor.ts';
import { quickClock } from './quickClock.ts';
import { tapped, type Operation, type Tap } from './tapped.ts';

const DIRECTORY = ['authenticate', 'find'] as const;
const CLOUD = [
  'list',
  'server',
  'withTag',
  'create',
  'remove',
  'start',
  'endpoint',
  'rebuild',
  'rebuilt',
  'enableHost',
] as const;
/** Units of work that write: what can fail to be committed. */
const STORE = [
  'applyResources',
  'meetTc',
  'wantDesktops',
  'recordDesktop',
  'adoptDesktop',
  'openSession',
  'claimFor',
  'renewGrant',
  'recordViewer',
  'endSession',
  'swapDesktop',
  'drainHost',
  'drainIsTold',
  'endDrain',
  'addAudit',
] as const;

export interface InsideOptions {
  folder: string;
  cloud: Minicloud;
  directories: readonly Directory[];
  /** As a file of resources; applied to a new store only. */
  resources: unknown;
  /** How many times as fast the hub's time goes. */
  times?: number;
  log?: Log;
  mostPages?: number;
  clock?: Clock;
  /** Of hub.yaml, beside what a test needs. */
  settings?: Record<string, unknown>;
}

let tokens = 0;
let sockets = 0;

/**
 * A whole hub in this process, on a real store and a minicloud, with a tap on everything that it asks of its adapters.
 * The same folder again is the same installation.
 */
export class InsideHub implements AsyncDisposable {
  readonly store: Store;
  readonly clock: Clock;
  readonly socket: string;
  readonly #hub: Hub;
  readonly #stack: AsyncDisposable;
  /** Hears of every operation while it is set. */
  tap: Tap | undefined;

  private constructor(parts: {
    store: Store;
    clock: Clock;
    hub: Hub;
    stack: AsyncDisposable;
    socket: string;
    taps: { tap: Tap };
  }) {
    this.store = parts.store;
    this.clock = parts.clock;
    this.socket = parts.socket;
    this.#hub = parts.hub;
    this.#stack = parts.stack;
    parts.taps.tap = (operation) => this.tap?.(operation);
  }

  static async open(options: InsideOptions): Promise<InsideHub> {
    const { folder, cloud, log = silentLog, clock = quickClock(options.times ?? 10) } = options;
    await using opening = new AsyncDisposableStack();
    const taps: { tap: Tap } = { tap: () => undefined };
    const tap = (operation: Operation) => taps.tap(operation);
    const file = join(folder, 'hub.db');
    const { mostPages } = options;
    const store = opening.use(
      await openSqlite({ file, clock, ...(mostPages === undefined ? {} : { mostPages }) }),
    );
    if ((await store.catalogue()).sites.size === 0) await applyTo(store, options.resources);
    const credentials = readFrom(cloud.cloudsYaml());
    const spice = { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined } as const;
    const real = opening.use(
      await openCloud({
        name: 'default',
        member: credentials('minicloud-app'),
        admin: credentials('minicloud-admin'),
        spice,
        clock,
        log,
      }),
    );
    // One that was left for dead may hold its own a moment longer.
    const socket = join(folder, `hub-${++sockets}.sock`);
    const hub = opening.use(
      await openHub(
        hubSettings.parse({
          stateDir: folder,
          listen: { host: '127.0.0.1', port: 0, tls: 'off' },
          operator: { socket, watch: { port: 0 }, console: 'off' },
          ...options.settings,
        }),
        {
          store: tapped(store, 'store', STORE, tap),
          clouds: new Map([['default', tapped(real, 'cloud', CLOUD, tap)]]),
          directories: options.directories.map((d) => tapped(d, 'directory', DIRECTORY, tap)),
          stageRestore: (backup) => stageRestore(backup, file),
        },
        { clock, log },
      ),
    );
    return new InsideHub({ store, clock, hub, stack: opening.move(), socket, taps });
  }

  get url(): string {
    return this.#hub.url;
  }

  /** A thin client that is enrolled already. */
  async back(key: SeatClient['key']): Promise<SeatClient> {
    const client = await SeatClient.connect(this.url, { key });
    await client.welcome();
    return client;
  }

  /** A new thin client at this seat, with this key if one is given. */
  async seat(name: string, key?: SeatClient['key']): Promise<SeatClient> {
    const token = `token-${++tokens}-of-a-test`;
    const expiresAt = this.clock.now() + 3_600_000;
    await this.store.addToken({ hash: tokenHash(token), seat: name, expiresAt }, theHub);
    const client = await SeatClient.connect(this.url, { token, ...(key ? { key } : {}) });
    await client.welcome();
    return client;
  }

  /** Waits until so many desktops are ready, in all pools. */
  ready(count: number): Promise<true> {
    return waitFor(
      `${count} ready desktops`,
      async () => (await this.store.desktops()).filter((d) => d.state === 'ready').length >= count,
    );
  }

  /** What an operator asks on the hub's socket. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { status, text } = await overSocket(this.socket, method, API_PREFIX + path, body);
    const answer = JSON.parse(text) as T & { error?: { code: string; message: string } };
    if (status >= 400) throw new Error(`${answer.error?.code}: ${answer.error?.message}`);
    return answer;
  }

  get<K extends ViewKind>(kind: K): Promise<ViewOf[K][]> {
    return this.ask('GET', `/get/${kind}`);
  }

  apply(resources: unknown, more: Record<string, unknown> = {}): Promise<unknown> {
    return this.ask('POST', '/apply', { text: stringify(resources), file: 'test.yaml', ...more });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#stack[Symbol.asyncDispose]());
  }
}

async function applyTo(store: Store, resources: unknown): Promise<void> {
  const file = resourceFile.parse(resources);
  const changes = Object.entries(file).flatMap(([kind, specs]) =>
    Object.entries(specs).map(([name, spec]) => ({ kind, name, was: 0, spec }) as ResourceChange),
  );
  await store.applyResources(changes, theHub);
}
