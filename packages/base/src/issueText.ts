import type { z } from 'zod';
import { nearest } from './nearest.ts';

const KIND: Readonly<Record<string, string>> = {
  array: 'a list, such as [one, two]',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping, such as { name: value }',
  record: 'a mapping, such as { name: value }',
  string: 'a text',
};

/**
 * What is wrong with a value, and where it can be told from what was written, what to write instead. Zod says of a missing
 * value that it received undefined, of a bad key only that it is one, and speaks of arrays.
 *
 * @param data the whole of what was checked
 * @param known the names that may stand at a place
 */
export function issueText(
  issue: z.core.$ZodIssue,
  data?: unknown,
  known: (path: readonly PropertyKey[]) => readonly string[] = () => [],
): string {
  const names = isWrongObject(issue) && !Array.isArray(valueAt(data, issue.path)) ? known(issue.path) : [];
  if (names.length > 0) return `has to be a mapping, with any of: ${names.join(', ')}`;
  return textOf(issue, issue.path, data);
}

const isWrongObject = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' &&
  issue.expected === 'object' &&
  !issue.message.endsWith('received undefined');

function textOf(issue: z.core.$ZodIssue, path: readonly PropertyKey[], data: unknown): string {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input: expected')) {
    if (issue.message.endsWith('received undefined')) return 'is missing';
    return wrongKind(issue.expected, path, valueAt(data, path)) ?? issue.message;
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return oneOf(issue.values.map(String), valueAt(data, path));
  if (issue.code === 'too_small' && issue.message.startsWith('Too small')) return tooSmall(issue);
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) return tooBig(issue);
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input' && issue.errors.length > 0)
    return anyOf(issue.errors, path, data);
  return issue.message;
}

function wrongKind(expected: string, path: readonly PropertyKey[], value: unknown): string | undefined {
  const kind = KIND[expected];
  if (kind === undefined) return undefined;
  if (expected === 'array' && isPlain(value)) return `has to be a list: write [${inList(value)}]`;
  if (expected === 'array' && typeof value === 'object')
    return 'has to be a list: write [{ … }], or “- ” before it';
  if (expected === 'string' && isPlain(value))
    return `has to be a text: put it into quotes, '${short(value)}'`;
  if ((expected === 'object' || expected === 'record') && Array.isArray(value))
    return 'has to be a mapping, such as { name: value }: without brackets, or the “- ” before it';
  const unit = /(Seconds|Minutes|Hours|Days|Ms)$/.exec(String(path.at(-1)))?.[1]?.toLowerCase();
  if ((expected === 'number' || expected === 'int') && unit !== undefined)
    return `has to be a number of ${unit === 'ms' ? 'milliseconds' : unit}, such as 10`;
  return `has to be ${kind}`;
}

function oneOf(known: readonly string[], value: unknown): string {
  if (known.length === 1) return `has to be ${known[0]}`;
  const near = typeof value === 'string' ? nearest(value, known) : undefined;
  return `has to be one of ${known.join(', ')}${near === undefined ? '' : `; did you mean “${near}”?`}`;
}

type TooSmall = Extract<z.core.$ZodIssue, { code: 'too_small' }>;
type TooBig = Extract<z.core.$ZodIssue, { code: 'too_big' }>;

function tooSmall({ origin, minimum, inclusive }: TooSmall): string {
  if (origin === 'string') return minimum === 1 ? 'is empty' : `has to have ${minimum} characters at least`;
  if (origin === 'array' || origin === 'set')
    return minimum === 1
      ? 'is empty: write at least one, or leave it out'
      : `has to have ${minimum} entries at least`;
  return inclusive === false ? `has to be more than ${minimum}` : `has to be ${minimum} or more`;
}

function tooBig({ origin, maximum, inclusive }: TooBig): string {
  if (origin === 'string') return `has to have ${maximum} characters at most`;
  if (origin === 'array' || origin === 'set') return `has to have ${maximum} entries at most`;
  return inclusive === false ? `has to be less than ${maximum}` : `has to be ${maximum} or less`;
}

/** Of what fits none of several: what each of them says; a number that was meant as a text is that alone. */
function anyOf(errors: z.core.$ZodIssue[][], path: readonly PropertyKey[], data: unknown): string {
  const value = valueAt(data, path);
  const texts = errors.flatMap((one) => one.map((inner) => textOf(inner, [...path, ...inner.path], data)));
  const quotes = texts.find((text) => text.startsWith('has to be a text: put it into quotes'));
  if (quotes !== undefined && (isPlain(value) || Array.isArray(value))) return quotes;
  return [...new Set(texts)].join(', or ');
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** A comma, which names of a directory are full of, would make two of one. */
const inList = (value: string | number | boolean): string =>
  /[^\p{L}\p{N} ._-]/u.test(String(value)) ? `'${short(value).replaceAll("'", "''")}'` : short(value);

const LONGEST = 40;
const short = (value: string | number | boolean): string => {
  const text = String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let at = data;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}
