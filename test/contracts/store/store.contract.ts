import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId, systemClock, type Clock } from '@anyseat/base';
import { resourceFile } from '@anyseat/protocol';
import { theHub, type Actor } from '../../../hub/src/domain/audit.ts';
import type { DesktopEvent } from '../../../hub/src/domain/desktopEvents.ts';
import type { Desktop } from '../../../hub/src/domain/desktop.ts';
import type { Session, TcId } from '../../../hub/src/domain/session.ts';
import type { Opening, Store, ViewerNews } from '../../../hub/src/store/store.ts';

/** How a store of this engine is opened for a test; opening the same place again finds what was kept. */
export interface StoreProvider {
  open: (place: string, clock: Clock) => Promise<Store>;
  newPlace: () => string;
}

const operator: Actor = { kind: 'operator', name: 'test' };
const sha = (text: string) => hash('sha256', text, 'hex');
const endpoint = { host: '127.0.0.1', port: 5900, tlsPort: undefined, resolvedAt: 1 };

let requests = 0;

const opening = (person: string, more: Partial<Opening> = {}): Opening => ({
  requestId: `request-${++requests}`,
  tc: `tc_${more.seat ?? 's1'}` as TcId,
  seat: 's1',
  site: 'x',
  person: `file:${person}`,
  user: person,
  displayName: person,
  allocator: 'all',
  pools: ['p'],
  binding: 'none',
  secretHash: sha(person),
  leftBehindUntil: systemClock.now() + 60_000,
  stages: { directory: 1 },
  ...more,
});

async function makeReady(store: Store, count: number, pool = 'p', host = 'h1'): Promise<Desktop[]> {
  const wanted = await store.wantDesktops({ name: pool, cloud: 'default', revision: 1 }, count);
  return Promise.all(
    wanted.map(async ({ id }) => {
      const way: DesktopEvent[] = [
        { kind: 'ask', serverName: id },
        { kind: 'made', serverId: `srv-${id}` },
        { kind: 'running', host },
        { kind: 'proved', endpoint },
      ];
      for (const event of way) await store.recordDesktop(id, event, theHub);
      return (await store.desktop(id))!;
    }),
  );
}

const connected = ({ id, tc, generation }: Session): ViewerNews => ({
  session: id,
  tc,
  generation,
  state: 'connected',
  end: undefined,
  stages: {},
  graceUntil: systemClock.now() + 60_000,
});

const idOf = (opened: Awaited<ReturnType<Store['openSession']>>) =>
  opened.kind === 'have' ? opened.desktop.id : opened.kind;

