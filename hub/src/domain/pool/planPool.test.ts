import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE, newId } from '@anyseat/base';
import { poolSpec, type PoolSpec } from '@anyseat/protocol';
import { bootRoom } from '../boot/bootRoom.ts';
import { newPace } from '../boot/hostPace.ts';
import type { HostDoubt } from '../hosts.ts';
import type { CloudServer } from '../cloudServer.ts';
import { desktopMoves, isHeld, type Desktop, type DesktopState, type SessionId } from '../desktop.ts';
import { planPool } from './planPool.ts';
import { bootsOf, hostOf, type PoolStep, type PoolWorld } from './world.ts';

const NOW = 100 * MINUTE;
const spec = (more: Partial<PoolSpec> = {}): PoolSpec => ({
  ...poolSpec.parse({ title: 'P', image: 'i', flavor: 'f', floor: 0, ceiling: 20, boots: 4 }),
  ...more,
});

let count = 0;

function desktop(state: DesktopState, more: Partial<Desktop> = {}): Desktop {
  const number = ++count;
  const held = state === 'leased';
  return {
    id: newId('desktop', NOW),
    number,
    cloud: 'c',
    pool: 'p',
    poolRevision: 1,
    image: 'img-1',
    state,
    stateSince: NOW - 10_000,
    attempt: 1,
    serverName: state === 'wanted' ? undefined : `p-${number}`,
    serverId: ['wanted', 'creating', 'unsure'].includes(state) ? undefined : `srv-${number}`,
    host: 'h1',
    endpoint: undefined,
    session: held ? (`ses_${number}` as SessionId) : undefined,
    usedBy: held ? 'file:1' : undefined,
    fault: undefined,
    heldBack: undefined,
    unconfirmedSince: undefined,
    createdAt: NOW - MINUTE,
    askedAt: NOW - 10_000,
    activeAt: NOW - 5_000,
    readyAt: NOW - 4_000,
    writtenAt: NOW - 10_000,
    ...more,
  };
}

const server = (d: Desktop, state: CloudServer['state'], more: Partial<CloudServer> = {}): CloudServer => ({
  id: d.serverId ?? `srv-${d.number}`,
  name: d.serverName!,
  state,
  words: state.toUpperCase(),
  metadata: {
    'anyseat.installation': 'ins_1',
    'anyseat.desktop': d.id,
    'anyseat.pool': 'p',
    'anyseat.revision': '1',
  },
  tags: [],
  host: 'h1',
  hostId: undefined,
  hostUp: true,
  fault: undefined,
  addresses: [],
  createdAt: 0,
  ...more,
});

type Given = Partial<PoolWorld> & { most?: number; perHost?: number };

const floorOf = (given: Given): number => given.pool?.spec?.floor ?? 0;

/** The room is reckoned as the hub does it, for limits in all and on every host. */
function world(
  desktops: Desktop[],
  servers: CloudServer[],
  { most = 100, perHost = 100, ...more }: Given = {},
): PoolWorld {
  const w: Omit<PoolWorld, 'boot'> = {
    pool: { name: 'p', revision: 1, madeSince: 1, spec: spec() },
    desktops,
    seen: {
      byId: new Map(servers.map((s) => [s.id, s])),
      byName: new Map(servers.map((s) => [s.name, s])),
      complete: true,
      startedAt: NOW - 100,
    },
    waiting: 0,
    missingSince: new Map(desktops.map((d) => [d.id, 0])),
    mayLose: false,
    hosts: new Map(),
    closed: undefined,
    size: { floor: floorOf(more), keep: 0, shrink: 5 },
    image: { use: 'img-1' },
    mayCreate: Infinity,
    busy: new Set(),
    askedAt: new Map(),
    now: NOW,
    monotonic: NOW,
    inStateMs: (d) => NOW - d.stateSince,
    ...more,
  };
  const boot = bootRoom('p', {
    boots: bootsOf(w),
    most,
    poolMost: w.pool.spec?.boots ?? Infinity,
    hosts: ['c/h1', 'c/h2'],
    paceOf: () => newPace({ start: perHost }),
    hostStart: perHost,
    neededElsewhere: 0,
    share: 1,
  });
  return { ...w, boot: more.boot ?? boot };
}

