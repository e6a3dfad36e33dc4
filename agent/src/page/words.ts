import { createContext, useContext } from 'react';
import {
  pageText,
  sayToPerson,
  type FieldValues,
  type Language,
  type PageKey,
  type Reader,
  type Said,
} from '@anyseat/words';

/** The words of the page for its reader. */
export interface Words {
  reader: Reader;
  t: (key: PageKey, values?: FieldValues) => string;
  /** A code as sentences for a person. */
  say: (code: string, values?: FieldValues) => Said;
}

export function wordsFor(language: Language, now: number, timeZone: string | undefined): Words {
  const reader: Reader = { language, now, timeZone };
  return {
    reader,
    t: (key, values) => pageText(key, reader, values),
    say: (code, values) => sayToPerson(code, reader, values),
  };
}

export const WordsContext = createContext<Words>(wordsFor('en', 0, undefined));
export const useWords = (): Words => useContext(WordsContext);
