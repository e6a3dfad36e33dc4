import type { Token } from '../model/identity.ts';

/** One HTTP request, as far as the services look at it. */
export interface ApiRequest {
  method: string;
  /** Path and query, as they stand in the request line. */
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  /** Empty: none. */
  body: string;
}

/** What becomes of a request: an answer, a connection that is reset, or nothing for ever. */
export type Outcome = ApiAnswer | 'reset' | 'hang';

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): ApiAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

export const empty = (status: number, headers: Record<string, string> = {}): ApiAnswer => ({
  status,
  headers,
  body: '',
});

/** One request on its way through a service. */
export interface Call {
  request: ApiRequest;
  /** Without the service's prefix. */
  path: string;
  query: URLSearchParams;
  /** From the path. */
  params: Record<string, string>;
  requestId: string;
}

/** A call whose token is good. */
export interface AuthedCall extends Call {
  token: Token;
}

/** Epoch ms as Nova writes it: `2026-11-23T07:17:32Z`. */
export const isoSeconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** As Python's datetimes come out: `2026-11-23T07:17:32.000000`. */
export const isoMicros = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}.000000`;
