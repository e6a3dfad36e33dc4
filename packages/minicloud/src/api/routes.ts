import type { Call } from './answer.ts';

/** One row of a service's table: `GET /servers/:id`. */
export interface Route<C extends Call, R> {
  method: string;
  parts: readonly string[];
  handle(call: C): R;
}

export function route<C extends Call, R>(pattern: string, handle: (call: C) => R): Route<C, R> {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, parts: path.split('/').slice(1), handle };
}

/** The row for a call, with what stands in its path; `wrong-method` when only other methods are known there. */
export function find<C extends Call, R>(
  table: readonly Route<C, R>[],
  method: string,
  path: string,
): { route: Route<C, R>; params: Record<string, string> } | 'wrong-method' | undefined {
  const parts = path.split('/').slice(1);
  let elsewhere = false;
  for (const row of table) {
    const params = fit(row.parts, parts);
    if (!params) continue;
    if (row.method === method) return { route: row, params };
    elsewhere = true;
  }
  return elsewhere ? 'wrong-method' : undefined;
}

function fit(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, wanted] of pattern.entries()) {
    const given = parts[i]!;
    if (wanted.startsWith(':')) {
      if (given === '') return undefined;
      params[wanted.slice(1)] = decode(given);
    } else if (wanted !== given) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
