import { createContext, useContext } from 'react';
import type { OperatorRole, WhoAnswer } from '@anyseat/protocol';
import {
  consoleText,
  isConsoleKey,
  spanWords,
  type ConsoleKey,
  type FieldValues,
  type Language,
} from '@anyseat/words';
import { Live } from './live.ts';

/** What every part of the console has at hand. */
export interface Console {
  who: WhoAnswer;
  live: Live;
  language: Language;
  t: (key: ConsoleKey, values?: FieldValues) => string;
  /** A state of a desktop or session in words; as it stands where a newer hub has one that is not known here. */
  stateOf: (kind: 'desktop' | 'session', state: string) => string;
  /** How long ago, such as `3 min`. */
  span: (since: number, now: number) => string;
  may: (role: OperatorRole) => boolean;
  /** Says what an act came to. */
  say: (note: { text: string; bad?: boolean }) => void;
}

export function consoleFor(who: WhoAnswer, live: Live, language: Language, say: Console['say']): Console {
  return {
    who,
    live,
    language,
    t: (key, values) => consoleText(key, language, values),
    stateOf: (kind, state) => {
      const key = `${kind}-${state}`;
      return isConsoleKey(key) ? consoleText(key, language) : state;
    },
    span: (since, now) => spanWords(now - since, language),
    may: (role) => who.may.includes(role),
    say,
  };
}

const nobody: WhoAnswer = { name: '', role: 'view', rights: [], may: [], hub: '', version: '' };
export const ConsoleContext = createContext<Console>(consoleFor(nobody, new Live(), 'en', () => undefined));
export const useConsole = (): Console => useContext(ConsoleContext);
