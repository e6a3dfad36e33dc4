import { expect, test } from 'vitest';
import { Fault, openLog, systemClock, type Clock } from '@anyseat/base';
import type { ActivityReport, HealthReport, InventoryReport } from '@anyseat/protocol';
import type { InventoryNews, KnownInventory } from '../domain/inventory.ts';
import type { SessionId, TcId } from '../domain/session.ts';
import { SeatReports } from './seatReports.ts';

const tc = 'tc_1' as TcId;
const session = { id: 'ses_1' as SessionId, tc };
const counts = { overMs: 15_000, keys: 40, clicks: 3, wheel: 2, moves: 300 };
const report: ActivityReport = { type: 'activity', epoch: 7, sessionId: 'ses_1', ...counts, idleMs: 2000 };

/** A store of inventories alone, that can fail. */
class Inventories {
  readonly known = new Map<TcId, KnownInventory>();
  readonly written: string[] = [];
  fails = false;

  inventoryOf(of: TcId): Promise<KnownInventory | undefined> {
    return Promise.resolve(this.known.get(of));
  }

  recordInventory(of: TcId, { known }: InventoryNews): Promise<void> {
    if (this.fails) return Promise.reject(new Fault('store-full', 'transient', 'the disk is full'));
    this.known.set(of, known);
    this.written.push(known.inventory.usb.map(({ name }) => name).join());
    return Promise.resolve();
  }
}

function reportsAt(store = new Inventories()) {
  let monotonic = 1_000_000;
  const clock: Clock = { ...systemClock, monotonic: () => monotonic };
  const log = openLog({ name: 'reports', level: 'silent' });
  return {
    store,
    reports: new SeatReports({ store, clock, log }),
    pass: (ms: number) => void (monotonic += ms),
  };
}
const by = { tc: { id: tc }, epoch: 7 };
const health: HealthReport = {
  type: 'health',
  epoch: 7,
  overMs: 30_000,
  upMs: 1,
  load: 0.5,
  cores: 2,
  clockOffsetMs: 0,
};
const inventory = (...headsets: string[]): InventoryReport => ({
  type: 'inventory',
  epoch: 7,
  macs: [],
  displays: [],
  usb: headsets.map((name) => ({ name, kind: 'audio' })),
  audio: [],
});

test('a person is idle for as long as their seat said, and the time since', () => {
  const { reports, pass } = reportsAt();
  reports.onActivity(report, { tc: { id: tc }, epoch: 7 });
  pass(12_000);
  expect(reports.inputOf(session)).toEqual({ ...counts, idleMs: 14_000 });
});

test.each([
  ['a seat that has said nothing', undefined, 0, session],
  ['a seat that is silent for longer than a minute', report, 60_001, session],
  ['another session at the same seat', report, 0, { ...session, id: 'ses_2' as SessionId }],
  ['the same session, by now at another seat', report, 0, { ...session, tc: 'tc_2' as TcId }],
  ['a report of an older connection', { ...report, epoch: 6 }, 0, session],
])('nobody knows of %s whether its person is idle', (_what, said, ms, asked) => {
  const { reports, pass } = reportsAt();
  if (said) reports.onActivity(said, { tc: { id: tc }, epoch: 7 });
  pass(ms);
  expect(reports.inputOf(asked)).toBeUndefined();
});

test('how a box is is known for three minutes', async () => {
  const { reports, pass } = reportsAt();
  await reports.onHealth({ ...health, epoch: 6 }, by);
  expect(reports.healthOf(tc)).toBeUndefined();
  await reports.onHealth(health, by);
  pass(180_000);
  expect(reports.healthOf(tc)).toMatchObject({ load: 0.5 });
  pass(1);
  expect(reports.healthOf(tc)).toBeUndefined();
});

test('an inventory is written when it is another one, and by the next hub too', async () => {
  const { store, reports } = reportsAt();
  await reports.onInventory(inventory('Jabra'), by);
  await reports.onInventory(inventory('Jabra'), by);
  const next = reportsAt(store);
  await next.reports.onInventory(inventory('Jabra'), by);
  expect(store.written).toEqual(['Jabra']);
  await next.reports.onInventory(inventory(), by);
  expect(store.written).toEqual(['Jabra', '']);
  expect(store.known.get(tc)?.missing).toMatchObject([{ name: 'Jabra' }]);
});

test('a plug that comes and goes all the time is written now and then, and as it is at last', async () => {
  const { store, reports, pass } = reportsAt();
  for (let i = 0; i < 10; i++) {
    await reports.onInventory(inventory(), by);
    await reports.onInventory(inventory('Jabra'), by);
  }
  expect(store.written).toEqual(['']);
  pass(30_000);
  await reports.onHealth(health, by);
  expect(store.written).toEqual(['', 'Jabra']);
});

test('what the store could not take is written with the next word of the box', async () => {
  const { store, reports } = reportsAt();
  store.fails = true;
  await reports.onInventory(inventory('Jabra'), by);
  store.fails = false;
  await reports.onHealth(health, by);
  expect(store.written).toEqual(['Jabra']);
});
