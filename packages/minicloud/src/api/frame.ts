import { Refusal } from '../model/refusal.ts';
import type { ApiAnswer, AuthedCall, Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';
import { authenticated } from './authenticate.ts';
import { find, type Route } from './routes.ts';

/** What Neutron, Glance and Placement have in common: a table of routes behind a token, and a way to say no. */
export interface Frame {
  routes: readonly Route<AuthedCall, ApiAnswer>[];
  refuse(refusal: Refusal, call: Call): ApiAnswer;
  /** On every answer. */
  headers(call: Call): Record<string, string>;
}

export function framed(deps: ServiceDeps, frame: Frame): (call: Call) => ApiAnswer {
  const finish = (answer: ApiAnswer, call: Call): ApiAnswer => ({
    ...answer,
    headers: { ...answer.headers, ...frame.headers(call) },
  });
  return (call) => {
    const token = authenticated(deps, call);
    if ('status' in token) return finish(token, call);
    try {
      const found = find(
        frame.routes,
        call.request.method,
        call.path.replace(/(?<=.)\/$/, '').replace(/\.json$/, ''),
      );
      if (found === 'wrong-method') throw new Refusal(405, 'The method is not allowed for this resource.');
      if (!found) throw new Refusal(404, 'The resource could not be found.');
      return finish(found.route.handle({ ...call, params: found.params, token }), call);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return finish(frame.refuse(error, call), call);
    }
  };
}

/** @throws Refusal 400. */
export function bodyOf(call: Call): unknown {
  try {
    return JSON.parse(call.request.body);
  } catch {
    throw new Refusal(400, 'Malformed request body');
  }
}

/** `limit` of a list; absent or nonsense: all. */
export function limitOf(call: Call, most: number): number {
  const limit = Number(call.query.get('limit') ?? most);
  return Number.isInteger(limit) && limit >= 0 ? Math.min(limit, most) : most;
}
