import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, silentLog, systemClock, type Clock } from '@anyseat/base';
import { alertWords } from '@anyseat/words';
import { alertRules, isAtLeast, type Severity } from '../domain/alert/alertRules.ts';
import type { Evidence } from '../domain/alert/evidence.ts';
import { openSqlite } from '../store/sqlite/openSqlite.ts';
import type { Store } from '../store/store.ts';
import { AlertWatch } from './alertWatch.ts';
import type { Letter } from './channel.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyseat-watch-'));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;
const li = { kind: 'operator', name: 'li.na' } as const;

/** A watch over a real store, by a clock that stands until it is set. */
class World implements AsyncDisposable {
  ms = 1_000 * DAY;
  readonly clock: Clock = { ...systemClock, now: () => this.ms, monotonic: () => this.ms };
  readonly cried: Letter[] = [];
  seen: Partial<Evidence> = {};
  readonly store: Store;
  readonly file: string;
  #watch: AlertWatch;

  private constructor(store: Store, file: string) {
    this.store = store;
    this.file = file;
    this.#watch = this.#newWatch();
  }

  static async open(): Promise<World> {
    const file = join(folder, `${++stores}.db`);
    const ground: { world?: World } = {};
    const clock = { ...systemClock, now: () => ground.world?.ms ?? 1_000 * DAY };
    return (ground.world = new World(await openSqlite({ file, clock }), file));
  }

  /** The hub starts anew: what was in memory is gone. */
  restart(): void {
    this.#watch = this.#newWatch();
  }

  #newWatch(): AlertWatch {
    return new AlertWatch({
      store: this.store,
      gather: () => Promise.resolve({ ...well, now: this.ms, ...this.seen }),
      deliveries: {
        look: () => undefined,
        channelsFor: (severity) => (isAtLeast(severity, 'error') ? ['all', 'grave'] : ['all']),
        cryOut: (letter) => Promise.resolve(void this.cried.push(letter)),
      },
      channels: ['all', 'grave'],
      lines: { memory: 1.2, cpu: 2, quota: 0.9 },
      patience: 1,
      sender: { hub: 'hub', installation: 'ins_1' },
      clock: this.clock,
      log: silentLog,
    });
  }

  async pass(ms: number): Promise<void> {
    for (const until = this.ms + ms; this.ms < until;) {
      this.ms += 15 * SECOND;
      await this.#watch.look();
    }
  }

  async written(channel = 'all'): Promise<string[]> {
    const messages = await this.store.alertMessages(channel, 99);
    for (const message of messages) await this.store.messageArrived(message);
    return messages.map(({ alert, event }) => `${event} ${alert.code} ${alert.about}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

const well: Evidence = {
  now: 0,
  store: { ok: true, text: 'writing' },
  disk: undefined,
  certificates: [],
  directories: [],
  guessed: [],
  clouds: [],
  pools: [],
  problems: [],
  seats: [],
  tcs: [],
  titleOf: (site) => site,
  channels: [],
};
const adDown: Partial<Evidence> = { directories: [{ name: 'ad', ok: false, text: 'ad: refused' }] };

test('every alert has its sentences, and every sentence its alert', () => {
  const codes: readonly string[] = [...Object.keys(alertRules), 'test'];
  expect(Object.keys(alertWords).sort()).toEqual([...codes].sort());
});

test('what lasts opens one alert, also over a restart, and is over once', async () => {
  await using world = await World.open();
  world.seen = adDown;
  await world.pass(15 * SECOND);
  expect(await world.written()).toEqual([]);
  await world.pass(MINUTE);
  expect(await world.written()).toEqual(['opened directory-down directory/ad']);
  world.restart();
  await world.pass(5 * MINUTE);
  expect(await world.written()).toEqual([]);
  world.seen = {};
  world.restart();
  await world.pass(MINUTE);
  expect(await world.written()).toEqual([]);
  await world.pass(3 * MINUTE);
  expect([await world.written(), await world.written('grave'), await world.store.alerts()]).toEqual([
    ['resolved directory-down directory/ad'],
    ['opened directory-down directory/ad'],
    [],
  ]);
  expect(await world.written('grave')).toEqual(['resolved directory-down directory/ad']);
});

test('a channel hears what is as grave as it wants', async () => {
  await using world = await World.open();
  world.seen = { guessed: ['nt'] satisfies string[] };
  await world.pass(MINUTE);
  const told: Record<Severity, string[]> = {
    info: [],
    warning: await world.written(),
    error: await world.written('grave'),
  };
  expect(told).toEqual({ info: [], warning: ['opened password-guessing site/nt'], error: [] });
});

test('what was silenced is told when its silence is over, if it is so still', async () => {
  await using world = await World.open();
  world.seen = adDown;
  await world.pass(MINUTE);
  await world.written();
  const [alert] = await world.store.alerts();
  await world.store.silenceAlert(alert!.id, { until: world.ms + HOUR, reason: 'moved' }, li);
  world.seen = {};
  await world.pass(5 * MINUTE);
  await world.written();
  world.seen = adDown;
  await world.pass(10 * MINUTE);
  expect([await world.written(), (await world.store.alerts())[0]?.told]).toEqual([[], false]);
  await world.pass(HOUR);
  expect(await world.written()).toEqual(['opened directory-down directory/ad']);
});

test('figures in the sentences of an alert are written anew once a minute at most', async () => {
  await using world = await World.open();
  const changes: unknown[] = [];
  const { store } = world;
  const change = store.changeAlert.bind(store);
  store.changeAlert = (id, fields) => {
    changes.push(fields['count']);
    return change(id, fields);
  };
  const pool = { name: 'p', cloud: 'c', closed: false, ceiling: 9, ready: 0, broken: 0, quarantined: 0 };
  for (let i = 1; i <= 16; i++) {
    world.seen = { pools: [{ ...pool, waiting: i, trouble: undefined }] };
    await world.pass(15 * SECOND);
  }
  expect(changes).toEqual([6, 10, 14]);
});

test('a store that cannot write is told past it, once, and that it writes again', async () => {
  await using world = await World.open();
  world.seen = { store: { ok: false, text: 'the disk of the store is full' } };
  await world.pass(5 * MINUTE);
  world.seen = {};
  await world.pass(MINUTE);
  expect(world.cried.map(({ event, said }) => [event, said.en.text])).toEqual([
    ['opened', 'The store cannot write: the disk of the store is full.'],
    ['resolved', 'The store cannot write: the disk of the store is full.'],
  ]);
  expect(new Set(world.cried.map(({ alert }) => alert)).size).toBe(1);
  expect(await world.store.alerts({ resolvedSince: 0 })).toEqual([]);
});
