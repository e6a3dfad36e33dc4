import { Fault } from '@anyseat/base';

/** Symbols of keys that write nothing (keysymdef.h); a letter of Latin-1 is its own symbol. */
const NAMED: Readonly<Record<string, number>> = {
  BackSpace: 0xff08,
  Tab: 0xff09,
  Return: 0xff0d,
  Escape: 0xff1b,
  Home: 0xff50,
  Left: 0xff51,
  Up: 0xff52,
  Right: 0xff53,
  Down: 0xff54,
  PageUp: 0xff55,
  PageDown: 0xff56,
  End: 0xff57,
  Insert: 0xff63,
  Delete: 0xffff,
  Shift: 0xffe1,
  Control: 0xffe3,
  Alt: 0xffe9,
  Super: 0xffeb,
  Space: 0x20,
  ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`F${i + 1}`, 0xffbe + i])),
};

/** Where the keys are on the keyboard of an X server: a row of symbols for each keycode from the first on. */
export class Keyboard {
  readonly #first: number;
  readonly #rows: readonly (readonly number[])[];

  constructor(first: number, rows: readonly (readonly number[])[]) {
    this.#first = first;
    this.#rows = rows;
  }

  /**
   * The keycodes to hold down, in this order, for one character.
   *
   * @throws Fault `robot-no-key` (terminal)
   */
  codesOfLetter(letter: string): number[] {
    const symbol = letter === '\n' ? NAMED['Return']! : letter.codePointAt(0)!;
    if (symbol !== NAMED['Return'] && (symbol < 0x20 || symbol > 0xff)) throw noKey(letter);
    return this.#codesOf(symbol, letter);
  }

  /**
   * The same for a name, or several that are held together: `Return`, `Control+Alt+Delete`, `Alt+a`.
   *
   * @throws Fault `robot-no-key` (terminal)
   */
  codesOfName(name: string): number[] {
    const parts = name === '+' ? ['+'] : name.split('+');
    return parts.flatMap((part) => {
      const symbol = Object.hasOwn(NAMED, part) ? NAMED[part]! : undefined;
      if (symbol !== undefined) return this.#codesOf(symbol, name);
      if (part.length !== 1) throw noKey(name);
      return this.codesOfLetter(part);
    });
  }

  #codesOf(symbol: number, name: string): number[] {
    const plain = this.#rows.findIndex((row) => row[0] === symbol);
    if (plain >= 0) return [this.#first + plain];
    const shifted = this.#rows.findIndex((row) => row[1] === symbol);
    const shift = this.#rows.findIndex((row) => row[0] === NAMED['Shift']);
    if (shifted < 0 || shift < 0) throw noKey(name);
    return [this.#first + shift, this.#first + shifted];
  }
}

const noKey = (key: string) =>
  new Fault('robot-no-key', 'terminal', `the keyboard of the screen has no key for ${key}`, {
    fields: { key },
  });