const told = (steps: PoolStep[]) =>
  steps.map((s) => ('desktop' in s ? `${s.do} ${s.desktop.state}` : `${s.do} ${s.count}`));

type Case = [what: string, given: () => PoolWorld, steps: string[]];

const one =
  (state: DesktopState, as: CloudServer['state'] | 'absent', more: Partial<Desktop> = {}, w: Given = {}) =>
  () => {
    const d = desktop(state, more);
    return world([d], as === 'absent' ? [] : [server(d, as)], {
      pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 1 }) },
      ...w,
    });
  };
const seenAt = (startedAt: number, complete = true) => ({
  seen: { byId: new Map(), byName: new Map(), complete, startedAt },
});

const cases: Case[] = [
  [
    'an empty pool wants its floor',
    () => world([], [], { pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 3 }) } }),
    ['want 3'],
  ],
  ['people who wait are wanted for as well', () => world([], [], { waiting: 2 }), ['want 2']],
  ['what is wanted is created', one('wanted', 'absent'), ['create wanted']],
  ['nothing is created while the pool backs off', one('wanted', 'absent', {}, { mayCreate: 0 }), []],
  [
    'nothing is created without room in all',
    () => {
      const [wanted, building] = [desktop('wanted'), desktop('building')];
      const pool = { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 2 }) };
      return world([wanted, building], [server(building, 'building')], { pool, most: 1 });
    },
    [],
  ],
  ['a request that a restart cut off is in doubt', one('creating', 'absent'), ['doubt creating']],
  ['a request that a restart cut off, and was taken', one('creating', 'building'), ['found creating']],
  [
    'a request being sent now is left alone',
    () => {
      const w = one('creating', 'absent')();
      return { ...w, busy: new Set([w.desktops[0]!.id]) };
    },
    [],
  ],
  ['an unclear answer whose server appears', one('unsure', 'building'), ['found unsure']],
  ['an unclear answer is waited for', one('unsure', 'absent'), []],
  [
    'an unclear answer is given up after its time',
    one('unsure', 'absent', { stateSince: NOW - 6 * MINUTE }),
    ['give-up unsure'],
  ],
  [
    'but not by an incomplete listing',
    one('unsure', 'absent', { stateSince: NOW - 6 * MINUTE }, seenAt(NOW, false)),
    [],
  ],
  ['a server that runs is booting', one('building', 'running'), ['running building']],
  ['a server that is being built is waited for', one('building', 'building'), []],
  ['a server in ERROR breaks its desktop', one('building', 'failed'), ['break building']],
  [
    'a build that takes too long',
    one('building', 'building', { stateSince: NOW - 11 * MINUTE }),
    ['break building'],
  ],
  ['a booted desktop is proved', one('booting', 'running'), ['prove booting']],
  [
    'a boot that takes too long',
    one('booting', 'running', { stateSince: NOW - 16 * MINUTE }),
    ['break booting'],
  ],
  ['a ready desktop that somebody switched off', one('ready', 'stopped'), ['break ready']],
  ['a ready desktop that somebody deletes', one('ready', 'leaving'), ['break ready']],
  ['a ready desktop that reboots is left alone', one('ready', 'busy'), []],
  ['a ready desktop of a cell that is down is left alone', one('ready', 'unknown'), []],
  ['absence from a complete listing is a reason to ask', one('ready', 'absent'), ['confirm-gone ready']],
  [
    'and so it is after the clock was set back',
    one('ready', 'absent', { writtenAt: NOW + 60 * MINUTE }),
    ['confirm-gone ready'],
  ],
  ['absence from an incomplete one is none', one('ready', 'absent', {}, seenAt(NOW, false)), []],
  ['absence from a listing older than the row is none', one('ready', 'absent', {}, seenAt(NOW - MINUTE)), []],
  ['a held desktop in ERROR is its person’s still', one('leased', 'failed'), ['want 1']],
  ['a held desktop that is missing is its person’s still', one('leased', 'absent'), ['want 1']],
  [
    'one that is held by a backup alone, and is missing, was removed after its person had left',
    one('leased', 'absent', { unconfirmedSince: 1 }),
    ['confirm-gone leased', 'want 1'],
  ],
  ['a bound desktop that is off is switched on', one('bound', 'stopped'), ['start bound', 'want 1']],
  ['a used desktop is retired', one('returning', 'running'), ['retire returning', 'want 1']],
  ['a retired server is removed', one('retiring', 'running'), ['remove retiring', 'want 1']],
  [
    'and asked for only once a minute',
    () => {
      const w = one('retiring', 'leaving')();
      return { ...w, askedAt: new Map([[w.desktops[0]!.id, NOW - 30_000]]) };
    },
    ['want 1'],
  ],
  [
    'a retired server that is missing is confirmed gone',
    one('retiring', 'absent'),
    ['confirm-gone retiring', 'want 1'],
  ],
  ['a broken desktop is kept as evidence, and replaced', one('broken', 'failed'), ['want 1']],
  [
    'but not for ever',
    one('broken', 'failed', { stateSince: NOW - 20 * MINUTE }),
    ['retire broken', 'want 1'],
  ],
  [
    'and not where its room is needed',
    () => {
      const all = [desktop('broken'), desktop('ready')];
      const pool = { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 2, ceiling: 2 }) };
      return world(
        all,
        all.map((d) => server(d, 'running')),
        { pool },
      );
    },
    ['retire broken'],
  ],
  ['a desktop in quarantine is touched by nobody', one('quarantined', 'failed'), ['want 1']],
  [
    'a deleted pool clears what nobody holds',
    () => {
      const all = (['wanted', 'booting', 'ready', 'leased', 'bound', 'broken'] as const).map((s) =>
        desktop(s),
      );
      return world(
        all,
        all.filter((d) => d.serverId).map((d) => server(d, 'running')),
        { pool: { name: 'p', revision: 0, madeSince: 1, spec: undefined } },
      );
    },
    ['prove booting', 'retire ready', 'retire broken', 'forget wanted'],
  ],
  [
    'more than the floor and the waiting, for a while, is surplus',
    () => {
      const all = [1, 2, 3].map((n) => desktop('ready', { stateSince: NOW - n * 10 * MINUTE }));
      return world(
        all,
        all.map((d) => server(d, 'running')),
        { pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 1 }) } },
      );
    },
    ['retire ready', 'retire ready'],
  ],
  [
    'but not more at once than may go, and none that were wanted a moment ago',
    () => {
      const all = [1, 2, 3, 4, 5, 6].map((n) => desktop('ready', { stateSince: NOW - n * 10 * MINUTE }));
      return world(
        all,
        all.map((d) => server(d, 'running')),
        { size: { floor: 1, keep: 3, shrink: 2 } },
      );
    },
    ['retire ready', 'retire ready'],
  ],
  [
    'what is kept is kept though it may go',
    () => {
      const all = [1, 2, 3].map((n) => desktop('ready', { stateSince: NOW - n * 10 * MINUTE }));
      return world(
        all,
        all.map((d) => server(d, 'running')),
        { size: { floor: 1, keep: 3, shrink: 2 } },
      );
    },
    [],
  ],
  [
    'a server of the right name that belongs to another desktop is not taken for it',
    () => {
      const d = desktop('unsure');
      const metadata = { ...server(d, 'running').metadata, 'anyseat.desktop': 'dt_another' };
      return world([d], [server(d, 'running', { metadata })]);
    },
    [],
  ],
  [
    'what was switched on and does not answer yet counts against the pool’s boots',
    () => {
      const off = Array.from({ length: 4 }, () => desktop('bound'));
      const on = Array.from({ length: 2 }, () => desktop('bound', { readyAt: undefined }));
      const all = [...off, ...on, desktop('wanted'), desktop('building')];
      const servers = [...off, ...on].map((d) => server(d, off.includes(d) ? 'stopped' : 'busy'));
      return world(all, [...servers, server(all.at(-1)!, 'building')], {
        pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 2, boots: 4 }) },
      });
    },
    ['start bound'],
  ],
  [
    'what was switched on is watched until it answers',
    one('bound', 'running', { readyAt: undefined }),
    ['watch bound', 'want 1'],
  ],
  [
    'what was switched on and is off still is asked for again, without another place',
    one('bound', 'stopped', { readyAt: undefined }, { most: 1 }),
    ['start bound', 'want 1'],
  ],
  [
    'and when it never comes up its place is free again',
    one('bound', 'busy', { readyAt: undefined, stateSince: NOW - 60 * MINUTE }, { most: 1 }),
    ['want 1'],
  ],
  [
    'starts keep to the limit of their host, and another host has its own',
    () => {
      const off = Array.from({ length: 4 }, () => desktop('bound'));
      const servers = off.map((d, i) => server(d, 'stopped', { host: i < 3 ? 'h1' : 'h2' }));
      return world(off, servers, { perHost: 2 });
    },
    ['start bound', 'start bound', 'start bound'],
  ],
  [
    'where only the hash of a host is told it serves as well',
    () => {
      const off = Array.from({ length: 3 }, () => desktop('bound'));
      const hash = { host: undefined, hostId: 'h2' };
      return world(
        off,
        off.map((d) => server(d, 'stopped', hash)),
        { perHost: 2 },
      );
    },
    ['start bound', 'start bound'],
  ],
  [
    'while a host is over its limit nothing is created, and other hosts’ starts go on',
    () => {
      const over = Array.from({ length: 3 }, () => desktop('building'));
      const off = desktop('bound');
      const servers = [...over.map((d) => server(d, 'building')), server(off, 'stopped', { host: 'h2' })];
      return world([...over, off, desktop('wanted')], servers, {
        perHost: 2,
        pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 4, boots: 10 }) },
      });
    },
    ['start bound'],
  ],
  [
    'people before spares: their own desktops first, then new ones for them, then the rest',
    () => {
      const theirs = desktop('bound', { session: 'ses_x' as SessionId });
      const idle = desktop('bound');
      const all = [idle, theirs, desktop('wanted'), desktop('wanted')];
      return world(all, [server(idle, 'stopped'), server(theirs, 'stopped')], {
        waiting: 1,
        most: 2,
        pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 1 }) },
      });
    },
    ['start bound', 'create wanted'],
  ],
  [
    'a desktop retired before its server was known is looked for again and again',
    () => {
      const d = desktop('retiring', { serverId: undefined });
      return world([d], [], { askedAt: new Map([[d.id, NOW - 2 * MINUTE]]) });
    },
    ['remove retiring'],
  ],
  [
    'the ceiling counts all there are, those in use too',
    () => {
      const all = Array.from({ length: 5 }, () => desktop('leased'));
      return world(
        all,
        all.map((d) => server(d, 'running')),
        { pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 3, ceiling: 6 }) } },
      );
    },
    ['want 1'],
  ],
];

