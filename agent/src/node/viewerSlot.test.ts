import { expect, test } from 'vitest';
import { silentLog } from '@anyseat/base';
import type { Effect } from '../common/seat.ts';
import { FakeViewer, type FakeRun } from './viewer/fakeViewer.ts';
import { ViewerSlot } from './viewerSlot.ts';
import { until } from './waiting.fixture.ts';

const open = (run: string): Extract<Effect, { do: 'open' }> => ({
  do: 'open',
  run,
  display: { kind: 'spice', host: '10.0.0.1', port: 5900 },
  session: {
    id: 'ses_1',
    generation: 1,
    secret: 'secret',
    person: { displayName: 'Li Na', user: 'lina' },
    desktop: { name: run, pool: 'front' },
  },
});

/** A viewer that takes its time to go. */
class SlowViewer extends FakeViewer {
  override show(...args: Parameters<FakeViewer['show']>): FakeRun {
    const run = super.show(...args);
    run.stop = () => {};
    return run;
  }
}

test('a desktop that is no longer wanted when its turn comes is never shown', async () => {
  const viewer = new SlowViewer();
  const slot = new ViewerSlot(viewer, silentLog, () => {});
  slot.open(open('one'));
  await until(() => viewer.shown.length === 1);
  slot.open(open('two'));
  slot.allow(undefined);
  viewer.shown[0]!.end('stopped-by-agent');
  await slot[Symbol.asyncDispose]();
  expect(viewer.shown.map((run) => run.title)).toEqual(['one']);
});

test('the next desktop waits until the one before is off the screen', async () => {
  const viewer = new SlowViewer();
  const slot = new ViewerSlot(viewer, silentLog, () => {});
  slot.open(open('one'));
  await until(() => viewer.shown.length === 1);
  slot.open(open('two'));
  expect(viewer.shown).toHaveLength(1);
  viewer.shown[0]!.end('stopped-by-agent');
  await until(() => viewer.shown.length === 2);
  viewer.shown[1]!.end('stopped-by-agent');
  await slot[Symbol.asyncDispose]();
});
