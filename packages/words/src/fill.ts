import { momentWords, waitWords } from './formats.ts';
import type { Language } from './language.ts';

/**
 * How a field is written into a sentence: as it stands, as a number of the language, as a time of day (epoch ms) or as
 * a wait in words (ms).
 */
export type FieldKind = 'text' | 'number' | 'time' | 'wait';

export type FieldKinds = Readonly<Record<string, FieldKind>>;

/** Values as they come over the wire. One of the wrong kind counts as missing. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** In which language, and as seen from which moment and place. */
export interface Reader {
  language: Language;
  /** Epoch ms. */
  now: number;
  /** IANA, of the site. */
  timeZone?: string | undefined;
}

/** Longer text from elsewhere is cut, so that a sentence stays one. */
const LONGEST = 120;
/** The range of a date in milliseconds (ECMA-262, Time Values). */
const LAST_DAY = 8.64e15;

/**
 * A template with its fields written in. `{name}` is a field. What stands in square brackets is left out when a field
 * inside it is missing, or gives way to what stands after `|`, so that a sentence never has a hole:
 * `Your account is locked[ until {until}].` · `Wait [{retryAfterMs}|a little], then try once more.`
 */
export function fill(template: string, kinds: FieldKinds, values: FieldValues, reader: Reader): string {
  const parts = template.replaceAll(/\[([^\]|]*)\|?([^\]]*)\]/g, (_, inner: string, otherwise: string) => {
    const complete = placeholders(inner).every((name) => written(name, kinds, values, reader) !== undefined);
    return complete ? inner : otherwise;
  });
  return parts.replaceAll(/\{(\w+)\}/g, (_, name: string) => written(name, kinds, values, reader) ?? '…');
}

/** The names of a template's fields. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

function written(name: string, kinds: FieldKinds, values: FieldValues, reader: Reader): string | undefined {
  const kind = kinds[name];
  return kind === undefined ? undefined : writers[kind](values[name], reader);
}

const writers: Record<FieldKind, (value: unknown, reader: Reader) => string | undefined> = {
  text: (value) => (typeof value === 'string' && value.trim() !== '' ? value.slice(0, LONGEST) : undefined),
  number: (value, reader) =>
    isCount(value) ? new Intl.NumberFormat(reader.language).format(value) : undefined,
  time: (value, reader) =>
    isCount(value) && Math.abs(value) <= LAST_DAY ? momentWords(value, reader.language, reader) : undefined,
  wait: (value, reader) => (isCount(value) ? waitWords(value, reader.language) : undefined),
};

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