test.each(cases)('%s', (_what, given, steps) => {
  expect(told(planPool(given()))).toEqual(steps);
});

const RENEW: Given = {
  pool: {
    name: 'p',
    revision: 3,
    madeSince: 1,
    spec: spec({ floor: 2, renewAtOnce: 1, readyHoursMost: 10 }),
  },
};
const readyOnes = (...more: Partial<Desktop>[]) => {
  const all = more.map((one) => desktop('ready', one));
  return world(
    all,
    all.map((d) => server(d, 'running')),
    RENEW,
  );
};
const freshness: Case[] = [
  ['desktops as they would be made today stay', () => readyOnes({}, {}), []],
  [
    'another image: one more is made first',
    () => readyOnes({ image: 'img-0' }, { image: 'img-0' }),
    ['want 1'],
  ],
  [
    'and then one of the old ones goes, not two',
    () => readyOnes({ image: 'img-0' }, { image: 'img-0' }, {}),
    ['retire ready'],
  ],
  [
    'ready for too long is stale as well',
    () => readyOnes({ readyAt: NOW - 11 * 60 * MINUTE }, {}, {}),
    ['retire ready'],
  ],
  [
    'an older specification is stale when it made desktops otherwise',
    () => ({
      ...readyOnes({ poolRevision: 1 }, { poolRevision: 2 }, {}),
      pool: { ...RENEW.pool!, madeSince: 2, spec: spec({ floor: 0 }) },
    }),
    ['retire ready', 'want 1'],
  ],
  ['an image that is not known is no other one', () => readyOnes({ image: undefined }, {}, {}), []],
  [
    'a held desktop is renewed by nobody',
    () => {
      const held = desktop('leased', { image: 'img-0' });
      return world([held], [server(held, 'running')], {
        pool: { name: 'p', revision: 3, madeSince: 1, spec: spec() },
      });
    },
    [],
  ],
];

