import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import { desktopMoves, type Desktop, type DesktopState, type SessionId } from '../domain/desktop.ts';
import type { DrainFate } from '../domain/drain.ts';
import type { Session } from '../domain/session.ts';
import { desktopWords, type KnownDesktop } from './desktopWords.ts';

const NOW = Date.parse('2026-11-24T00:30:00Z');
const spec = poolSpec.parse({ title: 'P', image: 'i', flavor: 'f', floor: 1, ceiling: 9 });
const known = (
  state: DesktopState,
  row: Partial<Desktop> = {},
  more: Partial<KnownDesktop> = {},
): KnownDesktop => ({
  desktop: { state, stateSince: NOW - MINUTE, number: 12, serverName: 'office-12', ...row } as Desktop,
  spec,
  now: NOW,
  ...more,
});
const fault = (code: string) => ({ fault: { code, text: 'x', at: NOW } });
const away = { state: 'away', graceUntil: NOW + 5 * MINUTE } as Session;

/** Every state that a desktop can be in, with what is different within it. A state that is not here does not compile. */
const cases: Record<DesktopState, [what: string, known: KnownDesktop, words: string][]> = {
  wanted: [
    ['a wish', known('wanted'), 'ordered as soon as its pool may boot one more (anyseat get pools)'],
    ['its pool deleted', known('wanted', {}, { spec: undefined }), 'forgotten: its pool was deleted'],
  ],
  creating: [['', known('creating'), 'being ordered of the cloud: its answer is waited for']],
  unsure: [
    [
      '',
      known('unsure'),
      'whether the cloud took the order is not known: looked for during another 4 min, then ordered anew under another name',
    ],
  ],
  building: [
    ['', known('building'), 'the cloud makes it; taken for broken if that takes another 9 min'],
    ['its pool deleted', known('building', {}, { spec: undefined }), 'the cloud makes it'],
  ],
  booting: [
    [
      'on a host that is drained',
      known('booting', {}, { fate: 'goes' }),
      'it boots, and is ready as soon as it answers; taken for broken if that takes another 14 min; its host is drained',
    ],
  ],
  ready: [
    ['free', known('ready'), 'handed out to who comes next'],
    [
      'its host looks down',
      known('ready', { heldBack: 'its host cn-1 looks down' }, { doubt: 'down' }),
      'not handed out: its host cn-1 looks down; handed out again when that is over',
    ],
    [
      'its host drained',
      known('ready', { heldBack: 'its host cn-1 is drained: fan' }, { doubt: 'disabled', fate: 'goes' }),
      'not handed out: its host cn-1 is drained: fan; removed, a few at a time',
    ],
    [
      'its pool closed',
      known('ready', { heldBack: 'disks' }, { spec: { ...spec, closed: 'disks' } }),
      'not handed out: disks; removed, a few at a time',
    ],
    ['its pool deleted', known('ready', {}, { spec: undefined }), 'removed: its pool was deleted'],
  ],
  leased: [
    ['in use', known('leased'), 'in use; replaced when its person logs off'],
    [
      'in use, and made anew afterwards',
      known('leased', {}, { spec: { ...spec, afterUse: 'rebuild' } }),
      'in use; made anew when its person logs off',
    ],
    [
      'its viewer ended',
      known('leased', {}, { session: away }),
      'waits for its person for another 5 min, then replaced',
    ],
    [
      'unconfirmed',
      known('leased', { unconfirmedSince: NOW - HOUR, session: 'ses_1' as SessionId }),
      'in use, says the backup; no seat has confirmed that since: it waits for one for another 11 h at most',
    ],
    [
      'its host drained, people waited for',
      known('leased', {}, { fate: 'at-log-off' }),
      'in use; replaced when its person logs off; its host is drained',
    ],
    [
      'its host drained, people moved',
      known('leased', {}, { fate: 'moves' }),
      'in use; replaced when its person logs off; its host is drained: another takes its place when its turn comes',
    ],
    [
      'its host drained, its seat silent',
      known('leased', {}, { fate: 'seat-first' }),
      'in use; replaced when its person logs off; its host is drained: another takes its place once its seat is connected and has the picture',
    ],
  ],
  bound: [
    ['free', known('bound', { readyAt: 1 }), 'somebody’s: it waits for them'],
    [
      'to be parked',
      known('bound', { readyAt: 1 }, { spec: { ...spec, parkAfterHours: 48 } }),
      'somebody’s: it waits for them, and is switched off after 48 h without use',
    ],
    [
      'in use',
      known('bound', { readyAt: 1 }, { session: {} as Session }),
      'somebody’s, and in use: it stays theirs',
    ],
    ['being switched on', known('bound'), 'somebody’s: being switched on, as the boot budget lets it'],
    [
      'unconfirmed',
      known('bound', { unconfirmedSince: NOW }),
      'somebody’s, says the backup; no seat has confirmed that since',
    ],
    [
      'its host drained',
      known('bound', { readyAt: 1 }, { fate: 'belongs' }),
      'somebody’s: it waits for them; its host is drained, and it stays there until an operator moves it',
    ],
  ],
  parked: [
    ['', known('parked'), 'switched off for disuse, and somebody’s still: their next login switches it on'],
    [
      'unconfirmed',
      known('parked', { unconfirmedSince: NOW }),
      'switched off for disuse, and somebody’s still: their next login switches it on; no seat has confirmed that since',
    ],
  ],
  returning: [
    [
      '',
      known('returning'),
      'given back: made anew now, or replaced, as its pool and its last allocator say',
    ],
  ],
  rebuilding: [
    [
      '',
      known('rebuilding'),
      'the cloud makes it anew where it stands; replaced if that takes another 9 min',
    ],
  ],
  retiring: [
    ['', known('retiring'), 'being removed: asked for again each minute until the cloud has none'],
    [
      'for long',
      known('retiring', { stateSince: NOW - HOUR }),
      'its removal hangs: it is reset and asked for again (anyseat get problems)',
    ],
  ],
  broken: [['', known('broken'), 'kept to be looked at for another 14 min at most, then removed']],
  quarantined: [
    [
      'swapped',
      known('quarantined', fault('swapped')),
      'kept to be looked at for another 24 h at most, while it is one of the last 5 and in nobody’s way: anyseat desktop release office-12',
    ],
    [
      'swapped, and somebody’s own',
      known('quarantined', fault('swapped-bound'), { fate: 'kept' }),
      'somebody’s work may be on it: kept until an operator says anyseat desktop release office-12',
    ],
    [
      'taken off a host',
      known('quarantined', fault('drained'), { fate: 'goes' }),
      'taken off its host: removed now',
    ],
    ...['adopted', 'restored'].map((code): [string, KnownDesktop, string] => [
      code,
      known('quarantined', fault(code)),
      'somebody may be on it: kept until an operator says anyseat desktop retire office-12',
    ]),
    [
      'for another reason, and without a server',
      known('quarantined', { serverName: undefined }),
      'kept until an operator says anyseat desktop retire 12',
    ],
  ],
  gone: [['', known('gone'), 'gone: its server is no more']],
};

test.each(Object.entries(cases).flatMap(([state, rows]) => rows.map((row) => [state, ...row] as const)))(
  'a desktop that is %s (%s) says what becomes of it',
  (_state, _what, one, words) => {
    expect(desktopWords(one)).toBe(words);
  },
);

test('whatever is known of a desktop in whatever state, it has words', () => {
  const fates: (DrainFate | undefined)[] = [
    undefined,
    'goes',
    'at-log-off',
    'moves',
    'seat-first',
    'belongs',
    'kept',
  ];
  const rows: Partial<Desktop>[] = [
    {},
    { heldBack: 'x' },
    { unconfirmedSince: NOW },
    { readyAt: 1 },
    fault('odd'),
  ];
  const mute = (Object.keys(desktopMoves) as DesktopState[]).flatMap((state) =>
    fates.flatMap((fate) =>
      rows.flatMap((row) =>
        [spec, undefined]
          .map((one) => desktopWords(known(state, row, { fate, spec: one })))
          .filter((words) => words.length < 10 || words.includes('undefined') || words.includes('NaN')),
      ),
    ),
  );
  expect(mute).toEqual([]);
});
