import { expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
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
