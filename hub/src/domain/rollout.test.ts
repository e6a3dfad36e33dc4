import { describe, expect, test } from 'vitest';
import { MINUTE } from '@anyseat/base';
import {
  AGAIN_AFTER_MS,
  endingOf,
  LOST_AFTER_MS,
  MOST_TRIES,
  planRollout,
  standingOf,
  type RolledOut,
  type Rollout,
  type RolloutTc,
} from './rollout.ts';
import type { TcId } from './session.ts';

const NOW = 1_800_000_000_000;
const rollout: Rollout = {
  id: 1,
  version: '0.2.0',
  state: 'running',
  rings: ['pilot', 'rest'],
  ring: 0,
  throughAt: undefined,
  atOnce: 2,
  soakMs: 10 * MINUTE,
  mostFailed: 1,
  startedAt: NOW,
  why: undefined,
};

type Says = NonNullable<RolloutTc['says']>;
const says = (more: Partial<Says> = {}): Says => ({
  running: '0.1.0',
  arch: 'amd64',
  state: 'idle',
  ...more,
});
const was = (state: RolledOut['state'], agoMs = 0, tries = 1): RolledOut => ({
  tc: 'tc_1' as TcId,
  state,
  text: '',
  at: NOW - agoMs,
  tries,
});
const box = (name: string, more: Partial<RolloutTc> & { ring?: string } = {}): RolloutTc => {
  const { ring, ...rest } = more;
  const tags: Record<string, string> = ring === undefined ? {} : { ring };
  return {
    tc: { id: name as TcId, tags, fingerprint: name, seat: undefined },
    online: true,
    says: says(),
    inUse: false,
    was: undefined,
    ...rest,
  };
};
const about = { version: '0.2.0' };
const updated = says({ running: '0.2.0' });

test.each<[string, Partial<RolloutTc>, string]>([
  ['nobody has offered it', {}, 'open'],
  ['nobody has offered it, and somebody works there', { inUse: true }, 'open'],
  ['it was offered a moment ago', { was: was('offered') }, 'fetching'],
  [
    'it fetches',
    { was: was('offered', AGAIN_AFTER_MS * 9), says: says({ ...about, state: 'fetching' }) },
    'fetching',
  ],
  [
    'its line broke',
    { was: was('offered'), says: says({ ...about, state: 'failed', again: true }) },
    'fetching',
  ],
  [
    'its line broke a while ago',
    { was: was('offered', AGAIN_AFTER_MS + 1), says: says({ ...about, state: 'failed', again: true }) },
    'open',
  ],
  ['its line broke too often', { was: was('offered', AGAIN_AFTER_MS + 1, MOST_TRIES) }, 'failed'],
  ['it has it', { was: was('offered'), says: says({ ...about, state: 'ready' }) }, 'ready'],
  ['it has it, and somebody works', { inUse: true, says: says({ ...about, state: 'ready' }) }, 'waits'],
  ['it is told to start it', { was: was('starting'), online: false, says: undefined }, 'starting'],
  ['somebody was quicker there', { was: was('starting'), says: says({ ...about, state: 'ready' }) }, 'ready'],
  [
    'it tries it',
    { was: was('starting'), says: says({ ...about, running: '0.2.0', state: 'trial' }) },
    'starting',
  ],
  [
    'it never came back',
    { was: was('starting', LOST_AFTER_MS + 1), online: false, says: undefined },
    'failed',
  ],
  ['it came back late', { was: was('failed', LOST_AFTER_MS), says: updated }, 'updated'],
  ['it runs it', { was: was('starting'), says: updated }, 'updated'],
  ['it runs a newer one', { says: says({ running: '0.3.0' }) }, 'updated'],
  ['it had it, and is switched off', { was: was('updated'), online: false, says: undefined }, 'updated'],
  ['it took it back', { was: was('rolledBack') }, 'failed'],
  ['it took it back in an earlier attempt', { says: says({ ...about, state: 'rolledBack' }) }, 'open'],
  ['it is switched off', { online: false, says: undefined }, 'offline'],
  ['it says nothing of updates', { says: undefined }, 'cannot'],
])('%s', (_what, more, standing) => {
  expect(standingOf(box('a', more), rollout, NOW)).toBe(standing);
});

