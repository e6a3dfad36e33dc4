import { expect, test } from 'vitest';
import { HOUR, SECOND, silentLog, systemClock } from '@anyseat/base';
import type { Session } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { Sessions } from './sessions.ts';

const at = (desktop: string) =>
  ({
    id: `ses_of_${desktop}`,
    state: 'connected',
    tc: 'tc_1',
    site: 'x',
    stateSince: 0,
    desktop,
  }) as unknown as Session;

test('whoever looks at sessions too is not shown those of which only a restored store speaks', async () => {
  const shown: string[] = [];
  const store = {
    sessions: () => Promise.resolve([at('dt_sure'), at('dt_unsure')]),
    unconfirmedDesktops: () => Promise.resolve(new Set(['dt_unsure'])),
  };
  const sessions = new Sessions({
    store: store as unknown as Store,
    clock: systemClock,
    log: silentLog,
    online: () => new Set(),
    isBeingAnswered: () => false,
    also: (live) => {
      shown.push(...live.map(({ id }) => id));
      return Promise.resolve();
    },
    onEnded: () => undefined,
  });
  await sessions.look();
  expect(shown).toEqual(['ses_of_dt_sure']);
});

// Somebody may have had a later grant of it at that very seat, and be at work there: seed 747 of the simulation.
test('the end of a session of which only a restored store speaks is told as such, after half a day', async () => {
  const live = new Map(
    ['dt_sure', 'dt_unsure'].map((id) => [id, { ...at(id), state: 'away', graceUntil: 1 }]),
  );
  const ended: [string | undefined, boolean, hours: number][] = [];
  const store = {
    sessions: () => Promise.resolve([...live.values()]),
    unconfirmedDesktops: () => Promise.resolve(new Set(['dt_unsure'])),
    endSession: (id: string) => {
      const [desktop, session] = [...live].find(([, one]) => one.id === id)!;
      live.delete(desktop);
      return Promise.resolve(session);
    },
  };
  let now = 0;
  const sessions = new Sessions({
    store: store as unknown as Store,
    clock: { ...systemClock, monotonic: () => now },
    log: silentLog,
    online: () => new Set(),
    isBeingAnswered: () => false,
    onEnded: ({ desktop }, _end, wasUnconfirmed) =>
      ended.push([desktop, wasUnconfirmed, Math.round(now / HOUR)]),
  });
  for (; live.size > 0 && now < 24 * HOUR; now += 15 * SECOND) await sessions.look();
  expect(ended).toEqual([
    ['dt_sure', false, 0],
    ['dt_unsure', true, 12],
  ]);
});