/** One suite for every engine. */
export function storeContract(provider: StoreProvider): void {
  const open = async (place = provider.newPlace()) => provider.open(place, systemClock);

  test('the installation keeps its id over starts, and every start counts', async () => {
    const place = provider.newPlace();
    const first = await (async () => {
      await using store = await open(place);
      return store.installation;
    })();
    await using again = await open(place);
    expect(again.installation).toEqual({ ...first, run: first.run + 1 });
  });

  test('an inventory of a thin client is kept, with what is missing, and goes with it', async () => {
    await using store = await open();
    const { id } = await store.meetTc(
      {
        fingerprint: 'F',
        publicKey: 'k',
        hostName: 'h',
        model: undefined,
        macs: [],
        agentVersion: '0',
        address: '',
      },
      undefined,
      10,
    );
    const empty = { macs: [], displays: [], usb: [], audio: [] };
    const first = { inventory: { ...empty, model: 'T1' }, at: 1, missing: [] };
    const second = { inventory: { ...empty, model: 'T2' }, at: 2, missing: [{ name: 'Jabra', since: 2 }] };
    await store.recordInventory(id, { known: first, lost: [], back: [] });
    await store.recordInventory(id, { known: second, lost: ['Jabra'], back: [] });
    await store.recordInventory('tc_gone' as TcId, { known: first, lost: [], back: [] });
    expect(await store.inventoryOf(id)).toEqual(second);
    expect(await store.inventories()).toEqual(new Map([[id, second]]));
    const [row] = await store.audit({ limit: 1 });
    expect(row).toMatchObject({ act: 'tc.headset-missing', subject: id, details: { lost: ['Jabra'] } });
  });

  test('what was applied together is one change, and every change can be looked back at', async () => {
    await using store = await open();
    const spec = resourceFile.parse({ sites: { nt: { title: 'Nantong', timeZone: 'Asia/Shanghai' } } }).sites[
      'nt'
    ]!;
    await store.applyResources([], operator);
    await store.applyResources(
      [
        { kind: 'sites', name: 'nt', was: 0, spec },
        { kind: 'sites', name: 'sh', was: 0, spec },
      ],
      operator,
    );
    const stale = store.applyResources(
      [
        { kind: 'sites', name: 'bj', was: 0, spec },
        { kind: 'sites', name: 'sh', was: 7, spec },
      ],
      operator,
    );
    await expect(stale).rejects.toMatchObject({ code: 'resource-changed' });
    const other = { ...spec, title: '南通' };
    await store.applyResources(
      [
        { kind: 'sites', name: 'nt', was: 1, spec: other },
        { kind: 'sites', name: 'sh', was: 1, spec: undefined },
      ],
      operator,
    );
    const of = (name: string, revision: number, deleted = false) => ({
      kind: 'sites',
      name,
      revision,
      deleted,
    });
    const at = expect.any(Number) as number;
    const second = { number: 2, at, author: 'test', resources: [of('nt', 2), of('sh', 2, true)] };
    const first = { number: 1, at, author: 'test', resources: [of('nt', 1), of('sh', 1)] };
    expect(await store.changes({ limit: 10 })).toEqual([second, first]);
    expect(await store.changes({ limit: 10, before: 2 })).toEqual([first]);
    expect(await store.changes({ limit: 1 })).toEqual([second]);
    const titles = async (change: number) => {
      const then = await store.catalogueAt(change);
      return [
        then.change,
        ...[...then.sites].map(([name, { spec: s, revision }]) => `${name} ${s.title} ${revision}`),
      ];
    };
    expect(await Promise.all([titles(0), titles(1), titles(2)])).toEqual([
      [0],
      [1, 'nt Nantong 1', 'sh Nantong 1'],
      [2, 'nt 南通 2'],
    ]);
    expect((await store.catalogue()).change).toBe(2);
  });

  test('why a login went as it did is kept with its session, and the person once', async () => {
    const place = provider.newPlace();
    const asker = (user: string, groups: string[]): NonNullable<Opening['asker']> => ({
      person: {
        id: `file:${user}`,
        directory: 'file',
        user,
        displayName: user,
        dn: `uid=${user}`,
        groups,
        attributes: { department: ['售后'] },
      },
      seat: { name: 's1', tags: { row: '1' } },
      site: { name: 'x', tags: {} },
      tc: { tags: {} },
      time: { date: '2026-11-24', day: 1, minute: 5 },
    });
    const made = await (async () => {
      await using store = await open(place);
      await makeReady(store, 1);
      const from = systemClock.now();
      const first = await store.openSession(opening('a', { asker: asker('a', ['g']), change: 3 }));
      const moved = await store.openSession(
        opening('a', { asker: asker('a', ['h']), change: 4, seat: 's2', tc: 'tc_2' as TcId }),
      );
      const queued = await store.openSession(
        opening('b', { asker: asker('b', []), change: 4, pools: ['p', 'q'] }),
      );
      const silent = await store.openSession(opening('c'));
      expect(moved.session.id).toBe(first.session.id);
      return { from, first: first.session.id, queued: queued.session.id, silent: silent.session.id };
    })();
    await using store = await open(place);
    const at = expect.any(Number) as number;
    const one = {
      session: made.first,
      at,
      asker: asker('a', ['g']),
      change: 3,
      outcome: 'new',
      allocator: 'all',
      pools: ['p'],
    };
    const other = {
      session: made.queued,
      at,
      asker: asker('b', []),
      change: 4,
      outcome: 'queue',
      allocator: 'all',
      pools: ['p', 'q'],
    };
    expect([await store.reasonOf(made.first), await store.reasonOf(made.queued)]).toEqual([one, other]);
    expect(await store.reasonOf(made.silent)).toBeUndefined();
    expect((await store.loginsSince(made.from, 10)).map((r) => r.session).sort()).toEqual(
      [made.first, made.queued].sort(),
    );
    const [newest] = await store.loginsSince(made.from, 1);
    const others = await store.loginsSince(made.from, 10, newest);
    expect(new Set([newest!, ...others].map((r) => r.session))).toEqual(new Set([made.first, made.queued]));
    expect(await store.loginsSince(made.from, 10, others[0])).toEqual([]);
    expect(await store.loginsSince(systemClock.now() + 1000, 10)).toEqual([]);
    expect(await store.forgetReasons(made.from)).toBe(0);
    expect(await store.forgetReasons(systemClock.now() + 1000)).toBe(2);
    expect(await store.reasonOf(made.first)).toBeUndefined();
    const again = await store.openSession(opening('d', { asker: asker('a', ['g']), change: 5, seat: 's9' }));
    expect((await store.reasonOf(again.session.id))?.asker).toEqual(asker('a', ['g']));
  });

  test('who comes behind others takes no ready desktop, but has what is bound, and is served in turn', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const behindOthers = true;
    const late = await store.openSession(opening('late', { behindOthers }));
    expect(late.kind).toBe('waiting');
    const free = (await store.desktops()).find((d) => d.state === 'ready')!;
    await store.prepareBindings([{ kind: 'user', key: 'file:own', desktop: free.id }], operator, false);
    const own = await store.openSession(opening('own', { behindOthers, binding: 'user', seat: 's2' }));
    expect(own).toMatchObject({ kind: 'have', desktop: { id: free.id } });
    const { id, tc } = late.session;
    expect(await store.claimFor(id, tc, sha('late'), undefined)).toMatchObject({ kind: 'got', claim: 'new' });
  });

  test('somebody who works elsewhere stays there when that is wanted, and nothing at all is changed', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const first = await store.openSession(opening('a', { policy: { queuePriority: 3, graceMs: 7 } }));
    const { tc, id } = first.session;
    expect(first.session.policy).toEqual({ queuePriority: 3, graceMs: 7 });
    const there = { seat: 's2', tc: 'tc_2' as TcId };
    const before = await store.session(id);
    const stayWhereUsed = new Set([tc]);
    expect(await store.openSession(opening('a', { ...there, stayWhereUsed }))).toEqual({
      kind: 'elsewhere',
      session: before,
      ended: [],
    });
    expect(await store.session(id)).toEqual(before);
    const moved = await store.openSession(opening('a', { ...there, stayWhereUsed: new Set<TcId>() }));
    expect(moved).toMatchObject({ kind: 'have', session: { id, seat: 's2' }, moved: tc });
    expect((await store.session(id))?.policy).toEqual({ queuePriority: 3, graceMs: 7 });
  });

  test('who may have two sessions has one at each of two seats, and the third login takes up the first', async () => {
    await using store = await open();
    await makeReady(store, 3);
    const seats = ['s1', 's2', 's3'];
    const online = new Set(seats.map((seat) => `tc_${seat}` as TcId));
    const several = { most: 2, online };
    const [one, two, three] = [
      await store.openSession(opening('a', { several })),
      await store.openSession(opening('a', { several, seat: 's2' })),
      await store.openSession(opening('a', { several, seat: 's3' })),
    ];
    expect([two.session.id === one.session.id, idOf(two) === idOf(one)]).toEqual([false, false]);
    expect(three).toMatchObject({
      kind: 'have',
      session: { id: one.session.id, seat: 's3' },
      moved: 'tc_s1',
    });
    expect((await store.sessionsOf('file:a')).map((s) => s.seat).sort()).toEqual(['s2', 's3']);
    await store.endSession(three.session.id, 'logged-off', theHub);
    const again = await store.openSession(opening('a', { several, seat: 's1' }));
    expect(again).toMatchObject({ kind: 'have', claim: 'new', ended: [] });
  });

  test('a desktop goes back to its pool with the word of the allocator that gave it', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const policy = { queuePriority: 0, afterUse: 'rebuild' as const };
    const one = await store.openSession(opening('a', { policy }));
    const other = await store.openSession(opening('b', { seat: 's2' }));
    for (const { session } of [one, other]) await store.endSession(session.id, 'logged-off', theHub);
    expect(await store.desktops({ state: 'ready' })).toEqual([]);
    const returning = await store.desktops({ state: 'returning' });
    expect(returning).toEqual(await store.desktops());
    const words = returning.map((d) => [d.id, d.state, d.afterUse]);
    expect(new Set(words)).toEqual(
      new Set([
        [idOf(one), 'returning', 'rebuild'],
        [idOf(other), 'returning', undefined],
      ]),
    );
  });

  test('a session that is locked keeps its desktop, and nothing that its seat knows brings it back', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const request = opening('a');
    const { session } = await store.openSession(request);
    const { id, tc, generation } = session;
    expect(await store.lockSession(id, 7, theHub, { tc, generation: generation + 1 })).toBeUndefined();
    const locked = await store.lockSession(id, 7, theHub, { tc, generation });
    expect(locked).toMatchObject({ state: 'away', graceUntil: 7, generation: 2, secretHash: undefined });
    expect(await store.sessionByRequest(tc, request.requestId)).toBeUndefined();
    const late = { session: id, tc, generation, state: 'connected', end: undefined } as const;
    expect(await store.recordViewer({ ...late, stages: {}, graceUntil: 0 })).toBeUndefined();
    expect((await store.sessionsAway()).map((s) => s.id)).toEqual([id]);
    const again = await store.openSession(opening('a', { seat: 's2' }));
    expect(again).toMatchObject({
      kind: 'have',
      session: { id },
      desktop: { id: session.desktop },
      claim: 'held',
    });
    expect(await store.sessionsAway()).toEqual([]);
    await store.endSession(id, 'logged-off', theHub);
    expect(await store.lockSession(id, 7, theHub)).toBeUndefined();
  });

  test('prepared bindings are made all or none, and each row is told what stands in its way', async () => {
    await using store = await open();
    const [a, b, used] = (await makeReady(store, 3)) as [Desktop, Desktop, Desktop];
    const held = await store.openSession(opening('x'));
    const taken = idOf(held);
    const free = [a, b, used].filter((d) => d.id !== taken).map((d) => d.id);
    const user = (key: string, desktop: string) => ({
      kind: 'user' as const,
      key,
      desktop: desktop as Desktop['id'],
    });
    const wrong = [
      user('file:1', free[0]!),
      user('file:1', free[1]!),
      user('file:2', free[0]!),
      user('file:3', taken),
      user('file:4', 'dt_none'),
    ];
    expect(await store.prepareBindings(wrong, operator, false)).toEqual([
      undefined,
      'an earlier line gives this user a desktop of pool p already',
      expect.stringContaining('stands in an earlier line already'),
      expect.stringContaining('is leased; only a ready one can be bound'),
      'there is no such desktop',
    ]);
    expect(await store.bindings()).toEqual([]);
    const right = [user('file:1', free[0]!), user('file:2', free[1]!)];
    expect(await store.prepareBindings(right, operator, true)).toEqual([undefined, undefined]);
    expect(await store.bindings()).toEqual([]);
    expect(await store.prepareBindings(right, operator, false)).toEqual([undefined, undefined]);
    expect(await store.prepareBindings([user('file:1', taken)], operator, false)).toEqual([
      expect.stringContaining('this user has'),
    ]);
    const first = await store.openSession(opening('1', { binding: 'user', seat: 's2' }));
    expect(first).toMatchObject({ kind: 'have', claim: 'bound', desktop: { id: free[0] } });
    const acts = (await store.audit({ limit: 20 })).filter((row) => row.act === 'binding.prepared');
    expect(acts.map((row) => [row.actor, row.details['key']])).toEqual([
      [operator, 'file:2'],
      [operator, 'file:1'],
    ]);
  });

  test('a binding that ends lets its desktop go: made anew when it was used, proved again when it was not', async () => {
    await using store = await open();
    const [one, two] = (await makeReady(store, 2)) as [Desktop, Desktop];
    const binding = { binding: 'user' as const };
    const opened = await store.openSession(opening('1', binding));
    const mine = idOf(opened) as Desktop['id'];
    const other = (mine === one.id ? two : one).id;
    await store.prepareBindings([{ kind: 'user', key: 'file:2', desktop: other }], operator, false);
    await expect(store.endBinding(mine, operator, 'test')).rejects.toMatchObject({ code: 'desktop-in-use' });
    await store.endSession(opened.session.id, 'logged-off', theHub);
    await expect(store.endBinding(mine, operator, 'test', 1)).rejects.toMatchObject({ code: 'binding-used' });
    const rebound = { kind: 'user' as const, key: 'file:3' };
    await expect(store.rebind(mine, rebound, false, operator)).rejects.toMatchObject({
      code: 'desktop-used',
    });
    await expect(store.rebind(mine, { kind: 'user', key: 'file:2' }, true, operator)).rejects.toMatchObject({
      code: 'binding-taken',
    });
    expect(await store.rebind(mine, rebound, true, operator)).toMatchObject(rebound);
    const taken = await store.openSession(opening('3', { ...binding, seat: 's2' }));
    expect(idOf(taken)).toBe(mine);
    await store.endSession(taken.session.id, 'logged-off', theHub);
    await expect(store.moveBinding(mine, 'q', operator)).rejects.toMatchObject({ code: 'no-desktop-ready' });
    const [better] = (await makeReady(store, 1, 'q')) as [Desktop];
    expect(await store.moveBinding(mine, 'q', operator)).toMatchObject({
      ...rebound,
      desktop: better.id,
      pool: 'q',
    });
    await store.endBinding(other, operator, 'test');
    await expect(store.endBinding(other, operator, 'test')).rejects.toMatchObject({
      code: 'binding-unknown',
    });
    const states = await Promise.all([mine, other, better.id].map((id) => store.desktop(id)));
    expect(states.map((d) => d?.state)).toEqual(['returning', 'booting', 'bound']);
    expect((await store.bindings()).map((b) => b.key)).toEqual(['file:3']);
    const acts = (await store.audit({ limit: 50 })).map((row) => row.act);
    expect(acts.filter((act) => act.startsWith('binding.')).toReversed()).toEqual([
      'binding.made',
      'binding.prepared',
      'binding.changed',
      'binding.moved',
      'binding.ended',
    ]);
  });

  test('resources are kept with every revision, and a change made against an older one is refused whole', async () => {
    await using store = await open();
    const { sites } = resourceFile.parse({ sites: { nt: { title: 'Nantong', timeZone: 'Asia/Shanghai' } } });
    const spec = sites['nt']!;
    await store.applyResources([{ kind: 'sites', name: 'nt', was: 0, spec }], operator);
    await store.applyResources(
      [{ kind: 'sites', name: 'nt', was: 1, spec: { ...spec, title: '南通' } }],
      operator,
    );
    const stale = store.applyResources(
      [
        { kind: 'sites', name: 'other', was: 0, spec },
        { kind: 'sites', name: 'nt', was: 1, spec: { ...spec, title: 'late' } },
      ],
      operator,
    );
    await expect(stale).rejects.toMatchObject({ code: 'resource-changed', retry: 'refused' });
    const now = await store.catalogue();
    expect([...now.sites.values()].map(({ name, revision, spec }) => [name, revision, spec.title])).toEqual([
      ['nt', 2, '南通'],
    ]);
    await store.applyResources([{ kind: 'sites', name: 'nt', was: 2, spec: undefined }], operator);
    expect((await store.catalogue()).sites.size).toBe(0);
    expect((await store.history('sites', 'nt')).map((r) => r.spec?.title)).toEqual([
      undefined,
      '南通',
      'Nantong',
    ]);
    // A name that is used again goes on counting where it left off.
    await store.applyResources([{ kind: 'sites', name: 'nt', was: 0, spec }], operator);
    expect((await store.catalogue()).sites.get('nt')!.revision).toBe(4);
  });

  test('of many who want the last desktop exactly one gets it, and the others wait', async () => {
    await using store = await open();
    await makeReady(store, 3);
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) => store.openSession(opening(`u${i}`, { seat: `s${i}` }))),
    );
    const got = all.filter((o) => o.kind === 'have').map(idOf);
    expect(got.length).toBe(3);
    expect(new Set(got).size).toBe(3);
    expect(all.filter((o) => o.kind === 'waiting').length).toBe(37);
  });

  test('the oldest ready desktop goes first, and pools in their order', async () => {
    await using store = await open();
    const [spare] = await makeReady(store, 1, 'spare');
    const [first, second] = await makeReady(store, 2, 'p');
    const pools = ['p', 'spare'];
    const got = [];
    for (const user of ['a', 'b', 'c'])
      got.push(idOf(await store.openSession(opening(user, { pools, seat: user }))));
    expect(got).toEqual([first!.id, second!.id, spare!.id]);
  });

  test('a person who comes again has the same desktop, and the seat before is named', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const first = await store.openSession(opening('anna', { seat: 'a', tc: 'tc_a' as TcId }));
    await store.recordViewer({
      session: first.session.id,
      tc: first.session.tc,
      generation: 1,
      state: 'connected',
      end: undefined,
      stages: {},
      graceUntil: 0,
    });
    const again = await store.openSession(opening('anna', { seat: 'b', tc: 'tc_b' as TcId }));
    expect(first.kind).toBe('have');
    expect(again).toMatchObject({ kind: 'have', claim: 'held', moved: 'tc_a' });
    expect(idOf(again)).toBe(idOf(first));
    expect(again.session).toMatchObject({
      id: first.session.id,
      seat: 'b',
      generation: first.session.generation + 1,
    });
    expect((await store.desktops()).filter((d) => d.state === 'ready').length).toBe(1);
  });

  test('a desktop that somebody has used is never ready for another', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const anna = await store.openSession(opening('anna'));
    await store.endSession(anna.session.id, 'logged-off', theHub);
    const [desktop] = await store.desktops();
    expect(desktop).toMatchObject({ state: 'returning', session: undefined, usedBy: 'file:anna' });
    expect(await store.recordDesktop(desktop!.id, { kind: 'proved', endpoint }, theHub)).toBeUndefined();
    expect((await store.openSession(opening('bert'))).kind).toBe('waiting');
  });

  test('a desktop whose rebuild is confirmed is nobody’s, boots, and may be another’s; before that it is not', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const anna = await store.openSession(opening('anna'));
    await store.endSession(anna.session.id, 'logged-off', theHub);
    const [{ id, serverId, attempt }] = (await store.desktops()) as [Desktop];
    const told = (kind: 'rebuilt') => store.recordDesktop(id, { kind }, theHub);
    expect(await told('rebuilt')).toBeUndefined();
    expect(await store.recordDesktop(id, { kind: 'rebuild', image: 'img-2' }, theHub)).toMatchObject({
      state: 'rebuilding',
      serverId,
      attempt: attempt + 1,
      image: 'img-2',
      usedBy: 'file:anna',
      endpoint: undefined,
      readyAt: undefined,
    });
    expect(await store.recordDesktop(id, { kind: 'proved', endpoint }, theHub)).toBeUndefined();
    expect((await store.openSession(opening('bert'))).kind).toBe('waiting');
    expect(await told('rebuilt')).toMatchObject({ state: 'booting', serverId, usedBy: undefined });
    expect(await told('rebuilt')).toBeUndefined();
    expect(await store.recordDesktop(id, { kind: 'proved', endpoint }, theHub)).toMatchObject({
      state: 'ready',
    });
    const carl = await store.openSession(opening('carl', { seat: 'c', tc: 'tc_c' as TcId }));
    expect(carl).toMatchObject({ kind: 'have', desktop: { id, usedBy: 'file:carl' } });
  });

  test('a held desktop is broken, retired or gone by nobody’s event', async () => {
    await using store = await open();
    const [desktop] = await makeReady(store, 1);
    await store.openSession(opening('anna'));
    const fault = { code: 'x', text: 'the cloud says so', at: 1 };
    for (const event of [
      { kind: 'broke', fault },
      { kind: 'retire' },
      { kind: 'gone' },
      { kind: 'unproved', text: '' },
    ] as const) {
      expect(await store.recordDesktop(desktop!.id, event, theHub)).toBeUndefined();
    }
    expect(await store.desktop(desktop!.id)).toMatchObject({ state: 'leased' });
  });

  test('a desktop that proves to be no good is replaced by another, and kept as evidence', async () => {
    await using store = await open();
    const [bad, good] = await makeReady(store, 2);
    const { session } = await store.openSession(opening('anna'));
    const next = await store.claimFor(session.id, session.tc, sha('2'), {
      desktop: bad!.id,
      claim: 'new',
      generation: 1,
      verdict: 'broken',
      code: 'wrong-desktop',
      text: 'it is another',
    });
    expect(next).toMatchObject({ kind: 'got', claim: 'new', desktop: { id: good!.id } });
    expect(await store.desktop(bad!.id)).toMatchObject({
      state: 'broken',
      session: undefined,
      fault: { text: 'it is another' },
    });
  });

  test('a desktop that could not be reached before anything was granted is proved anew, and then anybody’s', async () => {
    await using store = await open();
    const [far] = await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna', { binding: 'user' }));
    const given = {
      desktop: far!.id,
      claim: 'new',
      generation: 1,
      verdict: 'look-again',
      code: 'unreachable',
      text: 'no route',
    } as const;
    expect(await store.claimFor(session.id, session.tc, sha('2'), given)).toEqual({ kind: 'none' });
    expect(await store.session(session.id)).toMatchObject({ state: 'waiting', desktop: undefined });
    expect(await store.desktop(far!.id)).toMatchObject({
      state: 'booting',
      session: undefined,
      usedBy: undefined,
    });
    expect(await store.bindings()).toEqual([]);
    await store.recordDesktop(far!.id, { kind: 'proved', endpoint }, theHub);
    expect((await store.openSession(opening('bert', { seat: 's2', tc: 'tc_2' as TcId }))).kind).toBe('have');
  });

  test('a held desktop that is given up is never proved anew for another', async () => {
    await using store = await open();
    const [own] = await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna'));
    const given = {
      desktop: own!.id,
      claim: 'held',
      generation: 1,
      verdict: 'look-again',
      code: 'unreachable',
      text: 'no route',
    } as const;
    expect(await store.claimFor(session.id, session.tc, sha('2'), given)).toEqual({ kind: 'none' });
    expect(await store.desktop(own!.id)).toMatchObject({ state: 'broken', usedBy: 'file:anna' });
  });

  test('what a seat decided of an older grant, or of a session that has moved, comes to nothing', async () => {
    await using store = await open();
    const [own] = await makeReady(store, 2);
    const first = await store.openSession(opening('anna'));
    const moved = await store.openSession(opening('anna', { seat: 's2' }));
    expect(moved).toMatchObject({ kind: 'have', moved: first.session.tc, desktop: { id: own!.id } });
    const { session } = moved;
    const given = {
      desktop: own!.id,
      claim: 'new',
      generation: 1,
      verdict: 'look-again',
      code: 'unreachable',
      text: 'no route',
    } as const;
    const over = { kind: 'over' };
    expect(await store.claimFor(session.id, first.session.tc, sha('2'), given)).toEqual(over);
    expect(await store.claimFor(session.id, session.tc, sha('2'), given)).toEqual(over);
    expect(await store.claimFor(session.id, first.session.tc, sha('2'), undefined)).toEqual(over);
    expect(await store.endSession(session.id, 'cancelled', theHub, first.session)).toBeUndefined();
    expect(await store.desktop(own!.id)).toMatchObject({ state: 'leased', session: session.id });
  });

  test('a grant that no seat has spoken of is proved like a new one; afterwards the desktop is held', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna'));
    expect(await store.renewGrant(session.id, session.tc, sha('2'), 'again-2')).toMatchObject({
      claim: 'bound',
    });
    const news = {
      session: session.id,
      tc: session.tc,
      generation: 2,
      end: undefined,
      stages: {},
      graceUntil: 0,
    };
    await store.recordViewer({ ...news, state: 'starting' });
    expect(await store.renewGrant(session.id, session.tc, sha('3'), 'again-3')).toMatchObject({
      claim: 'held',
      session: { generation: 3 },
    });
  });

  test('a bound desktop stays its person’s over sessions, and a second person gets another', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const anna = await store.openSession(opening('anna', { binding: 'user' }));
    await store.endSession(anna.session.id, 'logged-off', theHub);
    const bert = await store.openSession(
      opening('bert', { binding: 'user', seat: 's2', tc: 'tc_2' as TcId }),
    );
    const again = await store.openSession(
      opening('anna', { binding: 'user', seat: 's3', tc: 'tc_3' as TcId }),
    );
    expect(idOf(again)).toBe(idOf(anna));
    expect(idOf(bert)).not.toBe(idOf(anna));
    expect((await store.bindings()).map(({ kind, key }) => [kind, key])).toEqual([
      ['user', 'file:anna'],
      ['user', 'file:bert'],
    ]);
  });

  test('a bound desktop is let go of by an operator alone, while nobody is at it, and its binding with it', async () => {
    await using store = await open();
    const [own] = await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna', { binding: 'user' }));
    const retire = (by: Actor) => store.recordDesktop(own!.id, { kind: 'retire' }, by);
    expect(await retire(operator)).toBeUndefined();
    await store.endSession(session.id, 'logged-off', theHub);
    expect(await retire(theHub)).toBeUndefined();
    expect(await retire(operator)).toMatchObject({ state: 'retiring', session: undefined });
    expect(await store.bindings()).toEqual([]);
    expect((await store.audit({ limit: 2 })).map(({ act, actor }) => [act, actor.kind])).toEqual([
      ['desktop.retire', 'operator'],
      ['binding.ended', 'operator'],
    ]);
  });

  test('a desktop bound to a seat is whoever sits there’s, and does not follow a person away', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const seatA = { binding: 'seat', seat: 'a', tc: 'tc_a' as TcId } as const;
    const anna = await store.openSession(opening('anna', seatA));
    const bert = await store.openSession(opening('bert', seatA));
    expect(idOf(bert)).toBe(idOf(anna));
    expect(bert.ended.map((s) => [s.user, s.end])).toEqual([['anna', 'superseded']]);
    const moved = await store.openSession(
      opening('bert', { binding: 'seat', seat: 'b', tc: 'tc_b' as TcId }),
    );
    expect(idOf(moved)).not.toBe(idOf(bert));
    expect(moved.ended.map((s) => s.id)).toEqual([bert.session.id]);
  });

  test('a report of an older grant, of another seat or of an ended session changes nothing', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna', { tc: 'tc_a' as TcId }));
    const news = {
      session: session.id,
      state: 'connected',
      end: undefined,
      stages: {},
      graceUntil: 0,
    } as const;
    expect(
      await store.recordViewer({ ...news, tc: 'tc_a' as TcId, generation: session.generation - 1 }),
    ).toBeUndefined();
    expect(
      await store.recordViewer({ ...news, tc: 'tc_b' as TcId, generation: session.generation }),
    ).toBeUndefined();
    expect(
      await store.recordViewer({ ...news, tc: 'tc_a' as TcId, generation: session.generation }),
    ).toMatchObject({
      state: 'connected',
    });
    await store.endSession(session.id, 'logged-off', theHub);
    expect(
      await store.recordViewer({ ...news, tc: 'tc_a' as TcId, generation: session.generation }),
    ).toBeUndefined();
  });

  test('a viewer’s end begins the grace, once; a new viewer ends it', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const { session } = await store.openSession(opening('anna'));
    const news = { session: session.id, tc: session.tc, generation: session.generation, stages: {} };
    const ended = { ...news, state: 'ended', end: 'closed-by-desktop' } as const;
    expect(await store.recordViewer({ ...ended, graceUntil: 1000 })).toMatchObject({
      state: 'away',
      graceUntil: 1000,
    });
    expect(await store.recordViewer({ ...ended, graceUntil: 2000 })).toMatchObject({
      state: 'away',
      graceUntil: 1000,
    });
    const back = await store.recordViewer({ ...news, state: 'connected', end: undefined, graceUntil: 3000 });
    expect(back).toMatchObject({ state: 'connected', graceUntil: undefined });
  });

  test('a TC’s own session of another person is left behind with its grace', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const anna = await store.openSession(opening('anna'));
    await store.openSession(opening('bert', { leftBehindUntil: 4711 }));
    expect(await store.session(anna.session.id)).toMatchObject({ state: 'away', graceUntil: 4711 });
  });

  test('a request of a session that is over is refused, not answered with a new one', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const asked = opening('anna');
    const { session } = await store.openSession(asked);
    await store.endSession(session.id, 'logged-off', theHub);
    await expect(store.openSession(asked)).rejects.toMatchObject({ code: 'session-over' });
  });

  test('a thin client waits for approval, once approved stands at one seat, and no second one stands there', async () => {
    await using store = await open();
    const parsed = resourceFile.parse({
      sites: { x: { title: 'X', timeZone: 'UTC' } },
      seats: { s1: { site: 'x', label: '1' } },
    });
    await store.applyResources(
      [
        { kind: 'sites', name: 'x', was: 0, spec: parsed.sites['x'] },
        { kind: 'seats', name: 's1', was: 0, spec: parsed.seats['s1'] },
      ],
      operator,
    );
    const met = (fingerprint: string) => ({
      fingerprint,
      publicKey: fingerprint,
      hostName: 'tc',
      model: undefined,
      macs: [],
      agentVersion: '1',
      address: '::1',
    });
    expect(await store.meetTc(met('A'), undefined, 10)).toMatchObject({ state: 'pending', seat: undefined });
    expect(await store.approveTc('A', 's1', operator)).toMatchObject({ state: 'enrolled', seat: 's1' });
    await store.meetTc(met('B'), undefined, 10);
    await expect(store.approveTc('B', 's1', operator)).rejects.toMatchObject({ code: 'seat-taken' });
    await expect(store.approveTc('B', 's9', operator)).rejects.toMatchObject({ code: 'seat-unknown' });
    await expect(store.approveTc('C', undefined, operator)).rejects.toMatchObject({ code: 'tc-unknown' });
    await store.retireTc((await store.tcByFingerprint('A'))!.id, operator);
    expect(await store.approveTc('B', 's1', operator)).toMatchObject({ state: 'enrolled', seat: 's1' });
  });

  test('an enrolment token works once, in its time, and strangers beyond the limit are forgotten', async () => {
    await using store = await open();
    const met = (fingerprint: string) => ({
      fingerprint,
      publicKey: fingerprint,
      hostName: '',
      model: undefined,
      macs: [],
      agentVersion: '1',
      address: '',
    });
    await store.addToken({ hash: 'good', seat: undefined, expiresAt: systemClock.now() + 60_000 }, operator);
    await store.addToken({ hash: 'old', seat: undefined, expiresAt: systemClock.now() - 1 }, operator);
    expect(await store.meetTc(met('A'), 'good', 10)).toMatchObject({ state: 'enrolled' });
    await expect(store.meetTc(met('B'), 'good', 10)).rejects.toMatchObject({ code: 'token-invalid' });
    await expect(store.meetTc(met('B'), 'old', 10)).rejects.toMatchObject({ code: 'token-invalid' });
    for (const name of ['C', 'D', 'E', 'F']) await store.meetTc(met(name), undefined, 2);
    expect((await store.tcs()).map((tc) => tc.fingerprint).toSorted()).toEqual(['A', 'E', 'F']);
  });

  test('the audit chain holds every act in order and shows what was changed', async () => {
    await using store = await open();
    await makeReady(store, 2);
    const { session } = await store.openSession(opening('anna'));
    await store.endSession(session.id, 'logged-off', operator);
    expect(await store.verifyAudit()).toEqual({ rows: 11, brokenAt: undefined });
    const rows = await store.audit({ limit: 2 });
    expect(rows.map(({ act, actor, subject }) => [act, actor.name, subject])).toEqual([
      ['session.ended', 'test', session.id],
      ['desktop.handed-out', 'file:anna', session.desktop ?? rows[1]!.subject],
    ]);
  });

  test('a server without a row is adopted in quarantine, and one that a row has is not', async () => {
    await using store = await open();
    const [known] = await makeReady(store, 1);
    const found = {
      id: newId('desktop', 1),
      cloud: 'default',
      pool: 'p',
      poolRevision: 1,
      serverId: 'lost',
      serverName: 'p-9',
      why: 'no row',
    };
    expect(await store.adoptDesktop(found)).toMatchObject({
      state: 'quarantined',
      serverId: 'lost',
      fault: { text: 'no row' },
    });
    expect(await store.adoptDesktop(found)).toBeUndefined();
    expect(
      await store.adoptDesktop({ ...found, id: newId('desktop', 2), serverId: known!.serverId! }),
    ).toBeUndefined();
    expect((await store.openSession(opening('anna', { pools: ['p'] }))).kind).toBe('have');
    expect((await store.openSession(opening('bert', { seat: 's2', tc: 'tc_2' as TcId }))).kind).toBe(
      'waiting',
    );
  });

  test('everything acknowledged is there after a new start', async () => {
    const place = provider.newPlace();
    const before = await (async () => {
      await using store = await open(place);
      await makeReady(store, 2);
      await store.openSession(opening('anna', { binding: 'user' }));
      return {
        desktops: await store.desktops(),
        sessions: await store.sessions(),
        bindings: await store.bindings(),
      };
    })();
    await using store = await open(place);
    expect({
      desktops: await store.desktops(),
      sessions: await store.sessions(),
      bindings: await store.bindings(),
    }).toEqual(before);
    expect((await store.verifyAudit()).brokenAt).toBeUndefined();
  });

  test('images are revisions of their pool, in the order in which they were seen', async () => {
    const clock = { ...systemClock, now: () => 1000 };
    await using store = await provider.open(provider.newPlace(), clock);
    await store.recordImage('p', 'b', { kind: 'seen' });
    await store.recordImage('q', 'b', { kind: 'proved' });
    await store.recordImage('p', 'a', { kind: 'proved' });
    await store.recordImage('p', 'b', { kind: 'seen' });
    await store.recordImage('p', 'b', { kind: 'frozen', specRevision: 7, text: 'blue screen' });
    expect(await store.images('p')).toEqual([
      { image: 'a', revision: 2, seenAt: 1000, provedAt: 1000, frozen: undefined },
      {
        image: 'b',
        revision: 1,
        seenAt: 1000,
        provedAt: undefined,
        frozen: { at: 1000, specRevision: 7, text: 'blue screen' },
      },
    ]);
    expect((await store.images('q')).map(({ revision }) => revision)).toEqual([1]);
    await store.recordImage('p', 'b', { kind: 'proved' });
    expect((await store.images('p'))[1]).toMatchObject({ provedAt: 1000, frozen: undefined });
  });

  test('a desktop keeps what its server is made from', async () => {
    await using store = await open();
    const [desktop] = await store.wantDesktops({ name: 'p', cloud: 'default', revision: 1 }, 1);
    await store.recordDesktop(desktop!.id, { kind: 'ask', serverName: 'p-1', image: 'img-1' }, theHub);
    expect((await store.desktop(desktop!.id))!.image).toBe('img-1');
  });

  test('a bound desktop that is switched on is not up before it was seen to be', async () => {
    await using store = await open();
    await makeReady(store, 1);
    await store.openSession(opening('anna', { binding: 'user' }));
    const { id } = (await store.desktops())[0]!;
    const on = await store.recordDesktop(id, { kind: 'switched-on' }, theHub);
    expect(on).toMatchObject({ state: 'bound', readyAt: undefined, activeAt: undefined });
    expect(await store.recordDesktop(id, { kind: 'up', endpoint }, theHub)).toMatchObject({ endpoint });
    expect(await store.recordDesktop(id, { kind: 'up', endpoint }, theHub)).toBeUndefined();
  });

  test('a desktop is found on the host that it was last seen on, whoever has it', async () => {
    await using store = await open();
    const [desktop] = await makeReady(store, 1);
    await got(store, 'anna');
    const moved = await store.recordDesktop(desktop!.id, { kind: 'on-host', host: 'h2' }, theHub);
    const on = async (host: string) => (await store.desktops({ cloud: 'default', host })).map(({ id }) => id);
    expect([moved?.state, await on('h1'), await on('h2')]).toEqual(['leased', [], [desktop!.id]]);
  });

  test('a desktop that is held back is handed out to nobody, until it is not', async () => {
    await using store = await open();
    const [desktop] = await makeReady(store, 1);
    await store.recordDesktop(desktop!.id, { kind: 'hold-back', why: 'its host looks down' }, theHub);
    expect(await store.openSession(opening('anna'))).toMatchObject({ kind: 'waiting' });
    await store.recordDesktop(desktop!.id, { kind: 'hold-back', why: undefined }, theHub);
    expect(await store.openSession(opening('bert', { seat: 's2' }))).toMatchObject({ kind: 'have' });
    expect(
      await store.recordDesktop(desktop!.id, { kind: 'hold-back', why: 'too late' }, theHub),
    ).toBeUndefined();
  });

  test('a pool says which of its ready desktops goes first', async () => {
    let now = 1000;
    await using store = await provider.open(provider.newPlace(), { ...systemClock, now: () => now });
    const ids: string[] = [];
    for (const pool of ['p', 'p', 'new', 'new']) {
      now += 1000;
      ids.push((await makeReady(store, 1, pool))[0]!.id);
    }
    const { pools } = resourceFile.parse({
      pools: { new: { title: 'N', image: 'i', flavor: 'f', floor: 0, ceiling: 9, handOut: 'newest' } },
    });
    await store.applyResources([{ kind: 'pools', name: 'new', was: 0, spec: pools['new']! }], operator);
    const got = async (person: string, pool: string) =>
      idOf(await store.openSession(opening(person, { seat: person, pools: [pool] })));
    expect([await got('anna', 'p'), await got('bert', 'new')]).toEqual([ids[0], ids[3]]);
  });

  test('servers of desktops that are gone are known as ours, and no others', async () => {
    await using store = await open();
    const [gone, stays] = await makeReady(store, 2);
    await store.recordDesktop(gone!.id, { kind: 'gone' }, theHub);
    const asked = [gone!.serverId!, stays!.serverId!, 'foreign'];
    expect(await store.formerServers('default', asked)).toEqual([gone!.serverId]);
    expect(await store.formerServers('other', asked)).toEqual([]);
  });

  test('a parked desktop is its person’s still, and boots when they come', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const first = await store.openSession(opening('anna', { binding: 'user' }));
    const { id } = (await store.desktops())[0]!;
    expect(await store.recordDesktop(id, { kind: 'park' }, theHub)).toBeUndefined();
    await store.endSession(first.session.id, 'logged-off', theHub);
    expect(await store.recordDesktop(id, { kind: 'park' }, theHub)).toMatchObject({
      state: 'parked',
      readyAt: undefined,
      endpoint: undefined,
    });
    const again = await store.openSession(opening('anna', { binding: 'user' }));
    expect(again).toMatchObject({ kind: 'have', claim: 'bound', desktop: { id, state: 'bound' } });
    expect((await store.desktop(id))!.readyAt).toBeUndefined();
  });

  const swapped = async (store: Store, order: Parameters<Store['swapDesktop']>[0], by: Actor = operator) => {
    const answer = await store.swapDesktop(order, by);
    if (answer.kind !== 'swapped') throw new Error(answer.kind);
    return answer;
  };
  const got = async (store: Store, person: string, more: Partial<Opening> = {}) => {
    const opened = await store.openSession(opening(person, more));
    if (opened.kind !== 'have') throw new Error(opened.kind);
    return opened;
  };

  test('a swapped desktop is fenced, its person has another at once, and asked again it is the same answer', async () => {
    await using store = await open();
    await makeReady(store, 3);
    const { session, desktop: old } = await got(store, 'a');
    await store.recordViewer(connected(session));
    const order = { desktop: old.id, origin: 'operator' as const, reason: 'black screen' };
    const first = await swapped(store, order);
    const again = await swapped(store, order);
    const to = first.swap.to!;
    expect(again).toEqual({ ...first, again: true });
    expect([(await store.desktop(old.id))!, (await store.desktop(to))!]).toMatchObject([
      {
        state: 'quarantined',
        session: undefined,
        endpoint: undefined,
        usedBy: 'file:a',
        fault: { code: 'swapped', text: 'black screen' },
      },
      { state: 'leased', session: session.id, usedBy: 'file:a' },
    ]);
    expect(first.session).toMatchObject({
      state: 'opening',
      desktop: to,
      generation: session.generation + 1,
      secretHash: session.secretHash,
    });
    // What the seat still says of the old one is not heard.
    expect(await store.recordViewer({ ...connected(session), state: 'ended' })).toBeUndefined();
    // Nobody has been told of the other one: it is proved like any that nobody has seen.
    const renewed = await store.renewGrant(session.id, session.tc, sha('2'), 'after-the-swap');
    expect(renewed).toMatchObject({ kind: 'have', claim: 'new', desktop: { id: to } });
    expect(await store.renewGrant(session.id, session.tc, sha('3'), 'after-the-swap-2')).toMatchObject({
      claim: 'held',
    });
    const now = (await store.session(session.id))!;
    const done = await store.recordViewer(connected(now));
    expect([done?.swap, done?.stages['swap']]).toEqual([undefined, expect.any(Number)]);
    expect(await store.swaps({ limit: 9 })).toEqual([
      { ...first.swap, claimedMs: expect.any(Number) as number, tookMs: done!.stages['swap'] },
    ]);
    const acts = (await store.audit({ limit: 100 })).map(({ act }) => act);
    expect(acts.filter((act) => /swap/.test(act))).toEqual(['swap.done', 'desktop.swapped']);
  });

  test('whose desktop is swapped while none is ready waits, and has the next', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const { session, desktop } = await got(store, 'a');
    await store.recordViewer(connected(session));
    const { session: waits, swap } = await swapped(store, {
      desktop: desktop.id,
      origin: 'rule',
      reason: 'gone',
    });
    expect([waits?.state, waits?.desktop, swap.to]).toEqual(['waiting', undefined, undefined]);
    expect(await store.recordViewer({ ...connected(waits!), state: 'ended' })).toBeUndefined();
    expect(await store.renewGrant(session.id, session.tc, sha('2'), 'it-waits-on')).toMatchObject({
      kind: 'waits',
      session: { requestId: 'it-waits-on' },
    });
    const [next] = await makeReady(store, 1);
    const claimed = await store.claimFor(session.id, session.tc, sha('3'), undefined);
    expect(claimed).toMatchObject({ kind: 'got', claim: 'new', desktop: { id: next!.id } });
    expect(await store.claimFor(session.id, session.tc, sha('4'), undefined)).toMatchObject({
      claim: 'bound',
    });
    expect((await store.swaps({ limit: 1 }))[0]).toMatchObject({ to: next!.id, tookMs: undefined });
    // The next one fails as well: the clock of the first goes on.
    await store.recordViewer({ ...connected((await store.session(session.id))!), state: 'ended' });
    const second = await swapped(store, { desktop: next!.id, origin: 'rule', reason: 'too' });
    expect(second.session?.swap?.at).toBe(swap.at);
  });

  test('a binding goes along with its desktop, or ends where none is ready; each with a row of the audit', async () => {
    await using store = await open();
    const [first] = await makeReady(store, 1);
    const binding = { binding: 'user' as const };
    const { session } = await got(store, 'a', binding);
    const [second] = await makeReady(store, 1);
    const moved = await swapped(store, { desktop: first!.id, origin: 'operator', reason: 'x' });
    expect(await store.bindings()).toMatchObject([{ key: 'file:a', desktop: second!.id }]);
    expect(await store.desktop(second!.id)).toMatchObject({ state: 'bound', session: session.id });
    expect((await store.desktop(first!.id))?.fault?.code).toBe('swapped-bound');
    expect(moved.session?.desktop).toBe(second!.id);
    await store.endSession(session.id, 'logged-off', theHub);
    const nobody = await swapped(store, { desktop: second!.id, origin: 'operator', reason: 'y' });
    expect([nobody.session, nobody.swap.to, await store.bindings()]).toEqual([undefined, undefined, []]);
    await makeReady(store, 1);
    expect(await got(store, 'a', binding)).toMatchObject({ claim: 'new', desktop: { state: 'bound' } });
    const acts = (await store.audit({ limit: 100 })).map(({ act }) => act);
    expect(acts.filter((act) => act.startsWith('binding.'))).toEqual([
      'binding.made',
      'binding.ended',
      'binding.moved',
      'binding.made',
    ]);
  });

  test('people and rules swap no more often than they may, operators as they like', async () => {
    await using store = await open();
    await makeReady(store, 6);
    const hour = 3_600_000;
    const paces = { person: { most: 1, withinMs: hour }, pool: { most: 2, withinMs: hour } };
    const swap = async (person: string, origin: 'person' | 'operator' | 'rule', more = {}) => {
      const desktop = (await store.sessionsOf(`file:${person}`))[0]!.desktop!;
      return store.swapDesktop({ desktop, origin, reason: 'r', ...more }, operator);
    };
    await got(store, 'a');
    await got(store, 'b', { seat: 's2' });
    expect(await swap('a', 'person', { paces })).toMatchObject({ kind: 'swapped' });
    const often = await swap('a', 'person', { paces });
    expect(often).toEqual({ kind: 'too-often', retryAfterMs: expect.any(Number) as number });
    const { retryAfterMs } = often as Extract<typeof often, { kind: 'too-often' }>;
    expect(retryAfterMs > hour - 60_000 && retryAfterMs <= hour).toBe(true);
    expect(await swap('b', 'rule', { paces: { pool: paces.pool } })).toMatchObject({ kind: 'swapped' });
    expect(await swap('b', 'rule', { paces: { pool: paces.pool } })).toMatchObject({ kind: 'too-often' });
    expect(await swap('b', 'operator')).toMatchObject({ kind: 'swapped' });
    const was = { session: (await store.sessionsOf('file:a'))[0]!.id, generation: 1 };
    expect(await swap('a', 'operator', { was })).toEqual({ kind: 'changed' });
  });

  test('operators swap no more often than they may all together, where it is said', async () => {
    await using store = await open();
    await makeReady(store, 6);
    const operators = { most: 1, withinMs: 60_000 };
    const swap = async (person: string, by: Actor) => {
      const desktop = (await store.sessionsOf(`file:${person}`))[0]!.desktop!;
      return store.swapDesktop({ desktop, origin: 'operator', reason: 'r', paces: { operators } }, by);
    };
    await got(store, 'a');
    await got(store, 'b', { seat: 's2' });
    expect(await swap('a', operator)).toMatchObject({ kind: 'swapped' });
    const kinds = [await swap('b', { kind: 'operator', name: 'another' }), await store.swaps({ limit: 9 })];
    expect(kinds).toMatchObject([{ kind: 'too-often' }, [{ origin: 'operator' }]]);
  });

  const drained = { cloud: 'default', host: 'cn-1', reason: 'memory', people: true, bound: false };
  const h1 = { ...drained, host: 'h1' };

  test('a host is drained until that is ended, and what is said last holds', async () => {
    await using store = await open();
    expect(await store.drains()).toEqual([]);
    const first = await store.drainHost(drained, operator);
    expect(first).toEqual({ ...drained, by: operator.name, at: expect.any(Number) as number, told: false });
    await store.drainIsTold(drained);
    const other = { kind: 'operator', name: 'another' } as const;
    await store.drainHost({ ...drained, reason: 'fan', people: false, bound: true }, other);
    expect(await store.drains()).toEqual([
      { ...first, by: 'another', reason: 'fan', told: true, people: false, bound: true },
    ]);
    const ended = [
      await store.endDrain(drained, operator, 'resumed'),
      await store.endDrain(drained, operator, 'resumed'),
      await store.drains(),
    ];
    expect(ended).toEqual([true, false, []]);
    const acts = (await store.audit({ limit: 9, subject: 'cn-1' })).map(({ act }) => act).toReversed();
    expect(acts).toEqual(['host.drained', 'host.drained', 'host.drain-ended']);
  });

  test('who is taken off a host has another at once or stays, and is never given one that is to go as well', async () => {
    await using store = await open();
    const [first] = await makeReady(store, 1);
    const { session, desktop } = await got(store, 'a');
    await store.recordViewer(connected(session));
    const was = { session: session.id, generation: 1 };
    const order = { desktop: desktop.id, origin: 'drain' as const, reason: 'memory', was };
    await store.drainHost(h1, operator);
    expect(await store.swapDesktop(order, operator)).toEqual({ kind: 'none-ready' });
    // In the listing it is elsewhere, and its pool does not hold it back.
    const [goes] = await makeReady(store, 1);
    await store.recordDesktop(goes!.id, { kind: 'hold-back', why: undefined }, theHub);
    expect(await store.swapDesktop(order, operator)).toEqual({ kind: 'none-ready' });
    expect([await store.desktop(first!.id), (await store.session(session.id))!.state]).toMatchObject([
      { state: 'leased', session: session.id },
      'connected',
    ]);
    const [second] = await makeReady(store, 1, 'p', 'h2');
    expect(await store.swapDesktop({ ...order, pool: 'q' }, operator)).toEqual({ kind: 'none-ready' });
    const done = await swapped(store, order);
    expect([done.swap, done.session]).toMatchObject([
      { origin: 'drain', to: second!.id, by: operator.name },
      { state: 'opening', desktop: second!.id, generation: 2 },
    ]);
    expect(await store.desktop(first!.id)).toMatchObject({
      state: 'quarantined',
      session: undefined,
      fault: { code: 'drained', text: 'memory' },
    });
    expect(await store.desktops({ cloud: 'default', host: 'h1' })).toHaveLength(2);
  });

  test('nobody is given what is ready on a drained host, or becomes so there, from the moment it is drained', async () => {
    await using store = await open();
    const [stands] = await makeReady(store, 1);
    await store.drainHost(h1, operator);
    const [comes] = await makeReady(store, 1);
    const kept = await Promise.all([stands!, comes!].map(({ id }) => store.desktop(id)));
    const why = 'its host h1 is drained: memory';
    expect(kept).toMatchObject([{ heldBack: why }, { heldBack: why }]);
    expect(await store.openSession(opening('anna'))).toMatchObject({ kind: 'waiting' });
    await store.endDrain(h1, operator, 'resumed');
    const [after] = await makeReady(store, 1);
    expect(after!.heldBack).toBeUndefined();
  });

  test('no binding is moved to, or prepared with, a desktop that is held back', async () => {
    await using store = await open();
    const [own] = await makeReady(store, 1, 'q');
    const { session } = await got(store, 'a', { binding: 'user', pools: ['q'] });
    await store.endSession(session.id, 'logged-off', theHub);
    const [held] = await makeReady(store, 1);
    await store.recordDesktop(held!.id, { kind: 'hold-back', why: 'its host looks down' }, theHub);
    await expect(store.moveBinding(own!.id, 'p', operator)).rejects.toMatchObject({
      code: 'no-desktop-ready',
    });
    const wanted = [{ kind: 'user' as const, key: 'file:bert', desktop: held!.id }];
    expect(await store.prepareBindings(wanted, operator, false)).toEqual([
      `desktop ${held!.serverName} is given to nobody: its host looks down`,
    ]);
    const [good] = await makeReady(store, 1);
    expect(await store.moveBinding(own!.id, 'p', operator)).toMatchObject({ desktop: good!.id });
  });

  test('nobody is taken off a host that is not drained any more, or whose people are to stay', async () => {
    await using store = await open();
    const [first] = await makeReady(store, 1);
    const { session } = await got(store, 'a', { binding: 'user' });
    await makeReady(store, 1, 'p', 'h2');
    const order = { desktop: first!.id, origin: 'drain' as const, reason: 'memory' };
    const said = [
      { people: false, bound: true },
      { people: true, bound: false },
    ];
    for (const one of said) {
      await store.drainHost({ ...h1, ...one }, operator);
      expect(await store.swapDesktop(order, operator)).toEqual({ kind: 'changed' });
    }
    await store.drainHost({ ...h1, bound: true }, operator);
    await store.endDrain(h1, operator, 'resumed');
    expect(await store.swapDesktop(order, operator)).toEqual({ kind: 'changed' });
    expect(await store.desktop(first!.id)).toMatchObject({ state: 'bound', session: session.id });
  });

  test('what was bound and is taken off a host is kept, and its person’s is the other one', async () => {
    await using store = await open();
    await makeReady(store, 1);
    const { session, desktop } = await got(store, 'a', { binding: 'user' });
    await store.endSession(session.id, 'logged-off', theHub);
    await makeReady(store, 1, 'p', 'h2');
    await store.drainHost({ ...h1, people: false, bound: true }, operator);
    const order = { desktop: desktop.id, origin: 'drain' as const, reason: 'memory' };
    const { swap } = await swapped(store, { ...order, was: { session: undefined } });
    const [kept, theirs] = [await store.desktop(desktop.id), await store.desktop(swap.to!)];
    expect([kept!.state, kept!.fault!.code, theirs!.state]).toEqual([
      'quarantined',
      'swapped-bound',
      'bound',
    ]);
    expect((await store.bindings()).map((b) => b.desktop)).toEqual([theirs!.id]);
  });

  test('a binding that a swap carried over stays, though the other desktop fails its first proof', async () => {
    await using store = await open();
    const [first] = await makeReady(store, 1);
    const { session } = await got(store, 'a', { binding: 'user', pools: ['p', 'q'] });
    const [second] = await makeReady(store, 1);
    await makeReady(store, 1, 'q');
    await swapped(store, { desktop: first!.id, origin: 'operator', reason: 'odd' });
    const renewed = await store.renewGrant(session.id, session.tc, sha('b'), 'again');
    if (renewed?.kind !== 'have') throw new Error(renewed?.kind);
    expect([renewed.claim, renewed.desktop.id]).toEqual(['new', second!.id]);
    const { generation } = renewed.session;
    const why = { verdict: 'look-again', code: 'unreachable', text: 'no answer' } as const;
    const given = { desktop: second!.id, claim: renewed.claim, generation, ...why };
    expect(await store.claimFor(session.id, session.tc, sha('c'), given)).toEqual({ kind: 'over' });
    expect([await store.bindings(), await store.session(session.id)]).toMatchObject([
      [{ desktop: second!.id, pool: 'p' }],
      { desktop: second!.id, state: 'opening' },
    ]);
  });

  test('what nobody had is put into quarantine alone, and comes back only if nobody ever had it', async () => {
    await using store = await open();
    const [unused, used] = await makeReady(store, 2);
    const { session, desktop } = await got(store, 'a');
    await store.endSession(session.id, 'logged-off', theHub);
    for (const id of [unused!.id, used!.id])
      expect(await swapped(store, { desktop: id, origin: 'operator', reason: 'odd' })).toMatchObject({
        session: undefined,
        swap: { to: undefined },
      });
    const fresh = [unused!, used!].find(({ id }) => id !== desktop.id)!;
    expect(await store.recordDesktop(desktop.id, { kind: 'release' }, operator)).toBeUndefined();
    expect(await store.recordDesktop(fresh.id, { kind: 'release' }, operator)).toMatchObject({
      state: 'booting',
      fault: undefined,
    });
    expect(
      await swapped(store, { desktop: fresh.id, origin: 'operator', reason: 'once more' }),
    ).toMatchObject({
      again: false,
      swap: { reason: 'once more' },
    });
    expect(await store.recordDesktop(desktop.id, { kind: 'retire' }, operator)).toMatchObject({
      state: 'retiring',
    });
    await expect(
      store.swapDesktop({ desktop: 'dt_x' as Desktop['id'], origin: 'operator', reason: '' }, operator),
    ).rejects.toMatchObject({ code: 'desktop-unknown', retry: 'refused' });
    const [wanted] = await store.wantDesktops({ name: 'p', cloud: 'default', revision: 1 }, 1);
    await expect(
      store.swapDesktop({ desktop: wanted!.id, origin: 'operator', reason: '' }, operator),
    ).rejects.toMatchObject({ code: 'desktop-not-swappable', retry: 'refused' });
  });

  test('a console log is kept once, and forgotten in its time', async () => {
    await using store = await open();
    const [desktop] = await makeReady(store, 1);
    expect(await store.keepConsoleLog(desktop!.id, 'login:')).toBe(true);
    expect(await store.keepConsoleLog(desktop!.id, 'later')).toBe(false);
    const log = await store.consoleLog(desktop!.id);
    expect(log).toEqual({ at: expect.any(Number) as number, text: 'login:' });
    expect([...(await store.consoleLogs())]).toEqual([desktop!.id]);
    expect(await store.forgetConsoleLogs(log!.at)).toBe(0);
    expect(await store.forgetConsoleLogs(log!.at + 1)).toBe(1);
    expect(await store.consoleLog(desktop!.id)).toBeUndefined();
  });
}
