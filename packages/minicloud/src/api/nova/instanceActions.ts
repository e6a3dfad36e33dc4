import { Refusal } from '../../model/refusal.ts';
import type { Server, ServerAction } from '../../model/server.ts';
import { isoMicros } from '../answer.ts';
import { route } from '../routes.ts';
import type { NovaAnswer, NovaCall, NovaDeps, NovaRoute } from './nova.ts';
import { findServer } from './servers.ts';
import { hostIdOf } from './serverView.ts';

export function instanceActionRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('GET /servers/:id/os-instance-actions', (call) => {
      const server = withDeleted(deps, call);
      return {
        status: 200,
        body: { instanceActions: server.actions.map((action) => row(server, action, call.minor)) },
      };
    }),
    route('GET /servers/:id/os-instance-actions/:request', (call) => show(deps, call)),
  ];
}

/** From 2.21 on a deleted server's actions can still be read. */
function withDeleted(deps: NovaDeps, call: NovaCall): Server {
  const id = call.params['id']!;
  const gone =
    call.minor >= 21 && !deps.cloud.server(id)
      ? [...deps.cloud.deleted()].find((s) => s.id === id)
      : undefined;
  return gone && (gone.projectId === call.projectId || call.token.isAdmin) ? gone : findServer(deps, call);
}

const row = (server: Server, action: ServerAction, minor: number): object => ({
  action: action.action,
  instance_uuid: server.id,
  request_id: action.requestId,
  user_id: action.userId,
  project_id: action.projectId,
  start_time: isoMicros(action.startedAt),
  message: action.message,
  ...(minor >= 58 && { updated_at: isoMicros(action.updatedAt) }),
});

function show(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const server = withDeleted(deps, call);
  const wanted = call.params['request']!;
  const action = server.actions.find((a) => a.requestId === wanted);
  if (!action) throw new Refusal(404, `Action ${wanted} not found`);
  const { isAdmin } = call.token;
  const events = (isAdmin || call.minor >= 51) && { events: [eventOf(server, action, call)] };
  return { status: 200, body: { instanceAction: { ...row(server, action, call.minor), ...events } } };
}

function eventOf(server: Server, action: ServerAction, { minor, token }: NovaCall): object {
  return {
    event: action.event,
    start_time: isoMicros(action.startedAt),
    finish_time: action.finishedAt === null ? null : isoMicros(action.finishedAt),
    result: action.result,
    ...(token.isAdmin && { traceback: null }),
    ...(minor >= 62 && token.isAdmin && { host: action.host }),
    ...(minor >= 62 && { hostId: hostIdOf({ projectId: server.projectId, host: action.host }) }),
    ...(minor >= 84 && { details: action.result === 'Error' ? action.message : null }),
  };
}
