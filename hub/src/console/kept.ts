import { useCallback, useState } from 'react';
import { languages, type Language } from '@anyseat/words';

/** What a person chose, kept by their browser where it lets us. */
export function useKept<T extends string>(
  name: string,
  allowed: readonly T[],
  usual: T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => allowed.find((one) => one === read(name)) ?? usual);
  const keep = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(`anyseat-${name}`, next);
      } catch {
        // Not kept, then.
      }
    },
    [name],
  );
  return [value, keep];
}

/** The language of the browser, if it is one of ours. */
export const browsersLanguage = (): Language =>
  navigator.language.toLowerCase().startsWith('zh') ? languages[0] : 'en';

function read(name: string): string | null {
  try {
    return localStorage.getItem(`anyseat-${name}`);
  } catch {
    return null;
  }
}
