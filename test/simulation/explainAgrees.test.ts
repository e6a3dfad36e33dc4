import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLog, systemClock, type Clock } from '@anyseat/base';
import { resourceFile, type ExplainAnswer } from '@anyseat/protocol';
import type { Directory } from '../../hub/src/directory/directory.ts';
import { theHub } from '../../hub/src/domain/audit.ts';
import type { ResourceChange } from '../../hub/src/domain/catalogue.ts';
import type { DesktopEvent } from '../../hub/src/domain/desktopEvents.ts';
import type { Person } from '../../hub/src/domain/person.ts';
import type { Session, TcId } from '../../hub/src/domain/session.ts';
import { Brake, usualLimits } from '../../hub/src/login/brake.ts';
import { Directories } from '../../hub/src/login/directories.ts';
import { login, type LoginDeps } from '../../hub/src/login/login.ts';
import { WaitingLine } from '../../hub/src/login/waitingLine.ts';
import { explain } from '../../hub/src/operator/explain.ts';
import { whyThen } from '../../hub/src/operator/whyThen.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import type { Store } from '../../hub/src/store/store.ts';

/**
 * Whatever the rules, the bindings, the desktops and the people who are logged in already: what explain says of a login is
 * what that login comes to. The real store and the real login, without a cloud: every desktop is claimed, none is proved.
 */
const SEATS = ['s1', 's2', 's3'];
const PEOPLE = ['u1', 'u2', 'u3'];

const pools = fc.constantFrom(['p'], ['q'], ['p', 'q'], ['q', 'p']);
const rule = fc.record(
  {
    title: fc.constant('R'),
    priority: fc.integer({ min: 0, max: 3 }),
    match: fc.constantFrom(
      { users: ['u1'] },
      { users: ['u2', 'u3'] },
      { seat: { row: '1' } },
      { not: { tc: { screens: '2' } } },
      { sites: ['y'] },
      { hours: ['00:00-24:00'] },
      { hours: ['2001-01-01'] },
    ),
    pools,
    binding: fc.constantFrom('none', 'user', 'seat', 'tc'),
    sitePools: fc.record({ y: pools }),
    secondLogin: fc.constantFrom('move', 'refuse'),
    sessions: fc.integer({ min: 1, max: 3 }),
    queuePriority: fc.integer({ min: 0, max: 1 }),
  },
  { requiredKeys: ['title', 'match', 'pools'] },
);
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('login' as const),
      who: fc.constantFrom(...PEOPLE),
      seat: fc.constantFrom(...SEATS),
    }),
  },
  fc.record({ do: fc.constantFrom('end' as const, 'open' as const), who: fc.constantFrom(...PEOPLE) }),
);
const story = fc.record({
  rules: fc.array(rule, { maxLength: 4 }),
  ready: fc.record({ p: fc.integer({ min: 0, max: 3 }), q: fc.integer({ min: 0, max: 2 }) }),
  online: fc.subarray(SEATS),
  newest: fc.boolean(),
  acts: fc.array(act, { minLength: 1, maxLength: 8 }),
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

const person = (user: string): Person => ({
  id: `file:${user}`,
  directory: 'file',
  user,
  displayName: user,
  dn: `uid=${user},dc=call`,
  groups: [],
  attributes: {},
});

const directory: Directory = {
  name: 'file',
  authenticate: (user: string) => Promise.resolve({ ok: true, person: person(user) }),
  find: (user: string) => Promise.resolve(person(user)),
} as unknown as Directory;

/** Nobody waits for anything: two minutes for a bound desktop are over at once. */
function hastyClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() + aheadMs,
    sleep: (ms, signal) => {
      aheadMs += ms;
      signal?.throwIfAborted();
      return Promise.resolve();
    },
    after: (ms, fn) => systemClock.after(ms, fn),
  };
}

/** With a desktop that is bound to its user nobody has two. */
const possible = ({ sessions, ...one }: Story['rules'][number]) =>
  one.binding === 'user' || sessions === undefined ? one : { ...one, sessions };

function resourcesOf({ rules, newest }: Story): ResourceChange[] {
  const title = 'T';
  const pool = {
    title,
    image: 'i',
    flavor: 'f',
    floor: 0,
    ceiling: 9,
    handOut: newest ? 'newest' : 'oldest',
  };
  const file = resourceFile.parse({
    sites: { x: { title, timeZone: 'UTC' }, y: { title, timeZone: 'Asia/Shanghai' } },
    seats: {
      s1: { site: 'x', label: '1', tags: { row: '1' } },
      s2: { site: 'x', label: '2' },
      s3: { site: 'y', label: '3' },
    },
    pools: { p: pool, q: pool },
    allocators: {
      ...Object.fromEntries(rules.map((one, i) => [`a${i}`, possible(one)])),
      rest: { title, default: true, pools: ['p'] },
    },
  });
  return Object.entries(file).flatMap(([kind, specs]) =>
    Object.entries(specs).map(([name, spec]) => ({ kind, name, was: 0, spec }) as ResourceChange),
  );
}

