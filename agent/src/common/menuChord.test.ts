import { expect, test } from 'vitest';
import { MenuChord, type ChordKey } from './menuChord.ts';

/** `+control` goes down, `-control` comes up; whether any of them completed the chord. */
function plays(text: string): boolean {
  const chord = new MenuChord();
  return text.split(' ').some((stroke) => {
    const key = stroke.slice(1) as ChordKey;
    if (stroke.startsWith('+')) return chord.press(key);
    chord.release(key);
    return false;
  });
}

test.each([
  ['+control +alt +home', true],
  ['+alt +control +home', true],
  ['+home', false],
  ['+control +home', false],
  ['+home +control +alt', false],
  ['+control -control +alt +home', false],
  ['+control +alt -alt +home', false],
  ['+control +alt +home -home -alt +home', true],
])('%s opens the menu: %s', (strokes, opens) => {
  expect(plays(strokes)).toBe(opens);
});
