import { expect, test } from 'vitest';
import type { DesktopView, ExplainAnswer } from '@anyseat/protocol';
import { explainLines, ouOf } from './explainText.ts';

const desktop: DesktopView = {
  id: 'dt_1',
  number: 12,
  pool: 'office',
  state: 'ready',
  since: 0,
  server: 'office-12',
};
const answer: ExplainAnswer = {
  seat: { name: 'nt-1', site: 'nantong', tags: { row: '1' } },
  time: 'tue 2026-11-24 22:30',
  person: {
    id: 'local:1',
    user: 'wang.fang',
    displayName: '王芳',
    dn: 'uid=wang.fang,ou=客服,dc=call',
    groups: ['客服', 'cn=night,ou=groups,dc=call'],
    attributes: { title: ['agent', 'trainer'] },
  },
  allocators: [
    {
      allocator: 'leads',
      priority: 100,
      isDefault: false,
      matches: false,
      clauses: [
        { clause: 'groups', holds: false, wanted: '主管 | boss', saw: '客服 · cn=night,ou=groups,dc=call' },
        {
          clause: 'not',
          holds: true,
          wanted: 'any',
          saw: 'any: no',
          parts: [
            {
              clause: 'any',
              holds: false,
              wanted: 'users or sites',
              saw: '',
              parts: [
                { clause: 'users', holds: false, wanted: 'guest', saw: 'wang.fang' },
                { clause: 'sites', holds: false, wanted: 'shanghai', saw: 'nantong' },
              ],
            },
          ],
        },
      ],
    },
    {
      allocator: 'service',
      priority: 50,
      isDefault: false,
      matches: true,
      clauses: [{ clause: 'sites', holds: true, wanted: 'nantong', saw: 'nantong' }],
    },
    { allocator: 'rest', priority: 0, isDefault: true, matches: true, clauses: [] },
  ],
  chosen: 'service',
  desktop: { because: 'ready', desktop },
};
const at = (width: number, more: Partial<ExplainAnswer> = {}) =>
  explainLines({ ...answer, ...more }, { width, paint: (_style, text) => text });

test('a login is explained from the person through every clause down to the desktop', () => {
  expect(at(Infinity)).toEqual([
    'person      王芳 (wang.fang)',
    'id          local:1',
    'DN          uid=wang.fang,ou=客服,dc=call',
    'OU          ou=客服,dc=call',
    'groups      客服',
    '            cn=night,ou=groups,dc=call',
    'title       agent · trainer',
    'seat        nt-1, site nantong, tags row=1',
    'time        tue 2026-11-24 22:30 at the site',
    '',
    'Allocators, in the order in which they are asked:',
    '  ✗ leads (priority 100): does not match',
    '      ✗ groups: wanted 主管 | boss; saw 客服 · cn=night,ou=groups,dc=call',
    '      ✓ not this:',
    '          ✗ any of these:',
    '              ✗ users: wanted guest; saw wang.fang',
    '              ✗ sites: wanted shanghai; saw nantong',
    '  ✓ service (priority 50): serves',
    '      ✓ sites: wanted nantong; saw nantong',
    '  ✓ rest (default): would match, but is not asked any more',
    '      everybody whom no other allocator matches',
    '',
    'wang.fang would get desktop 12 (office-12) of pool office: of the ready ones the one that has been ready longest.',
  ]);
});

test('where a clause has no room on one line, what was wanted and what was seen stand below it', () => {
  expect(at(44).slice(11, 17)).toEqual([
    '  ✗ leads (priority 100): does not match',
    '      ✗ groups',
    '          wanted 主管 | boss',
    '          saw    客服 ·',
    '                 cn=night,ou=groups,dc=call',
    '      ✓ not this:',
  ]);
});

test.each<[string, Partial<ExplainAnswer>]>([
  [
    'wang.fang would find the desktop of their live session again: desktop 12 (office-12) of pool office, ready.',
    { desktop: { because: 'session', desktop } },
  ],
  [
    'wang.fang would get the desktop that is bound to them, to this seat or to its thin client: desktop 12 (office-12) of pool office, ready.',
    { desktop: { because: 'binding', desktop } },
  ],
  [
    'No desktop is ready: wang.fang would wait, as number 3 in the queue. See anyseat get pools.',
    { desktop: { because: 'queue', place: 3 } },
  ],
  [
    'No allocator serves wang.fang at nt-1: the login is refused. Add one that matches, or a default.',
    { chosen: undefined, desktop: undefined },
  ],
])('the outcome is a sentence: %s', (sentence, more) => {
  expect(at(Infinity, more).at(-1)).toBe(sentence);
});

test('who may have several sessions is told how many they have', () => {
  expect(at(Infinity, { sessions: { has: 1, most: 3 } }).slice(-3)).toEqual([
    '',
    'wang.fang has one session now; service lets them have 3 at once.',
    'wang.fang would get desktop 12 (office-12) of pool office: of the ready ones the one that has been ready longest.',
  ]);
});

test('without allocators it says what to do', () => {
  expect(at(Infinity, { allocators: [], chosen: undefined, desktop: undefined })).toContain(
    'There are no allocators, so there is none to ask: anyseat apply -f site.yaml',
  );
});

test('the OU is what follows the first comma that is none of the name’s own', () => {
  expect(['cn=Wang\\, Fang,ou=a,dc=b', 'cn=a\\\\,ou=b', 'uid=alone', ''].map(ouOf)).toEqual([
    'ou=a,dc=b',
    'ou=b',
    '(the root)',
    '(the root)',
  ]);
});
