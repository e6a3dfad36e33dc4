import { expect, test } from 'vitest';
import { MINUTE, newId } from '@anyseat/base';
import { poolSpec, type PoolSpec } from '@anyseat/protocol';
import { bootRoom } from '../boot/bootRoom.ts';
import { newPace } from '../boot/hostPace.ts';
import type { CloudServer } from '../cloudServer.ts';
import type { Desktop, DesktopState } from '../desktop.ts';
import { planPool } from './planPool.ts';
import { bootsOf, isRebuilt, type PoolStep, type PoolWorld } from './world.ts';

const NOW = 100 * MINUTE;
let count = 0;

function desktop(state: DesktopState, more: Partial<Desktop> = {}): Desktop {
  const number = ++count;
  return {
    id: newId('desktop', NOW),
    number,
    cloud: 'c',
    pool: 'p',
    poolRevision: 3,
    image: 'img-1',
    state,
    stateSince: NOW - 10_000,
    attempt: 1,
    serverName: `p-${number}`,
    serverId: `srv-${number}`,
    host: 'h1',
    endpoint: undefined,
    session: undefined,
    usedBy: 'file:1',
    fault: undefined,
    heldBack: undefined,
    unconfirmedSince: undefined,
    createdAt: 0,
    askedAt: 0,
    activeAt: 0,
    readyAt: 0,
    writtenAt: NOW - 10_000,
    ...more,
  };
}

const server = (d: Desktop, state: CloudServer['state'], more: Partial<CloudServer> = {}): CloudServer => ({
  id: d.serverId!,
  name: d.serverName!,
  state,
  words: state.toUpperCase(),
  metadata: {},
  tags: [],
  host: d.host,
  hostId: undefined,
  hostUp: true,
  fault: undefined,
  addresses: [],
  createdAt: 0,
  ...more,
});

interface Given extends Partial<PoolWorld> {
  spec?: Partial<PoolSpec>;
  perHost?: number;
}

function plan(desktops: Desktop[], servers: CloudServer[], given: Given = {}): string[] {
  const { spec: asked, perHost = 4, ...more } = given;
  const parsed = poolSpec.parse({ title: 'P', image: 'i', flavor: 'f', floor: 2, ceiling: 2, boots: 4 });
  const w: Omit<PoolWorld, 'boot'> = {
    pool: { name: 'p', revision: 4, madeSince: 2, spec: { ...parsed, afterUse: 'rebuild', ...asked } },
    desktops,
    seen: {
      byId: new Map(servers.map((s) => [s.id, s])),
      byName: new Map(),
      complete: true,
      startedAt: NOW - 100,
    },
    waiting: 0,
    missingSince: new Map(),
    mayLose: false,
    hosts: new Map(),
    closed: undefined,
    size: { floor: 2, keep: 0, shrink: 5 },
    image: { use: 'img-2', rebuild: true },
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
    most: 100,
    poolMost: 100,
    hosts: ['c/h1', 'c/h2'],
    hostStart: perHost,
    paceOf: () => newPace({ start: perHost }),
    neededElsewhere: 0,
    share: 1,
  });
  return planPool({ ...w, boot }).map(told);
}

function told(step: PoolStep): string {
  if (!('desktop' in step)) return `${step.do} ${step.count}`;
  return step.do === 'rebuild'
    ? `rebuild ${step.image}`
    : 'why' in step
      ? `${step.do}: ${step.why}`
      : step.do;
}

const used = (as: CloudServer['state'], given: Given = {}, more: Partial<Desktop> = {}) => {
  const d = desktop('returning', more);
  return plan([d, desktop('leased')], [server(d, as)], given);
};

test('a used desktop that the pool wants is made anew from the image of today', () => {
  expect(used('running')).toEqual(['rebuild img-2']);
  // It counts as one that is coming: nothing is made in its place, though there would be room.
  expect(used('running', { size: { floor: 1, keep: 0, shrink: 5 } })).toEqual(['rebuild img-2']);
});

