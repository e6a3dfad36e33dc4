import type { Token } from '../model/identity.ts';
import { Refusal } from '../model/refusal.ts';
import { json, type ApiAnswer, type Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';

/** The token, or the answer of keystonemiddleware, which stands before Nova and speaks otherwise. */
export function authenticated(deps: Pick<ServiceDeps, 'identity' | 'origin'>, call: Call): Token | ApiAnswer {
  try {
    return deps.identity.bearer(call.request.headers['x-auth-token']);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 503) {
      const body =
        '503 Service Unavailable\n\nThe server is currently unavailable. Please try again at a later time.\n';
      return { status: 503, headers: { 'Content-Type': 'text/plain; charset=UTF-8' }, body };
    }
    const told = { code: 401, title: 'Unauthorized', message: error.message };
    return json(401, { error: told }, { 'Www-Authenticate': `Keystone uri="${deps.origin()}/identity/v3"` });
  }
}
