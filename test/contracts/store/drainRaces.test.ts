import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub, type Actor } from '../../../hub/src/domain/audit.ts';
import type { Desktop, DesktopId } from '../../../hub/src/domain/desktop.ts';
import type { DesktopEvent } from '../../../hub/src/domain/desktopEvents.ts';
import type { TcId } from '../../../hub/src/domain/session.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import type { Opening, Store } from '../../../hub/src/store/store.ts';

/**
 * Hosts that are drained among logins, log-offs and swaps, in whatever order they are committed: nobody is on two desktops, no desktop has
 * two people, and nobody is left without one by a drain.
 */
const operator: Actor = { kind: 'operator', name: 'olga' };
const HOSTS = ['h1', 'h2', 'h3'];
const PEOPLE = 6;

const opening = (n: number, request: number, binding: 'none' | 'user'): Opening => ({
  requestId: `request-${n}-${request}`,
  tc: `tc_${n}` as TcId,
  seat: `s${n}`,
  site: 'x',
  person: `file:p${n}`,
  user: `p${n}`,
  displayName: `p${n}`,
  allocator: binding,
  pools: ['p'],
  binding,
  secretHash: 'x',
  leftBehindUntil: 0,
  stages: {},
});

async function makeReady(store: Store, host: string): Promise<void> {
  const [made] = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, 1);
  const id = made!.id;
  const way: DesktopEvent[] = [
    { kind: 'ask', serverName: id },
    { kind: 'made', serverId: `srv-${id}` },
    { kind: 'running', host },
    { kind: 'proved', endpoint: undefined },
  ];
  for (const event of way) await store.recordDesktop(id, event, theHub);
}

type Act = {
  do: 'make' | 'login' | 'bound' | 'logoff' | 'claim' | 'move' | 'swap' | 'drain' | 'resume';
  n: number;
};
const acts = fc.array(
  fc.record({
    do: fc.constantFrom<Act['do']>(
      'make',
      'login',
      'bound',
      'logoff',
      'claim',
      'move',
      'move',
      'swap',
      'drain',
      'resume',
    ),
    n: fc.nat({ max: PEOPLE - 1 }),
  }),
  { minLength: 10, maxLength: 40 },
);

/** What one act asks of the store; all of a handful are asked at once. */
async function act({ do: what, n }: Act, request: number, store: Store): Promise<string> {
  const host = HOSTS[n % HOSTS.length]!;
  const drain = { cloud: 'c', host, reason: 'fan', people: true, bound: true };
  const [session] = await store.sessionsOf(`file:p${n}`);
  switch (what) {
    case 'make':
      await makeReady(store, host);
      return what;
    // Each has one way to their desktop, whatever was drawn.
    case 'login':
    case 'bound':
      return (await store.openSession(opening(n, request, n % 2 === 0 ? 'user' : 'none'))).kind;
    case 'logoff':
      if (session) await store.endSession(session.id, 'logged-off', theHub);
      return what;
    case 'claim':
      return session ? (await store.claimFor(session.id, session.tc, 'y', undefined)).kind : 'nobody';
    case 'move':
    case 'swap': {
      const desktop = session?.desktop;
      if (!session || desktop === undefined) return 'nobody';
      const was = { session: session.id, generation: session.generation };
      const origin = what === 'move' ? 'drain' : 'operator';
      const swapped = await store.swapDesktop({ desktop, origin, reason: what, was }, operator);
      // Unless an operator had swapped it a moment before: then that is the answer.
      const isOwn = origin === 'drain' && swapped.kind === 'swapped' && !swapped.again;
      if (isOwn && swapped.session?.state === 'waiting') throw new Error('a drain let somebody wait');
      return swapped.kind;
    }
    case 'drain':
      await store.drainHost(drain, operator);
      return what;
    case 'resume':
      await store.endDrain(drain, operator, 'resumed');
      return what;
    default:
      return what satisfies never;
  }
}

/** What never is, after every handful. */
async function wrong(store: Store): Promise<string[]> {
  const desktops = new Map<DesktopId, Desktop>((await store.desktops()).map((d) => [d.id, d]));
  const live = await store.sessions({ live: true });
  const bindings = await store.bindings();
  const held = [...desktops.values()].filter((d) => d.session !== undefined);
  return [
    ...live.flatMap((s) =>
      s.desktop === undefined || desktops.get(s.desktop)?.session === s.id ? [] : [`${s.user} is on nothing`],
    ),
    ...held.flatMap((d) => {
      const session = live.find((s) => s.id === d.session);
      if (session?.desktop !== d.id) return [`${d.number} is held by nobody`];
      return d.usedBy === session.person ? [] : [`${d.number} was another's`];
    }),
    ...bindings.flatMap((b) => {
      const { state } = desktops.get(b.desktop)!;
      return state === 'bound' || state === 'parked' ? [] : [`a binding leads to one that is ${state}`];
    }),
    ...(new Set(live.map((s) => s.person)).size === live.length ? [] : ['somebody has two sessions']),
  ];
}

test('drains among logins, log-offs and swaps break no rule, in whatever order they come', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      await using store = await openSqlite({ file: ':memory:', clock: systemClock });
      for (const host of HOSTS) await makeReady(store, host);
      for (let at = 0; at < all.length; at += 4) {
        const together = all.slice(at, at + 4).map((one, i) => act(one, at + i, store));
        for (const kind of await Promise.all(together)) kinds.add(kind);
        expect(await wrong(store)).toEqual([]);
      }
      expect((await store.verifyAudit()).brokenAt).toBeUndefined();
    }),
    { numRuns: 60, seed: 20_261_124 },
  );
  // It has tried what it is about.
  expect([...kinds]).toEqual(expect.arrayContaining(['have', 'swapped', 'none-ready', 'drain', 'resume']));
});
