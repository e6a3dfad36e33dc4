import type { ApiFailure } from '@anyseat/protocol';

type Problem = NonNullable<ApiFailure['error']['problems']>[number];

const PREFIX = 'api/v1';

/** What the hub answered when it said no, or that it said nothing (status 0). */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  /** For the sentence of the code. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;

  /** Everything that is wrong with what was sent. */
  readonly problems: readonly Problem[];

  constructor(
    status: number,
    code: string,
    message: string,
    more: Pick<ApiFailure['error'], 'fields' | 'problems'> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? {};
    this.problems = more.problems ?? [];
  }
}

/** @throws Refused */
export function look<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { method: 'GET', ...(signal ? { signal } : {}) });
}

/** @throws Refused */
export function act<T>(path: string, body: unknown = {}): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export const eventsAddress = `${PREFIX}/events`;

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  let said: unknown;
  try {
    answer = await fetch(PREFIX + path, init);
    said = await answer.json();
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refused(0, 'no-hub', error instanceof Error ? error.message : String(error));
  }
  if (answer.ok) return said as T;
  const { error } = said as Partial<ApiFailure>;
  const { code = 'unknown', message = answer.statusText } = error ?? {};
  throw new Refused(answer.status, code, message, error);
}
