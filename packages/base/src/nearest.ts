/**
 * The known name that somebody who wrote this most likely meant; undefined when none is near. Near is a difference of
 * one character in three (none in a shorter name), a swap of two neighbours counting as one (Damerau–Levenshtein, optimal string alignment);
 * where there is none, the only name that begins so.
 */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  let best: string | undefined;
  let least = Math.floor(wanted.length / 3) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const far = distance(wanted, name.toLowerCase());
    if (far >= least) continue;
    least = far;
    best = name;
  }
  return best ?? onlyOneThatBegins(wanted, known);
}

/** Shorter beginnings say too little. */
const LEAST_BEGINNING = 3;

function onlyOneThatBegins(wanted: string, known: Iterable<string>): string | undefined {
  if (wanted.length < LEAST_BEGINNING) return undefined;
  const [one, another] = [...known].filter((name) => name.toLowerCase().startsWith(wanted));
  return another === undefined ? one : undefined;
}

function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        above[j]! + 1,
        row[j - 1]! + 1,
        above[j - 1]! + (same ? 0 : 1),
        swapped ? before[j - 2]! + 1 : Infinity,
      );
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}

const MOST_NAMED = 12;

/** `; did you mean “office”? There are: office, training`, to be put behind a sentence about a name that is not known. */
export function meant(written: string, known: Iterable<string>, thereAre = 'There are'): string {
  const names = [...known];
  if (names.length === 0) return '';
  const near = nearest(written, names);
  const asked = near === undefined ? '' : `; did you mean “${near}”?`;
  if (near !== undefined && names.length > MOST_NAMED) return asked;
  const more = names.length > MOST_NAMED ? `, … (${names.length} in all)` : '';
  return `${asked || '.'} ${thereAre}: ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}