test.each<[string, string[]]>([
  ['switched off by its person', used('stopped')],
  ['in ERROR', used('failed')],
  ['of an older recipe', used('running', {}, { poolRevision: 1 })],
  [
    'that the cloud would not make anew cleanly',
    used('running', { image: { use: 'img-2', rebuild: false } }),
  ],
  [
    'on a host that looks down',
    used('running', { hosts: new Map([['h1', { kind: 'down', text: '' } as const]]) }),
  ],
  ['of a pool that replaces', used('running', { spec: { afterUse: 'replace' } })],
  ['whose allocator says so', used('running', {}, { afterUse: 'replace' })],
  [
    'of which nobody could say for a minute whether it can be made anew',
    used('running', { image: { use: undefined } }, { stateSince: NOW - 2 * MINUTE }),
  ],
])('a used desktop %s is replaced', (_, steps) => {
  expect(steps).toEqual(['retire', 'want 1'].slice(0, steps.length));
  expect(steps[0]).toBe('retire');
});

test('an allocator may have it made anew in a pool that replaces', () => {
  const replaces = { spec: { afterUse: 'replace' as const } };
  expect(used('running', replaces, { afterUse: 'rebuild' })).toEqual(['rebuild img-2']);
});

test('more than the pool wants are not made anew', () => {
  const [d, ready] = [desktop('returning'), desktop('ready', { usedBy: undefined, image: 'img-2' })];
  const floor = { size: { floor: 1, keep: 0, shrink: 5 } };
  expect(plan([d, ready], [server(d, 'running'), server(ready, 'running')], floor)).toEqual(['retire']);
});

test('whether it can be made anew is waited for', () => {
  const both = { size: { floor: 1, keep: 0, shrink: 5 } };
  expect(used('running', { ...both, image: { use: 'img-2' } })).toEqual([]);
  expect(used('busy', both)).toEqual([]);
});

test('on each host no more are made anew than may boot there, and the others wait for room', () => {
  const all = ['h1', 'h1', 'h1', 'h2'].map((host) => desktop('returning', { host }));
  const steps = plan(
    all,
    all.map((d) => server(d, 'running')),
    { size: { floor: 4, keep: 0, shrink: 5 }, perHost: 2, spec: { ceiling: 4, floor: 4 } },
  );
  expect(steps).toEqual(['rebuild img-2', 'rebuild img-2', 'rebuild img-2']);
});

const mark = { metadata: { 'anyseat.rebuild': '2' } };
const follow = (
  as: CloudServer['state'] | 'absent',
  more: Partial<CloudServer>,
  row: Partial<Desktop> = {},
  given: Given = {},
) => {
  const d = desktop('rebuilding', { attempt: 2, ...row });
  const floor = { size: { floor: 1, keep: 0, shrink: 5 }, spec: { toActiveSeconds: 300 } };
  return plan([d], as === 'absent' ? [] : [server(d, as, more)], { ...floor, ...given });
};

test.each<[string, string[], string[]]>([
  [
    'runs with the mark: the cloud is asked whether it was made anew',
    follow('running', mark),
    ['confirm-rebuilt'],
  ],
  ['runs as before, for now', follow('running', {}), []],
  ['is at it', follow('busy', mark), []],
  [
    'never began',
    follow('running', {}, { stateSince: NOW - 2 * MINUTE }),
    ['replace: the cloud never took the order'],
  ],
  [
    'is marked by an earlier rebuild alone',
    follow('running', { metadata: { 'anyseat.rebuild': '1' } }, { stateSince: NOW - 2 * MINUTE }),
    ['replace: the cloud never took the order'],
  ],
  ['failed', follow('failed', { ...mark, fault: { code: 500, message: 'no disk' } }), ['replace: no disk']],
  [
    'hangs',
    follow('busy', mark, { stateSince: NOW - 6 * MINUTE }),
    ['replace: it was not there after 300 s'],
  ],
  ['is seen in a listing of before the order', follow('failed', mark, { writtenAt: NOW - 50 }), []],
  ['is in no cell that answers', follow('unknown', {}, { stateSince: NOW - 2 * MINUTE }), []],
  ['was deleted by somebody', follow('leaving', mark), ['replace: somebody else deleted the server']],
])('a rebuild that %s', (_, steps, wanted) => {
  expect(steps).toEqual(wanted);
});

test('a pool that was deleted rebuilds nothing', () => {
  const d = desktop('rebuilding', { attempt: 2 });
  const pool = { name: 'p', revision: 5, madeSince: 2, spec: undefined };
  expect(plan([d], [server(d, 'busy', mark)], { pool })).toEqual(['replace: its pool was deleted']);
});

test('boots of rebuilt desktops are measured apart', () => {
  expect(isRebuilt(desktop('booting', { attempt: 2 }))).toBe(true);
  expect(isRebuilt(desktop('booting', { attempt: 2, serverName: `p-${count + 1}-2` }))).toBe(false);
});
