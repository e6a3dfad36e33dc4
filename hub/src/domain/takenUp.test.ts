import { describe, expect, test } from 'vitest';
import { newId } from '@anyseat/base';
import type { Session, TcId } from './session.ts';
import { takenUp } from './takenUp.ts';

const tc = (seat: string) => `tc_${seat}` as TcId;

/** A session at a seat, begun in the order in which they are made. */
function at(
  seat: string,
  state: Session['state'] = 'connected',
  binding: Session['binding'] = 'none',
): Session {
  const startedAt = ++begun;
  return {
    id: newId('session', startedAt),
    state,
    seat,
    tc: tc(seat),
    binding,
    startedAt,
    desktop: state === 'waiting' ? undefined : newId('desktop', startedAt),
  } as Session;
}
let begun = 0;

type Case = [what: string, live: Session[], most: number, online: string[], taken: string | undefined];

describe('somebody who logs in at s9', () => {
  const cases: Case[] = [
    ['and has no session opens one', [], 1, [], undefined],
    ['finds their one session, wherever it is', [at('s1')], 1, ['s1'], 's1'],
    ['and may have two opens another while they work at the first', [at('s1')], 2, ['s1'], undefined],
    ['comes back to the one that they left', [at('s1', 'away')], 2, ['s1'], 's1'],
    ['comes back to the one whose seat is dark', [at('s1')], 2, [], 's1'],
    ['leaves their place in the queue of a seat that is there', [at('s1', 'waiting')], 2, ['s1'], undefined],
    ['has the one that is here before any other', [at('s1', 'away'), at('s9')], 2, ['s1', 's9'], 's9'],
    ['has the one that began first when there are enough', [at('s1'), at('s2')], 2, ['s1', 's2'], 's1'],
    ['has one that nobody is at before that', [at('s1'), at('s2', 'away')], 2, ['s1', 's2'], 's2'],
    ['and may have one only has the first of two', [at('s1'), at('s2')], 1, ['s1', 's2'], 's1'],
    ['leaves a seat its own desktop', [at('s1', 'away', 'seat')], 2, ['s1'], undefined],
    ['ends that when they may have no more', [at('s1', 'away', 'seat')], 1, ['s1'], 's1'],
  ];
  test.each(cases)('%s', (_, live, most, online, taken) => {
    const arrival = { tc: tc('s9'), seat: 's9', most, online: new Set(online.map(tc)) };
    const answers = [live, live.toReversed()].map((some) => takenUp(some, arrival)?.seat);
    expect(answers).toEqual([taken, taken]);
  });
});