const DISABLED = new Map<string, HostDoubt>([['h1', { kind: 'disabled', text: 'its host h1 is disabled' }]]);
const DOWN = new Map<string, HostDoubt>([['h1', { kind: 'down', text: 'its host h1 looks down' }]]);
const onHosts = (given: Given, ...hosts: [host: string, more?: Partial<Desktop>][]) => {
  const all = hosts.map(([host, more]) => desktop('ready', { host, ...more }));
  return world(
    all,
    all.map((d, i) => server(d, 'running', { host: hosts[i]![0] })),
    { pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 1 }) }, ...given },
  );
};
const heldBack = { heldBack: 'its host h1 is disabled' };
const atCeiling: Given = {
  hosts: DISABLED,
  pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ floor: 2, ceiling: 3 }) },
  size: { floor: 2, keep: 2, shrink: 0 },
};
const trusted: Case[] = [
  [
    'a ready desktop on a host that is down is held back',
    () => onHosts({ hosts: DOWN }, ['h1'], ['h2']),
    ['hold-back ready'],
  ],
  [
    'and another is wanted in its place',
    () => onHosts({ hosts: DOWN }, ['h1', { heldBack: 'its host h1 looks down' }]),
    ['want 1'],
  ],
  [
    'when the host is well again it is handed out',
    () => onHosts({}, ['h1', heldBack]),
    ['hold-back ready', 'want 1'],
  ],
  [
    'from a host that is down nothing is removed',
    () => onHosts({ hosts: DOWN }, ['h1', { heldBack: 'its host h1 looks down' }], ['h2']),
    [],
  ],
  [
    'a disabled host is left, while the floor holds elsewhere',
    () => onHosts({ hosts: DISABLED }, ['h1', heldBack], ['h2']),
    ['retire ready'],
  ],
  ['and not before', () => onHosts({ hosts: DISABLED }, ['h1', heldBack]), ['want 1']],
  // Nothing was ever done: neither does the floor hold without them, nor is there room for others.
  [
    'at the ceiling they make room, as many as are missing',
    () => onHosts(atCeiling, ['h1', heldBack], ['h1', heldBack], ['h2']),
    ['retire ready'],
  ],
  [
    'and no more while those go',
    () => {
      const w = onHosts(atCeiling, ['h1', heldBack], ['h1', heldBack], ['h2']);
      const [first, ...others] = w.desktops;
      return {
        ...w,
        desktops: [{ ...first!, state: 'retiring' }, ...others],
        askedAt: new Map([[first!.id, NOW]]),
      };
    },
    [],
  ],
  [
    'a closed pool hands out nothing, and gives back what is ready',
    () =>
      onHosts(
        { closed: 'maintenance', size: { floor: 0, keep: 0, shrink: Infinity }, mayCreate: 0 },
        ['h1'],
        ['h2', { heldBack: 'maintenance' }],
      ),
    ['hold-back ready', 'retire ready'],
  ],
];

