import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub } from '../../hub/src/domain/audit.ts';
import type { DesktopEvent } from '../../hub/src/domain/desktopEvents.ts';
import type { TcId } from '../../hub/src/domain/session.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import type { Opening, Store } from '../../hub/src/store/store.ts';

/**
 * People who may have several sessions at once, in any order of logins, ends and breaks: never more than their allocator
 * said, never two of one person at one thin client, never one desktop in two. The real store.
 */
const TCS = ['tc_1', 'tc_2', 'tc_3', 'tc_4'] as TcId[];
const MOST = 3;

const login = fc.record({
  do: fc.constant('login' as const),
  who: fc.constantFrom('a', 'b'),
  tc: fc.constantFrom(...TCS),
  most: fc.integer({ min: 1, max: MOST }),
  online: fc.subarray(TCS),
  binding: fc.constantFrom('none' as const, 'seat' as const),
  stays: fc.boolean(),
});
const other = fc.record({
  do: fc.constantFrom('end' as const, 'leave' as const),
  nth: fc.integer({ min: 0, max: 9 }),
});
const acts = fc.array(fc.oneof({ weight: 3, arbitrary: login }, other), { maxLength: 25 });
type Login = typeof login extends fc.Arbitrary<infer L> ? L : never;
type Act = typeof acts extends fc.Arbitrary<infer A> ? A : never;

const openingOf = ({ who, tc, most, online, binding, stays }: Login, n: number): Opening => ({
  requestId: `request-${n}`,
  tc,
  seat: `seat-of-${tc}`,
  site: 'x',
  person: `file:${who}`,
  user: who,
  displayName: who,
  allocator: 'all',
  pools: ['p'],
  binding,
  secretHash: `${n}`,
  leftBehindUntil: systemClock.now() + 60_000,
  stages: {},
  ...(most > 1 ? { several: { most, online: new Set(online) } } : {}),
  ...(stays ? { stayWhereUsed: new Set(online) } : {}),
});

async function makeReady(store: Store, count: number): Promise<void> {
  for (const { id } of await store.wantDesktops({ name: 'p', cloud: 'none', revision: 1 }, count)) {
    const way: DesktopEvent[] = [
      { kind: 'ask', serverName: id },
      { kind: 'made', serverId: id },
      { kind: 'running', host: 'h' },
      { kind: 'proved', endpoint: undefined },
    ];
    for (const event of way) await store.recordDesktop(id, event, theHub);
  }
}

const isOnce = (values: readonly unknown[]) => new Set(values).size === values.length;

test('nobody ever has more sessions than they may, nor two at one thin client', async () => {
  const property = async (all: Act) => {
    await using store = await openSqlite({ file: ':memory:', clock: systemClock });
    await makeReady(store, 4);
    for (const [n, act] of all.entries()) {
      const before = await store.sessions({ live: true });
      if (act.do === 'login') {
        const opened = await store.openSession(openingOf(act, n));
        const own = await store.sessionsOf(`file:${act.who}`);
        const had = before.filter((s) => s.user === act.who).length;
        // Whom a stricter rule serves now keeps what a laxer one gave them; it gives them no more.
        expect(own.length).toBeLessThanOrEqual(Math.max(act.most, had));
        if (opened.kind !== 'elsewhere') expect(opened.session.tc).toBe(act.tc);
        else expect(await store.sessions({ live: true })).toEqual(before);
      } else {
        const session = before[act.nth];
        if (session && act.do === 'end') await store.endSession(session.id, 'logged-off', theHub);
        if (session?.desktop !== undefined && act.do === 'leave')
          await store.recordViewer({
            session: session.id,
            tc: session.tc,
            generation: session.generation,
            state: 'ended',
            end: 'link-lost',
            stages: {},
            graceUntil: 0,
          });
      }
      const live = await store.sessions({ live: true });
      expect(isOnce(live.map((s) => `${s.person} ${s.tc}`))).toBe(true);
      expect(isOnce(live.flatMap((s) => s.desktop ?? []))).toBe(true);
    }
  };
  await fc.assert(fc.asyncProperty(acts, property), { numRuns: 200 });
});
