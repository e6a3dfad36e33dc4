import { expect, test } from 'vitest';
import { cut, pad, shown, shownLines, widthOf, wrap } from './cellText.ts';

test('a Chinese character is two columns, a combining mark and an escape none', () => {
  expect(['王芳', 'a\u{301}', 'ＡＢ', '👩‍💻', '', '✓·…'].map(widthOf)).toEqual([4, 1, 4, 2, 0, 3]);
});

test('what somebody else wrote cannot move the cursor, turn the writing round or break the line', () => {
  expect(shown('tc\u{1b}[31m\u{1b}]0;pwned\u{7}\u{202e}mr\u{9b}2J')).toBe('tc�[31m�]0;pwned��mr�2J');
  expect(shown(' a\r\n\tb \u{2028} c ')).toBe('a b c');
  expect(shownLines('one\u{1b}[2J\n  two\u{7}  ')).toBe('one�[2J\n  two�');
});

test('a cut text is never wider than it may be, and no character is halved', () => {
  expect(['南通呼叫中心', 'abcdefgh', '南通'].map((text) => cut(text, 6))).toEqual([
    '南通…',
    'abcde…',
    '南通',
  ]);
  expect(['南通呼叫中心', 'abcdefgh'].map((text) => widthOf(cut(text, 6)))).toEqual([5, 6]);
});

test('padding counts columns, not characters', () => {
  expect([pad('南', 4), pad('ab', 4), pad('南', 4, 'right'), pad('abcde', 4)]).toEqual([
    '南  ',
    'ab  ',
    '  南',
    'abcde',
  ]);
});

test('lines break at spaces; Chinese anywhere; a word longer than a line where the line ends', () => {
  expect(wrap('the cloud cn=all-staff,ou=groups says', 24)).toEqual([
    'the cloud',
    'cn=all-staff,ou=groups',
    'says',
  ]);
  expect(wrap('站点 南通呼叫中心的座位', 12)).toEqual(['站点 南通呼', '叫中心的座位']);
  expect(wrap('aaaaaaaaaaaa b', 5)).toEqual(['aaaaa', 'aaaaa', 'aa b']);
  expect(wrap('short', Infinity)).toEqual(['short']);
});