const missing: Case[] = [
  [
    'what one listing leaves out is not asked for before a second does',
    one('ready', 'absent', {}, { missingSince: new Map() }),
    [],
  ],
  [
    'more than a tenth gone at once is no loss, and nothing is done',
    () =>
      world(
        Array.from({ length: 20 }, () => desktop('ready')),
        [],
        { size: { floor: 0, keep: 20, shrink: 0 } },
      ),
    [],
  ],
  [
    'before an operator has said that they are gone',
    () =>
      world(
        Array.from({ length: 3 }, () => desktop('ready')),
        [],
        { size: { floor: 0, keep: 3, shrink: 0 }, mayLose: true },
      ),
    ['confirm-gone ready', 'confirm-gone ready', 'confirm-gone ready'],
  ],
  [
    'what was to be removed is asked for at once, however many',
    () =>
      world(
        Array.from({ length: 3 }, () => desktop('retiring')),
        [],
        { missingSince: new Map() },
      ),
    ['confirm-gone retiring', 'confirm-gone retiring', 'confirm-gone retiring'],
  ],
  [
    'a removal that hangs is begun anew',
    one('retiring', 'leaving', { stateSince: NOW - 11 * MINUTE }, { size: { floor: 0, keep: 0, shrink: 0 } }),
    ['unstick retiring'],
  ],
];