async function furnish(store: Store, told: Story): Promise<Map<string, TcId>> {
  await store.applyResources(resourcesOf(told), theHub);
  for (const [pool, count] of Object.entries(told.ready)) {
    for (const { id } of await store.wantDesktops({ name: pool, cloud: 'none', revision: 1 }, count)) {
      const way: DesktopEvent[] = [
        { kind: 'ask', serverName: id },
        { kind: 'made', serverId: id },
        { kind: 'running', host: 'h' },
        { kind: 'proved', endpoint: undefined },
      ];
      for (const event of way) await store.recordDesktop(id, event, theHub);
    }
  }
  const tcs = new Map<string, TcId>();
  for (const seat of SEATS) {
    const fingerprint = `FP-${seat}`;
    const met = {
      fingerprint,
      publicKey: seat,
      hostName: seat,
      model: undefined,
      macs: [],
      agentVersion: '1',
      address: 'x',
    };
    await store.meetTc(met, undefined, 9);
    const { id } = await store.approveTc(fingerprint, seat, theHub);
    tcs.set(seat, id);
  }
  await store.tagTc(tcs.get('s2')!, { screens: '2' }, theHub);
  return tcs;
}

/** What a login came to, in the words of explain. */
function outcome(code: string, session: Session | undefined, claimed: string | undefined): string {
  if (code === 'working-elsewhere') return 'elsewhere';
  return claimed ?? (session?.state === 'waiting' ? 'queue' : code);
}

const saidOf = (desktop: ExplainAnswer['desktop']): string =>
  desktop && 'desktop' in desktop ? desktop.desktop.id : (desktop?.because ?? 'no-allocator');

async function play(told: Story): Promise<void> {
  const clock = hastyClock();
  await using store = await openSqlite({ file: ':memory:', clock });
  const tcs = await furnish(store, told);
  const tags = new Map((await store.tcs()).map((tc) => [tc.id, tc.tags]));
  await using line = new WaitingLine(clock, silentLog);
  const catalogue = await store.catalogue();
  const online = new Set(told.online.map((seat) => tcs.get(seat)!));
  const deps: LoginDeps = {
    store,
    directories: new Directories([directory]),
    catalogue: () => catalogue,
    clouds: new Map(),
    brake: new Brake(clock, () => usualLimits),
    line,
    clock,
    log: silentLog,
    lookAtPool: () => undefined,
    expectedWaitMs: () => undefined,
    isGone: () => Promise.resolve(false),
    tcTags: (tc: TcId) => tags.get(tc) ?? {},
    online: () => online,
    release: () => undefined,
  } as unknown as LoginDeps;
  let requests = 0;
  for (const step of told.acts) {
    const [live] = (await store.sessionsOf(`file:${step.who}`)).toReversed();
    if (step.do === 'end') {
      if (live) await store.endSession(live.id, 'logged-off', theHub);
      continue;
    }
    if (step.do === 'open') {
      const { id, tc, generation } = live ?? {};
      if (id && live?.desktop !== undefined)
        await store.recordViewer({
          session: id,
          tc: tc!,
          generation: generation!,
          state: 'connected',
          end: undefined,
          stages: {},
          graceUntil: 0,
        });
      continue;
    }
    if (step.do !== 'login') continue;
    const explainDeps = { ...deps, placeOfNew: line.placeOfNew.bind(line), now: () => clock.now() };
    const answer = await explain(step.who, step.seat, explainDeps, new AbortController().signal);
    const requestId = `request-${++requests}`;
    const away = new AbortController();
    const tc = tcs.get(step.seat)!;
    const came = await login(
      {
        requestId,
        tc,
        seat: step.seat,
        user: step.who,
        password: 'x',
        signal: away.signal,
        onStage: () => undefined,
        onQueued: () => away.abort(new Error('seen enough')),
        onQuestion: () => Promise.resolve(),
      },
      deps,
    ).catch((error: unknown) => {
      if (!away.signal.aborted) throw error;
      return { ok: false as const, code: 'walked-away' };
    });
    const session = await store.sessionByRequest(tc, requestId);
    const bound = (await store.bindings()).find((b) => saidOf(answer.desktop) === b.desktop);
    const claimed = session?.desktop ?? (session && bound?.desktop);
    expect(outcome(came.ok ? 'granted' : came.code, session, claimed)).toBe(saidOf(answer.desktop));
    if (!session || session.startedAt === undefined) continue;
    const why = await whyThen(session.id, { store });
    expect(why.chosen).toBe(session.allocator);
  }
}

test('what explain says of a login is what that login comes to', async () => {
  await fc.assert(fc.asyncProperty(story, play), { numRuns: 150 });
});
