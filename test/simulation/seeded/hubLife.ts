import { EventEmitter } from 'node:events';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Log } from '@anyseat/base';
import type { CloudCredentials } from '@anyseat/openstack';
import { API_PREFIX } from '@anyseat/protocol';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { hubSettings } from '../../../hub/src/config.ts';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import { openHub, type Adapters, type Hub } from '../../../hub/src/hub.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { stageRestore } from '../../../hub/src/store/sqlite/stageRestore.ts';
import type { Store } from '../../../hub/src/store/store.ts';
import { standingLink } from './instead/spice.ts';
import { network, portOf, type Life, type OperatorRoute } from './network.ts';
import type { MachineClock } from './virtualTime.ts';

export interface LifeOptions {
  number: number;
  /** A folder of this life's own. */
  folder: string;
  clock: MachineClock;
  log: Log;
  directory: Directory;
  credentials: (name: string) => CloudCredentials;
  mostBoots: number;
}

/** A store that is not closed is a file and its write-ahead log; a restore waits beside them. */
const FILES = ['hub.db', 'hub.db-wal', 'hub.db.restore'];

function copyStore(from: string, to: string): void {
  for (const file of FILES) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
}

/** One process of the hub: everything that main.ts puts together, on a store in a folder of its own. */
export class HubLife implements Life {
  readonly number: number;
  readonly clock: MachineClock;
  readonly folder: string;
  alive = true;
  /** Serves; undefined while it opens. */
  hub: Hub | undefined;
  #eyes: Database.Database | undefined;
  readonly #questions = new Map<string, Database.Statement>();
  #store: Store | undefined;
  readonly #options: LifeOptions;
  readonly #stack = new AsyncDisposableStack();

  constructor(options: LifeOptions) {
    this.number = options.number;
    this.clock = options.clock;
    this.folder = options.folder;
    this.#options = options;
    network.lifeOf.set(options.clock, this);
    mkdirSync(options.folder, { recursive: true });
  }

  get file(): string {
    return join(this.folder, 'hub.db');
  }

  /** Takes over what another one left. */
  inherit(folder: string): void {
    copyStore(folder, this.folder);
  }

  /** Its store as it is on the disk at this very moment, in a folder of its own. */
  leave(): string {
    const left = `${this.folder}-left`;
    mkdirSync(left);
    copyStore(this.folder, left);
    return left;
  }

  async open(): Promise<void> {
    const { clock, log, directory, credentials, folder, mostBoots } = this.#options;
    this.#store = await openSqlite({ file: this.file, clock });
    if (!this.alive) return;
    this.#eyes = new Database(this.file, { readonly: true });
    const cloud = await network.openFor(this, () =>
      openCloud({
        name: 'default',
        member: credentials('minicloud-app'),
        admin: credentials('minicloud-admin'),
        spice: { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined },
        clock,
        log,
      }),
    );
    this.#stack.use(cloud);
    const settings = hubSettings.parse({
      stateDir: folder,
      listen: { host: '127.0.0.1', port: portOf(this), tls: 'off' },
      operator: { socket: this.#socket, watch: { port: 20_000 + this.number }, console: 'off' },
      boots: { most: mostBoots },
    });
    const hub = await openHub(
      settings,
      {
        store: this.#store,
        clouds: new Map([['default', cloud]]),
        directories: [directory],
        standingLink: standingLink as unknown as NonNullable<Adapters['standingLink']>,
        stageRestore: (backup) => stageRestore(backup, this.file),
      },
      { clock, log },
    );
    this.#stack.use(hub);
    this.hub = hub;
  }

  /** False before its store is open, and after. */
  get canBeSeen(): boolean {
    return this.#eyes !== undefined;
  }

  /** Another pair of eyes on the store: what is committed, and nothing else. */
  rows<T>(sql: string, ...values: string[]): T[] {
    if (!this.#eyes) return [];
    let question = this.#questions.get(sql);
    if (!question) {
      question = this.#eyes.prepare(sql);
      this.#questions.set(sql, question);
    }
    return question.all(...values) as T[];
  }

  /** Another number whenever something was committed. */
  get dataVersion(): unknown {
    return this.rows<{ data_version: number }>('PRAGMA data_version')[0]?.data_version;
  }

  /** SIGTERM: everything is closed in its order. */
  async stop(): Promise<void> {
    await this.#stack.disposeAsync();
    if (this.alive) await this.close();
  }

  /** SIGKILL, or the machine: from here on nothing that this process does reaches anything. */
  kill(loud: boolean): void {
    this.alive = false;
    this.clock.stopped = true;
    this.hub = undefined;
    network.doors.delete(portOf(this));
    network.died(this, loud);
  }

  /** What the process had open, once its last breath is drawn. */
  async close(): Promise<void> {
    this.alive = false;
    this.clock.stopped = true;
    this.hub = undefined;
    this.#questions.clear();
    this.#eyes?.close();
    this.#eyes = undefined;
    await this.#store?.[Symbol.asyncDispose]();
    this.#store = undefined;
  }

  get #socket(): string {
    return join(this.folder, `hub-${this.number}.sock`);
  }

  /** What an operator asks: `POST /tokens`. @throws the hub's fault */
  operate(method: string, path: string, body: unknown = {}): Promise<unknown> {
    const routes = network.operators.get(this.#socket) ?? [];
    for (const route of routes) {
      const params = route.method === method ? paramsOf(route, API_PREFIX + path) : undefined;
      if (params) return route.handler({ body, query: {}, params }, { raw: new EventEmitter() });
    }
    throw new Error(`the hub has no ${method} ${path}`);
  }

  verifyAudit() {
    return this.#store?.verifyAudit();
  }
}

function paramsOf({ url }: OperatorRoute, path: string): Record<string, string> | undefined {
  const [wanted, asked] = [url.split('/'), path.split('/')];
  if (wanted.length !== asked.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(asked[i]!);
    else if (part !== asked[i]) return undefined;
  }
  return params;
}
