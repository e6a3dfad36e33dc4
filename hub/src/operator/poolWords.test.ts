import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import type { PoolReport } from '../reconcile/pools.ts';
import { poolWords } from './poolWords.ts';
import { problemRules } from '../domain/problem.ts';
import { troubleRules, type TroubleKind } from '../domain/pool/trouble.ts';

const NOW = Date.parse('2026-11-24T00:30:00Z');
const spec = poolSpec.parse({ title: 'P', image: 'i', flavor: 'f', floor: 5, ceiling: 100, boots: 10 });
const report = (more: Partial<PoolReport> = {}): PoolReport => ({
  trouble: undefined,
  failure: undefined,
  bootMs: [4 * MINUTE],
  paused: undefined,
  slowForMs: 0,
  stale: 0,
  notRebuilt: undefined,
  images: [],
  image: { current: 'img-1', use: 'img-1' },
  size: { floor: 5, for: { at: NOW, desktops: 5 } },
  pace: { bootMs: 4 * MINUTE, atOnce: 10 },
  timeZone: 'Asia/Shanghai',
  ...more,
});
const words = (more: Partial<Parameters<typeof poolWords>[0]> = {}) =>
  poolWords({
    spec,
    report: report(),
    ready: 5,
    onTheirWay: 0,
    onTheirWaySince: [],
    used: 0,
    own: 0,
    vanished: undefined,
    heldBack: [],
    waiting: 0,
    all: 5,
    now: NOW,
    ...more,
  });
const nine = { at: NOW + 30 * MINUTE, desktops: 40 };

const cases: [what: string, more: Partial<Parameters<typeof poolWords>[0]>, words: string][] = [
  ['nothing to do', {}, 'full'],
  [
    'used desktops are not rebuilt',
    { report: report({ notRebuilt: 'flavor big asks for a TPM' }) },
    'full; used desktops are replaced instead of rebuilt: flavor big asks for a TPM',
  ],
  [
    'filling, and when it is full by the clock of the site',
    { ready: 3, onTheirWay: 2, onTheirWaySince: [NOW - MINUTE, NOW] },
    'filling: 3 ready of 5 wanted, 2 on their way; full by 08:34',
  ],
  [
    'filling for a shift',
    { ready: 3, report: report({ size: { floor: 20, for: nine } }) },
    'filling: 3 ready of 20 wanted, 40 by 09:00, 0 on their way; full by 08:46',
  ],
  [
    'too late for a shift',
    {
      ready: 3,
      report: report({ size: { floor: 40, for: nine }, pace: { bootMs: 12 * MINUTE, atOnce: 10 } }),
    },
    'filling: 3 ready of 40 wanted, 0 on their way; full by 09:18, 18 min late',
  ],
  [
    'nothing measured yet',
    { ready: 4, report: report({ bootMs: [] }) },
    'filling: 4 ready of 5 wanted, 0 on their way; full by 08:34 (no boot measured yet)',
  ],
  [
    'why it goes slowly',
    {
      ready: 4,
      report: report({ paused: '5 desktops boot on host h2, where 4 may', slowForMs: 90 * SECOND }),
    },
    'filling: 4 ready of 5 wanted, 0 on their way; full by 08:34; nothing new until a host has caught up: 5 desktops boot on host h2, where 4 may; slowly for another 2 min: its cloud was away',
  ],
  [
    'trouble',
    {
      ready: 2,
      report: report({
        trouble: {
          kind: 'quota',
          text: 'Quota exceeded for instances',
          since: NOW - MINUTE,
          times: 3,
          retryAt: NOW + 90 * SECOND,
        },
      }),
    },
    'makes no desktops: Quota exceeded for instances (the project’s quota is used up: raise it, or lower floors); tries again in 90 s, after 3 tries. It serves the 2 that are ready.',
  ],
  [
    'an image that was replaced',
    { report: report({ stale: 3 }) },
    'full; 3 ready ones are of an older image or specification, or too old, and are replaced 2 at a time',
  ],
  [
    'an image that is no good',
    {
      report: report({
        image: { current: 'img-2', use: 'img-1' },
        images: [
          {
            image: 'img-2',
            revision: 2,
            seenAt: 0,
            provedAt: undefined,
            frozen: { at: 0, specRevision: 1, text: 'running for 900 s, and not ready' },
          },
          { image: 'img-1', revision: 1, seenAt: 0, provedAt: 1, frozen: undefined },
        ],
      }),
    },
    'full; image revision 2 (img-2) is frozen, because its desktops do not become ready: running for 900 s, and not ready. Desktops are made from revision 1 until the pool or its image changes',
  ],
  [
    'a host that is down',
    { heldBack: ['its host h3 looks down', 'its host h3 looks down'] },
    'full; 2 ready ones are not handed out: its host h3 looks down',
  ],
  [
    'closed',
    { spec: { ...spec, closed: 'disks are changed' }, used: 4, own: 2, heldBack: ['disks are changed'] },
    'closed: disks are changed. Nobody is given a desktop, and none is made; 4 are in use until their people log off; 2 belong to somebody and stay theirs',
  ],
  [
    'no room left',
    { ready: 1, all: 100 },
    'at its ceiling: 1 ready of 5 wanted, and 100 of 100 desktops there are; the next is made when one of them goes, or the ceiling is raised',
  ],
  [
    'its cloud away',
    { report: report({ failure: 'the cloud does not answer' }) },
    'cannot look at its cloud: the cloud does not answer; looked at again within a minute or two. The 5 that are ready are handed out',
  ],
  [
    'servers that vanished',
    { vanished: '12 of its 40 servers are in no listing any more, all at once' },
    'full; 12 of its 40 servers are in no listing any more, all at once: nothing is held to be gone. If they are: anyseat problem accept vanished',
  ],
];

test.each(cases)('%s', (_what, more, said) => {
  expect(words(more)).toBe(said);
});

test.each(Object.keys(troubleRules) as TroubleKind[])(
  'a pool in trouble by %s says why, what to do, when it tries again, and what it serves meanwhile',
  (kind) => {
    const trouble = { kind, text: 'in the cloud’s words', since: NOW, times: 1, retryAt: NOW + 30 * SECOND };
    const { words: own, advice } = troubleRules[kind];
    const said = words({ ready: 2, report: report({ trouble }) });
    const what = advice === '' ? own : `${own}: ${advice}`;
    expect(said).toBe(
      `makes no desktops: in the cloud’s words (${what}); tries again in 30 s. It serves the 2 that are ready.`,
    );
    expect(own.length).toBeGreaterThan(10);
  },
);

test('whatever waits for an operator says what happens next', () => {
  const mute = Object.entries(problemRules).filter(([, { next }]) => next.length < 20);
  expect(mute).toEqual([]);
});