test.each(missing)('what is missing: %s', (_what, given, steps) => {
  expect(told(planPool(given()))).toEqual(steps);
});

const unused = (hours: number, more: Partial<Desktop> = {}) =>
  one(
    'bound',
    'running',
    { stateSince: NOW - hours * 60 * MINUTE, ...more },
    {
      pool: { name: 'p', revision: 1, madeSince: 1, spec: spec({ parkAfterHours: 48 }) },
    },
  );
/** The cloud was asked to switch it off ten seconds ago. */
const asked = (given: () => PoolWorld) => () => {
  const w = given();
  return { ...w, askedAt: new Map([[w.desktops[0]!.id, NOW - 10_000]]) };
};
const parked: Case[] = [
  ['a bound desktop that nobody used for long is parked', unused(49), ['park bound']],
  ['not before', unused(47), []],
  ['not under somebody who sits at it', unused(49, { session: 'ses_1' as SessionId }), []],
  ['not while it boots', unused(49, { readyAt: undefined }), []],
  [
    'a parked one that runs still is switched off',
    one('parked', 'running', {}, { size: { floor: 0, keep: 0, shrink: 0 } }),
    ['stop parked'],
  ],
  [
    'not where only a backup says that it is parked: its person may be back',
    one('parked', 'running', { unconfirmedSince: 1 }, { size: { floor: 0, keep: 0, shrink: 0 } }),
    [],
  ],
  ['not under whoever may work there by no session of the backup', unused(49, { unconfirmedSince: 1 }), []],
  [
    'a parked one that is off is left alone',
    one('parked', 'stopped', {}, { size: { floor: 0, keep: 0, shrink: 0 } }),
    [],
  ],
  [
    'and is not gone because a listing leaves it out',
    one('parked', 'absent', {}, { size: { floor: 0, keep: 0, shrink: 0 } }),
    [],
  ],
  [
    'one that its person took back is switched on before anything else',
    one('bound', 'stopped', {
      session: 'ses_1' as SessionId,
      readyAt: undefined,
      stateSince: NOW - 60 * MINUTE,
    }),
    ['start bound', 'want 1'],
  ],
  [
    'one that is being switched off is asked once a minute',
    asked(one('parked', 'running', {}, { size: { floor: 0, keep: 0, shrink: 0 } })),
    [],
  ],
  // Its person waited for a minute where the answer to that order had been lost: seed 268 of the simulation.
  [
    'and is switched on for its person at once when it is off',
    asked(one('bound', 'stopped', { session: 'ses_1' as SessionId })),
    ['start bound', 'want 1'],
  ],
];

test.each(parked)('parking: %s', (_what, given, steps) => {
  expect(told(planPool(given()))).toEqual(steps);
});

test.each(trusted)('whom a desktop may be given: %s', (_what, given, steps) => {
  expect(told(planPool(given()))).toEqual(steps);
});

test.each(freshness)('freshness: %s', (_what, given, steps) => {
  expect(told(planPool(given()))).toEqual(steps);
});

