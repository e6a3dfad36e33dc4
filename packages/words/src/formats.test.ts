import { expect, test } from 'vitest';
import { countdown, momentWords, waitWords } from './formats.ts';

test.each([
  [0, 'less than a minute', '不到一分钟'],
  [60_000, 'less than a minute', '不到一分钟'],
  [61_000, 'about 2 minutes', '约 2 分钟'],
  [5_340_000, 'about 89 minutes', '约 89 分钟'],
  [5_400_000, 'about 2 hours', '约 2 小时'],
  [3 * 86_400_000, 'about 3 days', '约 3 天'],
])('a wait of %i ms is %s', (ms, en, zh) => {
  expect([waitWords(ms, 'en'), waitWords(ms, 'zh-CN')]).toEqual([en, zh]);
});

test.each([
  [-5, '0:00'],
  [1, '0:01'],
  [272_000, '4:32'],
  [3_600_000, '1:00:00'],
  [3_872_000, '1:04:32'],
])('%i ms are left as %s', (ms, left) => {
  expect(countdown(ms)).toBe(left);
});

test('a time zone that this machine does not know is its own one, not an error', () => {
  const at = Date.parse('2026-11-23T09:30:00Z');
  expect(momentWords(at, 'en', { now: at, timeZone: 'Asia/Atlantis' })).toBe(
    momentWords(at, 'en', { now: at }),
  );
  expect(momentWords(at, 'en', { now: at, timeZone: 'Asia/Shanghai' })).toBe('17:30');
});
