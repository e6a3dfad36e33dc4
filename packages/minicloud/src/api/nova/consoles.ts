import { Refusal } from '../../model/refusal.ts';
import type { Server } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, sentence } from '../schema.ts';
import { since, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';
import { REMOTE_CONSOLE } from './schemas.ts';
import { findServer } from './servers.ts';

/** `[spice]html5proxy_base_url` and `spice_direct_proxy_base_url`: nobody listens there, only the token counts. */
const PROXY = {
  'spice-html5': 'http://127.0.0.1:6082/spice_auto.html',
  'spice-direct': 'http://127.0.0.1:13002/nova',
} as const;

export function consoleRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('POST /servers/:id/remote-consoles', (call) => open(deps, call)),
    route('GET /os-console-auth-tokens/:token', (call) => look(deps, call)),
  ];
}

function open(deps: NovaDeps, call: NovaCall): NovaAnswer {
  since(call, 6);
  const problem = check(REMOTE_CONSOLE(call.minor, deps.face), call.body ?? null);
  if (problem) throw new Refusal(400, sentence(problem));
  const { protocol, type } = (call.body as { remote_console: { protocol: string; type: string } })
    .remote_console;
  const server = findServer(deps, call);
  return { status: 200, body: { remote_console: { protocol, type, url: urlOf(deps, server, type) } } };
}

/** The action that remote-consoles replaced (2.6). */
export function legacyConsole(deps: NovaDeps, server: Server, args: Record<string, unknown>): NovaAnswer {
  const type = String(args['type']);
  return { status: 200, body: { console: { type, url: urlOf(deps, server, type) } } };
}

/** Only SPICE is switched on here. */
function urlOf(deps: NovaDeps, server: Server, type: string): string {
  const refused = deps.cloud.faults.take('console-refused');
  if (refused) throw new Refusal(refused.status, refused.message);
  if (server.host === null) throw new Refusal(409, `Instance ${server.id} is not ready`);
  if (type !== 'spice-html5' && type !== 'spice-direct')
    throw new Refusal(400, `Unavailable console type ${type}.`);
  return `${PROXY[type]}?token=${deps.consoles.open(server, type)}`;
}

/** Policy: administrators, and here (as an operator may have set it) the role vdi_broker. */
function look(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const may = call.token.isAdmin || call.token.roles.some((role) => role.name === 'vdi_broker');
  if (!may)
    throw new Refusal(403, "Policy doesn't allow os_compute_api:os-console-auth-tokens to be performed.");
  if (deps.face !== 'zed' && call.minor < 31) {
    throw new Refusal(
      400,
      'The server could not comply with the request since it is either malformed or otherwise incorrect.',
    );
  }
  if (call.minor >= 99 && call.query.size > 0) {
    const name = [...call.query.keys()][0]!;
    throw new Refusal(400, `Additional properties are not allowed ('${name}' was unexpected)`);
  }
  const access = deps.consoles.look(call.params['token']!);
  // Up to 2.30 it was for RDP alone.
  if (call.minor < 31) throw new Refusal(401, 'The requested console type details are not accessible');
  const { serverId, type, host, port, tlsPort } = access;
  const tls = type === 'spice-direct' && call.minor >= 99 && { tls_port: tlsPort };
  return {
    status: 200,
    body: { console: { instance_uuid: serverId, host, port, internal_access_path: null, ...tls } },
  };
}
