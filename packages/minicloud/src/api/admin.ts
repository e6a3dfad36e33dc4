import { z } from 'zod';
import { FAULT_NAMES, FAULTS, type FaultName } from '../model/faults.ts';
import { statusOf } from '../model/server.ts';
import { empty, json, type ApiAnswer, type Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';
import { find, route } from './routes.ts';

/**
 * The way in for whoever breaks things: fault switches, tokens, and a look inside. Whoever knows the path may use it;
 * its last part is a secret, so that no page in a browser finds it.
 */
export function adminService(deps: ServiceDeps): (call: Call) => ApiAnswer {
  const { cloud, identity } = deps;
  const { faults } = cloud;
  const table = [
    route('GET /faults', () => json(200, { faults: faults.list(), names: FAULT_NAMES })),
    route('DELETE /faults', () => {
      faults.clearAll();
      return empty(204);
    }),
    route('PUT /faults/:name', (call: Call) => setFault(deps, call)),
    route('DELETE /faults/:name', (call: Call) => {
      faults.clear(call.params['name'] as FaultName);
      return empty(204);
    }),
    route('POST /expire-tokens', () => {
      identity.expireAll();
      return empty(204);
    }),
    route('GET /servers', () =>
      json(200, { servers: [...cloud.servers()].map((s) => ({ ...s, status: statusOf(s) })) }),
    ),
  ];
  return (call) => {
    const prefix = `/${cloud.installation.adminKey}`;
    const inside = call.path.startsWith(`${prefix}/`) ? call.path.slice(prefix.length) : undefined;
    const found = inside === undefined ? undefined : find(table, call.request.method, inside);
    if (!found || found === 'wrong-method') return json(404, { error: 'nothing is here' });
    return found.route.handle({ ...call, params: found.params });
  };
}

const options = z.object({ count: z.int().positive().optional(), skip: z.int().nonnegative().optional() });

/** The body has the switch's parameters, and `count` and `skip`. */
function setFault({ cloud }: ServiceDeps, call: Call): ApiAnswer {
  const name = call.params['name'] as FaultName;
  if (!Object.hasOwn(FAULTS, name))
    return json(404, { error: `no such switch: ${name}`, names: FAULT_NAMES });
  let body: Record<string, unknown>;
  try {
    body = call.request.body === '' ? {} : (JSON.parse(call.request.body) as Record<string, unknown>);
  } catch {
    return json(400, { error: 'the body is not JSON' });
  }
  const { count, skip, ...rest } = body;
  const params = FAULTS[name].safeParse(rest);
  const often = options.safeParse({ count, skip });
  if (!params.success) return json(400, { error: z.prettifyError(params.error) });
  if (!often.success) return json(400, { error: z.prettifyError(often.error) });
  cloud.faults.set(name, params.data, often.data);
  return empty(204);
}
