import { expect, test } from 'vitest';
import type { LinkState, Standing } from './linkState.ts';
import { pageOf } from './pageState.ts';
import { firstSeat } from './seat.ts';

const facts = {
  language: 'en',
  place: {},
  clockOffsetMs: 0,
  box: { fingerprint: 'K7F2-9QWM-3XTD-0V8N', hostName: 'box', version: '0' },
  awaySince: 5,
} as const;
const seat = firstSeat({ logoffs: [] }, { now: 0, monotonic: 0, newId: () => 'id', random: () => 0.5 });
const screen = (link: LinkState) => pageOf({ ...seat, link }, facts).screen;
const online = (standing: Standing): LinkState => ({ phase: 'online', standing });
const welcome = {
  type: 'welcome',
  tcId: 'tc_1',
  epoch: 1,
  hubTime: 0,
  reportEveryMs: 1,
  pins: [],
  capabilities: [],
} as const;
const standing: Standing = { kind: 'welcome', welcome: { ...welcome, pins: [], capabilities: [] } };

test('the form waits with the person for a hub that is away', () => {
  expect(
    screen({ phase: 'offline', standing: { kind: 'unknown' }, trouble: 'unreachable', retryAt: 9 }),
  ).toEqual({
    kind: 'login',
    notice: undefined,
  });
  expect(pageOf(seat, facts).hub).toEqual({ phase: 'connecting', awaySince: 5 });
  expect(pageOf({ ...seat, link: online(standing) }, facts).hub).toEqual({ phase: 'online' });
});

test('a box that waits for approval shows its own fingerprint, whatever the hub says it is', () => {
  const approval = { kind: 'approval', fingerprint: 'K7F2-9QWM-3XTD-0V8N' };
  expect(screen(online({ kind: 'pending', fingerprint: 'EVIL' }))).toEqual(approval);
  expect(screen(online({ kind: 'rejected', code: 'tc-not-approved' }))).toEqual(approval);
  // It stays while the box asks again.
  expect(screen({ phase: 'connecting', standing: { kind: 'pending', fingerprint: 'EVIL' } })).toEqual(
    approval,
  );
});

test('a box without a seat, or that the hub rejects, says so in place of the form', () => {
  expect(screen(online(standing))).toEqual({ kind: 'noSeat' });
  expect(screen(online({ kind: 'rejected', code: 'tc-retired' }))).toEqual({
    kind: 'rejected',
    code: 'tc-retired',
  });
});

test.each([
  ['untrusted', 'hub-untrusted'],
  ['replaced', 'key-in-use'],
  ['version', 'protocol-version'],
] as const)('a hub that is %s is told as %s, between the tries too', (trouble, code) => {
  const rejected = { kind: 'rejected', code };
  expect(screen({ phase: 'offline', standing, trouble, retryAt: 9 })).toEqual(rejected);
  expect(screen({ phase: 'connecting', standing, trouble })).toEqual(rejected);
});