test.each<[string, Partial<RolloutTc>, object | undefined]>([
  ['nobody offered it anything', { says: updated }, undefined],
  ['it runs the release', { was: was('starting'), says: updated }, { state: 'updated', text: '0.2.0 runs' }],
  ['that is known', { was: was('updated'), says: updated }, undefined],
  [
    'it refuses',
    { was: was('offered'), says: says({ ...about, state: 'failed', text: 'the disk is full' }) },
    { state: 'failed', text: 'the disk is full' },
  ],
  [
    'that may pass',
    { was: was('offered'), says: says({ ...about, state: 'failed', again: true }) },
    undefined,
  ],
  [
    'it went back',
    { was: was('starting'), says: says({ ...about, state: 'rolledBack', text: 'no page' }) },
    { state: 'rolledBack', text: 'no page' },
  ],
  [
    'it is lost',
    { was: was('starting', LOST_AFTER_MS + 1), online: false, says: undefined },
    { state: 'failed', text: 'it was told to start the release, and did not come back' },
  ],
  [
    'it was lost and is back with it',
    { was: was('failed'), says: updated },
    { state: 'updated', text: '0.2.0 runs' },
  ],
])('what is written when %s', (_what, more, ending) => {
  expect(endingOf(box('a', more), rollout, NOW)).toEqual(ending);
});

describe('a plan', () => {
  const pilot = (name: string, more: Partial<RolloutTc> = {}) => box(name, { ring: 'pilot', ...more });
  const plan = (tcs: RolloutTc[], more: Partial<Rollout> = {}) =>
    planRollout({ rollout: { ...rollout, ...more }, tcs, now: NOW });

  test('offers it in the ring under way, to so many at a time', () => {
    expect(plan([box('z'), pilot('a', { was: was('offered') }), pilot('b'), pilot('c')])).toEqual({
      offer: ['b'],
      start: [],
    });
  });

  test('starts no more at a time than may break', () => {
    const ready = (name: string, more: Partial<RolloutTc> = {}) =>
      pilot(name, { was: was('offered'), says: says({ ...about, state: 'ready' }), ...more });
    const starting = pilot('s', { was: was('starting'), online: false, says: undefined });
    expect(plan([ready('a', { inUse: true }), starting, ready('b'), ready('c')])).toEqual({
      offer: [],
      start: ['b'],
    });
  });

  test('waits after a ring, looks again when somebody of it comes late, and goes on', () => {
    const through = [pilot('a', { was: was('updated'), says: updated }), box('z')];
    expect(plan(through).move).toEqual({ throughAt: NOW });
    expect(plan(through, { throughAt: NOW - 9 * MINUTE })).toEqual({ offer: [], start: [] });
    expect(plan([...through, pilot('b')], { throughAt: NOW - 9 * MINUTE })).toEqual({
      offer: ['b'],
      start: [],
      move: { throughAt: undefined },
    });
    expect(plan(through, { throughAt: NOW - 10 * MINUTE }).move).toEqual({ ring: 1, throughAt: undefined });
    expect(plan(through, { ring: 1 })).toEqual({ offer: ['z'], start: [] });
  });

  test('does not go on from a ring in which nobody has proved anything', () => {
    const off = { online: false, says: undefined };
    expect(plan([pilot('a', off), box('z')], { throughAt: NOW - 60 * MINUTE })).toEqual({
      offer: [],
      start: [],
    });
    expect(plan([box('z')]).move).toEqual({ throughAt: NOW });
  });

  test('pauses when more have failed than may', () => {
    const failed = (name: string) => pilot(name, { was: was('rolledBack') });
    expect(plan([failed('a'), pilot('b')])).toEqual({ offer: ['b'], start: [] });
    expect(plan([failed('a'), failed('b'), pilot('c')])).toEqual({
      offer: [],
      start: [],
      move: { state: 'paused', why: '2 thin clients did not take it, and 1 may' },
    });
    expect(plan([pilot('c')], { state: 'paused' })).toEqual({ offer: [], start: [] });
  });

  test('is done when everybody has it, and not while somebody is away or at work', () => {
    const done = box('a', { says: updated });
    const off = box('b', { online: false, says: undefined });
    const at = box('c', { inUse: true, says: says({ ...about, state: 'ready' }) });
    expect(plan([done], { ring: 1 }).move).toEqual({ state: 'done' });
    expect(plan([done, off], { ring: 1 }).move).toBeUndefined();
    expect(plan([done, at], { ring: 1 }).move).toBeUndefined();
  });

  test('leaves out whom no ring names', () => {
    expect(plan([box('z')], { rings: ['pilot'] }).offer).toEqual([]);
  });
});
