import { fill, type FieldValues, type Reader } from './fill.ts';
import type { Entry, Said } from './entry.ts';
import { loginWords } from './loginWords.ts';
import { releaseWords } from './releaseWords.ts';
import { robotWords } from './robotWords.ts';
import { tcWords } from './tcWords.ts';
import { viewerWords } from './viewerWords.ts';

/**
 * Every code that can reach a person, with its sentences. One name space: a code means the same wherever it stands, so
 * that a log line, a table of the CLI and a page at a seat tell the same story.
 */
export const catalogue = {
  ...loginWords,
  ...releaseWords,
  ...viewerWords,
  ...tcWords,
  ...robotWords,
} as const;

export type Code = keyof typeof catalogue;

/** The fields that a code's sentences can carry, for whoever raises it. All may be left out. */
export type FieldsOf<C extends Code> = {
  [Name in keyof (typeof catalogue)[C]['fields']]?: ValueOf<(typeof catalogue)[C]['fields'][Name]>;
};

type ValueOf<Kind> = Kind extends 'text' ? string : number;

export function isCode(code: string): code is Code {
  return Object.hasOwn(catalogue, code);
}

/**
 * A code as sentences, as an operator reads it. A code that this release does not know (a newer hub sent it) is said as
 * `internal` with the code in it. Never throws.
 */
export function say(code: string, reader: Reader, values: FieldValues = {}): Said {
  if (!isCode(code)) return say('internal', reader, { code });
  const entry: Entry = catalogue[code];
  const said = entry.said[reader.language];
  return {
    text: fill(said.text, entry.fields, values, reader),
    next: fill(said.next, entry.fields, values, reader),
  };
}

/**
 * A code as sentences for the person at a seat. The same as `say`, but it does not tell a stranger which names the
 * directory knows.
 */
export function sayToPerson(code: string, reader: Reader, values: FieldValues = {}): Said {
  return say(code === 'unknown-user' ? 'wrong-password' : code, reader, values);
}
