import { expect, test } from 'vitest';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import { perform, type PerformDeps } from './perform.ts';

const id = 'dt_1' as DesktopId;
const desktop = { id, state: 'parked', serverId: 'srv-1' } as Desktop;

// A listing is some seconds old: it was asked for thirty times a second until the next one (seed 1 of the simulation).
test('a desktop that was asked to switch off counts as asked, though the listing shows it running still', async () => {
  const askedAt = new Map<DesktopId, number>();
  let stops = 0;
  await perform({ do: 'stop', desktop }, {
    askedAt,
    clock: { monotonic: () => 1000 },
    cloud: { stop: () => Promise.resolve(void stops++) },
    store: { desktop: () => Promise.resolve(desktop) },
  } as unknown as PerformDeps);
  expect({ stops, askedAt: [...askedAt] }).toEqual({ stops: 1, askedAt: [[id, 1000]] });
});