const states = Object.keys(desktopMoves) as DesktopState[];
const anyWorld = fc
  .record({
    desktops: fc.array(
      fc.record({
        state: fc.constantFrom(...states.filter((s) => s !== 'gone')),
        server: fc.constantFrom(
          'running',
          'building',
          'stopped',
          'failed',
          'leaving',
          'unknown',
          'busy',
          'absent',
        ),
        age: fc.integer({ min: 0, max: 60 * MINUTE }),
      }),
      { maxLength: 40 },
    ),
    floor: fc.integer({ min: 0, max: 30 }),
    boots: fc.integer({ min: 1, max: 8 }),
    room: fc.integer({ min: 1, max: 10 }),
    waiting: fc.integer({ min: 0, max: 5 }),
    perHost: fc.integer({ min: 1, max: 4 }),
    complete: fc.boolean(),
    mayCreate: fc.constantFrom(0, 1, Infinity),
  })
  .map((g) => {
    const desktops = g.desktops.map((d) =>
      desktop(d.state, { stateSince: NOW - d.age, askedAt: NOW - d.age, writtenAt: NOW - d.age }),
    );
    const servers = desktops.flatMap((d, i) => {
      const as = g.desktops[i]!.server;
      return as === 'absent' || d.serverName === undefined ? [] : [server(d, as)];
    });
    const pool = {
      name: 'p',
      revision: 1,
      madeSince: 1,
      spec: spec({ floor: g.floor, ceiling: 30, boots: g.boots }),
    };
    const w = world(desktops, servers, {
      pool,
      most: g.room,
      perHost: g.perHost,
      waiting: g.waiting,
      mayCreate: g.mayCreate,
    });
    return { w: { ...w, seen: { ...w.seen, complete: g.complete } }, room: g.room, perHost: g.perHost };
  });

test('whatever the world: one step a desktop, none for a held one, and both budgets and the ceiling hold', () => {
  fc.assert(
    fc.property(anyWorld, ({ w, room, perHost }) => {
      const steps = planPool(w);
      const about = steps.flatMap((s) => ('desktop' in s ? [s.desktop.id] : []));
      expect(new Set(about).size).toBe(about.length);
      for (const step of steps)
        if ('desktop' in step && isHeld(step.desktop)) expect(['start', 'watch', 'stop']).toContain(step.do);
      const begun = steps.filter((s) => s.do === 'create' || (s.do === 'start' && !s.again));
      const before = bootsOf(w);
      if (begun.length > 0) {
        expect(before.length + begun.length).toBeLessThanOrEqual(Math.min(room, w.pool.spec!.boots));
      }
      const hosts = steps.flatMap((s) => (s.do === 'start' && !s.again ? [hostOf(s.desktop, w.seen)] : []));
      for (const host of hosts) {
        const there = [...before.map((boot) => boot.host), ...hosts].filter((one) => one === host);
        expect(there.length).toBeLessThanOrEqual(perHost);
      }
      const over = before.filter((boot) => boot.host === 'c/h1').length > perHost;
      if (over) expect(steps.filter((s) => s.do === 'create')).toEqual([]);
      const wanted = steps.reduce((sum, s) => sum + (s.do === 'want' ? s.count : 0), 0);
      expect(w.desktops.length + wanted).toBeLessThanOrEqual(Math.max(30, w.desktops.length));
    }),
    { numRuns: 500 },
  );
});

test('swapped desktops are kept for as long, and as many, as their pool says; those that belonged to somebody always', () => {
  const kept = (minutesAgo: number, code = 'swapped') =>
    desktop('quarantined', { stateSince: NOW - minutesAgo * MINUTE, fault: { code, text: 'x', at: NOW } });
  const all = [kept(1), kept(30), kept(61), kept(61, 'swapped-bound'), kept(61, 'restored')];
  const retired = (swaps: Partial<NonNullable<PoolSpec['swaps']>>, more: Partial<PoolSpec> = {}) => {
    const policy = { perPersonHour: 2, perMinute: 6, byRule: true, bound: 'operators' as const };
    const pool = {
      name: 'p',
      revision: 1,
      madeSince: 1,
      spec: spec({ swaps: { ...policy, keepHours: 1, keepMost: 5, ...swaps }, ...more }),
    };
    const steps = planPool(
      world(
        all,
        all.map((d) => server(d, 'running')),
        { pool },
      ),
    );
    return steps.flatMap((step) => (step.do === 'retire' ? [all.indexOf(step.desktop)] : []));
  };
  expect(retired({})).toEqual([2]);
  expect(retired({ keepMost: 1 })).toEqual([1, 2]);
  expect(retired({ keepHours: 24 })).toEqual([]);
  // In the way of one that is wanted: the oldest goes.
  expect(retired({ keepHours: 24 }, { floor: 1, ceiling: 5 })).toEqual([2]);
});
