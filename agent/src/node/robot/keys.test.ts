import { expect, test } from 'vitest';
import { isFault } from '@anyseat/base';
import { Keyboard } from './keys.ts';

/** Keycodes 8 to 14. */
const keyboard = new Keyboard(8, [
  [0x61, 0x41],
  [0x31, 0x21],
  [0xffe1, 0],
  [0xff0d, 0],
  [0xffe3, 0],
  [0xffff, 0],
  [0xffe9, 0],
]);

const codes = (name: string) => {
  try {
    return keyboard.codesOfName(name);
  } catch (error) {
    return isFault(error) ? error.code : error;
  }
};

test('letters are found alone or with Shift, and names by their symbols', () => {
  expect(['a', 'A', '1', '!', '\n'].map((letter) => keyboard.codesOfLetter(letter))).toEqual([
    [8],
    [10, 8],
    [9],
    [10, 9],
    [11],
  ]);
  expect(['Return', 'Control+Alt+Delete', 'Alt+a'].map(codes)).toEqual([[11], [12, 14, 13], [14, 8]]);
});

test('a key that the keyboard does not have is said to be missing', () => {
  expect(['F5', 'Retrun', 'z', '椅', ''].map(codes)).toEqual(Array(5).fill('robot-no-key'));
});
