import { expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { Session } from '../domain/session.ts';
import { WaitingLine } from './waitingLine.ts';

test('whose desktop was swapped comes before whoever waited longer, whatever their priority', async () => {
  await using line = new WaitingLine(systemClock, silentLog);
  const places = new Map<string, number>();
  const stop = new AbortController();
  const wait = (id: string, startedAt: number, more: Partial<Session> = {}) =>
    line
      .wait(
        { id, startedAt, pools: ['p'], binding: 'none', ...more } as Session,
        () => Promise.resolve({ kind: 'none' }),
        (place) => void places.set(id, place),
        stop.signal,
      )
      .catch(() => undefined);
  const all = [
    wait('first', 1),
    wait('important', 2, { policy: { queuePriority: 1000 } }),
    wait('swapped', 4, { swap: { at: 4 } }),
    wait('swapped before', 3, { swap: { at: 5 } }),
  ];
  expect([...places]).toEqual([
    ['first', 4],
    ['important', 3],
    ['swapped', 2],
    ['swapped before', 1],
  ]);
  expect(line.placeOfNew({ pools: ['p'], queuePriority: 1000 })).toBe(4);
  stop.abort(new Error('over'));
  await Promise.all(all);
});
