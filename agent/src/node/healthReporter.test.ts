import { expect, test } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import type { FromTc } from '@anyseat/protocol';
import type { Inventory } from './health/health.ts';
import { HealthReporter } from './healthReporter.ts';
import { Inbox } from './waiting.fixture.ts';

function startReporter() {
  const said = new Inbox<FromTc>();
  const box = {
    inventory: { macs: [], displays: [], usb: [], audio: [] } as Inventory,
    fails: 0,
  };
  const reporter = new HealthReporter({
    health: {
      read: () => (box.fails-- > 0 ? Promise.reject(new Error('no /proc')) : Promise.resolve(still)),
      inventory: () => Promise.resolve(box.inventory),
    },
    clock: systemClock,
    log: openLog({ name: 'health', level: 'silent' }),
    roundTrip: () => ({ rttMs: 3, lost: 0 }),
    clockOffsetMs: () => -200,
    send: (frame) => said.put(frame),
  });
  const next = (type: FromTc['type']) => said.take((frame) => frame.type === type, `a frame ${type}`);
  return { said, box, reporter, next };
}
const still = { upMs: 1, load: 0.1, cores: 2 };
const welcome = { epoch: 3, reportEveryMs: 5 };

test('a box is reported again and again, what is plugged in only when that has changed', async () => {
  const { said, box, reporter, next } = startReporter();
  using _open = reporter;
  reporter.follow(welcome);
  expect(await next('inventory')).toEqual({ type: 'inventory', epoch: 3, ...box.inventory });
  for (let i = 0; i < 3; i++)
    expect(await next('health')).toEqual({
      type: 'health',
      epoch: 3,
      overMs: expect.any(Number),
      ...still,
      hub: { rttMs: 3, lost: 0 },
      clockOffsetMs: -200,
    });
  expect(said.rest.filter(({ type }) => type === 'inventory')).toEqual([]);
  box.inventory = { ...box.inventory, audio: ['H390'] };
  expect(await next('inventory')).toMatchObject({ audio: ['H390'] });
});

test('another connection is told everything anew, the same one told anew is not', async () => {
  const { said, reporter, next } = startReporter();
  using _open = reporter;
  reporter.follow(welcome);
  await next('inventory');
  reporter.follow({ ...welcome });
  await next('health');
  await next('health');
  expect(said.rest.filter(({ type }) => type === 'inventory')).toEqual([]);
  reporter.follow(undefined);
  reporter.follow({ ...welcome, epoch: 4 });
  expect(await next('inventory')).toMatchObject({ epoch: 4 });
});

test('a look that fails is not the last one', async () => {
  const { box, reporter, next } = startReporter();
  using _open = reporter;
  box.fails = 2;
  reporter.follow(welcome);
  expect(await next('health')).toMatchObject(still);
});
