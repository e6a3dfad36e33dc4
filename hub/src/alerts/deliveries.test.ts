import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DAY, Fault, silentLog, systemClock, type Clock } from '@anyseat/base';
import { openWebhook } from '../channels/webhook.ts';
import { openSqlite } from '../store/sqlite/openSqlite.ts';
import type { Store } from '../store/store.ts';
import type { Channel, Letter } from './channel.ts';
import { Deliveries } from './deliveries.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyseat-deliveries-'));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;

/** A day is a minute and a half; later by `aheadMs`. */
let aheadMs = 0;
const QUICK = 1000;
const START = systemClock.now();
const quick: Clock = {
  now: () => Math.round(START + systemClock.monotonic() * QUICK) + aheadMs,
  monotonic: () => systemClock.monotonic() * QUICK,
  sleep: (ms, signal) => systemClock.sleep(ms / QUICK, signal),
  after: (ms, fn) => systemClock.after(ms / QUICK, fn),
};
const sender = { hub: 'hub', installation: 'ins_1' };
const newStore = () => openSqlite({ file: join(folder, `${++stores}.db`), clock: quick });

const openOne = (store: Store, site: string, channels: readonly string[]) =>
  store.openAlert(
    { code: 'site-dark', about: `site/${site}`, within: [], severity: 'error', fields: { name: site } },
    channels,
  );

/** A channel that takes what `may` lets through, and keeps what it was sent. */
class Box implements Channel {
  readonly kind = 'webhook';
  readonly to = 'here';
  readonly name: string;
  readonly least: Channel['least'];
  readonly tried: string[] = [];
  readonly taken: Letter[] = [];
  may: (letter: Letter) => boolean = () => true;
  #waiting: (() => void)[] = [];

  constructor(name: string, least: Channel['least'] = 'warning') {
    this.name = name;
    this.least = least;
  }

  send(letter: Letter): Promise<void> {
    this.tried.push(letter.id);
    if (!this.may(letter)) return Promise.reject(new Fault('alert-not-sent', 'transient', 'away'));
    this.taken.push(letter);
    for (const go of this.#waiting.splice(0)) go();
    return Promise.resolve();
  }

  async until(count: number): Promise<void> {
    while (this.taken.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get said(): string[] {
    return this.taken.map(({ event, about }) => `${event} ${about}`);
  }
}

const opened = (store: Store, channels: readonly Channel[]) =>
  new Deliveries({ store, channels, sender, clock: quick, log: silentLog });

test('what is written is sent by each channel for itself, in order, and is gone from the store', async () => {
  await using store = await newStore();
  const [mail, ops] = [new Box('mail'), new Box('ops')];
  await using deliveries = opened(store, [mail, ops]);
  deliveries.start();
  mail.may = () => mail.tried.length > 3;
  const alert = (await openOne(store, 'a', ['mail', 'ops']))!;
  deliveries.look();
  await ops.until(1);
  await store.resolveAlert(alert.id, ['mail', 'ops']);
  deliveries.look();
  await Promise.all([ops.until(2), mail.until(2)]);
  expect([ops.said, mail.said]).toEqual([
    ['opened site/a', 'resolved site/a'],
    ['opened site/a', 'resolved site/a'],
  ]);
  expect(new Set(mail.tried)).toEqual(new Set([`${alert.id}.opened`, `${alert.id}.resolved`]));
  await deliveries[Symbol.asyncDispose]();
  expect([await store.alertMessages('mail', 9), await store.alertMessages('ops', 9)]).toEqual([[], []]);
});

test('a letter that nobody takes holds up no other', async () => {
  await using store = await newStore();
  const ops = new Box('ops');
  ops.may = ({ about }) => about !== 'site/bad';
  for (const site of ['bad', 'b', 'c', 'd']) await openOne(store, site, ['ops']);
  await using deliveries = opened(store, [ops]);
  deliveries.start();
  await ops.until(3);
  expect(ops.said.sort()).toEqual(['opened site/b', 'opened site/c', 'opened site/d']);
  expect(deliveries.channelsFor('info')).toEqual([]);
});

test('what fails is known by what it said, until something arrives again', async () => {
  await using store = await newStore();
  const ops = new Box('ops');
  let away = true;
  ops.may = () => !away;
  await openOne(store, 'a', ['ops']);
  await using deliveries = opened(store, [ops]);
  expect(deliveries.failing()).toEqual([]);
  deliveries.start();
  while (ops.tried.length < 3) await systemClock.sleep(1);
  expect(deliveries.failing()).toEqual([{ name: 'ops', text: 'away' }]);
  away = false;
  await ops.until(1);
  while (deliveries.failing().length > 0) await systemClock.sleep(1);
});

test('a hub that dies after it sent, and before it knew, sends it again under the same id', async () => {
  const file = join(folder, 'dies.db');
  const got: string[] = [];
  // It takes everything, and its first answer never comes.
  const server = createServer((request, response) => {
    got.push(String(request.headers['x-anyseat-id']));
    if (got.length > 1) response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const hook = openWebhook(
    'ops',
    { type: 'webhook', url, least: 'info' },
    { secret: undefined, ca: undefined, now: () => 0 },
  );
  const id = await (async () => {
    await using store = await openSqlite({ file, clock: quick });
    const alert = (await openOne(store, 'a', ['ops']))!;
    await using deliveries = opened(store, [hook]);
    deliveries.start();
    while (got.length < 1) await systemClock.sleep(1);
    return alert.id;
  })();
  await using store = await openSqlite({ file, clock: quick });
  expect(await openOne(store, 'a', ['ops'])).toBeUndefined();
  await using deliveries = opened(store, [hook]);
  deliveries.start();
  while ((await store.alertMessages('ops', 9)).length > 0) await systemClock.sleep(1);
  expect(got).toEqual([`${id}.opened`, `${id}.opened`]);
  await deliveries[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('what is a week old is dropped', async () => {
  await using store = await newStore();
  await openOne(store, 'a', ['ops']);
  aheadMs += 8 * DAY;
  await openOne(store, 'b', ['ops']);
  const ops = new Box('ops');
  await using deliveries = opened(store, [ops]);
  deliveries.start();
  await ops.until(1);
  expect(ops.said).toEqual(['opened site/b']);
});

test('a test goes by every channel at once, and says what came of each', async () => {
  await using store = await newStore();
  const [good, bad] = [new Box('good', 'error'), new Box('bad')];
  bad.may = () => false;
  await using deliveries = opened(store, [good, bad]);
  const tried = await deliveries.test(new AbortController().signal);
  expect(tried.map(({ tookMs, ...one }) => ({ ...one, took: tookMs >= 0 }))).toEqual([
    { channel: 'good', kind: 'webhook', to: 'here', ok: true, text: '', took: true },
    { channel: 'bad', kind: 'webhook', to: 'here', ok: false, text: 'away', took: true },
  ]);
  expect(good.taken.map(({ event, severity, said }) => [event, severity, said.en.text])).toEqual([
    ['test', 'info', 'This is a test of the alerts.'],
  ]);
});
