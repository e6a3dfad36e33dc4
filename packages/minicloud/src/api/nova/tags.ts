import { Refusal } from '../../model/refusal.ts';
import type { Server, VmState } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, sentence } from '../schema.ts';
import { since, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';
import { TAG, TAGS } from './schemas.ts';
import { findServer } from './servers.ts';

const CHANGEABLE: readonly VmState[] = ['active', 'paused', 'suspended', 'stopped'];
const MOST = 50;

export function tagRoutes(deps: NovaDeps): NovaRoute[] {
  const found = (call: NovaCall) => {
    since(call, 26);
    return findServer(deps, call);
  };
  return [
    route('GET /servers/:id/tags', (call) => ({ status: 200, body: { tags: found(call).tags } })),
    route('PUT /servers/:id/tags', (call) => replace(deps, call, found(call))),
    route('DELETE /servers/:id/tags', (call) => {
      set(deps, changeable(found(call), 'delete tags'), []);
      return { status: 204 };
    }),
    route('GET /servers/:id/tags/:tag', (call) => {
      needTag(found(call), call);
      return { status: 204 };
    }),
    route('PUT /servers/:id/tags/:tag', (call) => add(deps, call, found(call))),
    route('DELETE /servers/:id/tags/:tag', (call) => {
      const server = changeable(found(call), 'delete tag');
      needTag(server, call);
      set(
        deps,
        server,
        server.tags.filter((tag) => tag !== call.params['tag']),
      );
      return { status: 204 };
    }),
  ];
}

function replace(deps: NovaDeps, call: NovaCall, server: Server): NovaAnswer {
  const problem = check(TAGS, call.body ?? null);
  if (problem) throw new Refusal(400, sentence(problem));
  set(deps, changeable(server, 'update tags'), (call.body as { tags: string[] }).tags);
  return { status: 200, body: { tags: server.tags } };
}

function add(deps: NovaDeps, call: NovaCall, server: Server): NovaAnswer {
  const tag = call.params['tag']!;
  changeable(server, 'update tag');
  const problem = check(TAG, tag);
  if (problem) {
    throw new Refusal(
      400,
      `Tag '${tag}' is invalid. It must be a non empty string without characters '/' and ','. Validation error ` +
        `message: ${problem.message}`,
    );
  }
  if (server.tags.length >= MOST)
    throw new Refusal(400, `The number of tags exceeded the per-server limit ${MOST}`);
  if (server.tags.includes(tag)) return { status: 204 };
  set(deps, server, [...server.tags, tag]);
  return { status: 201, headers: { Location: `${deps.base()}/v2.1/servers/${server.id}/tags/${tag}` } };
}

/** Sorted, each once, as the table gives them back. The server itself counts as unchanged. */
function set(deps: NovaDeps, server: Server, tags: readonly string[]): void {
  deps.cloud.change(server, { tags: [...new Set(tags)].sort() }, server.updatedAt);
}

function changeable(server: Server, what: string): Server {
  if (CHANGEABLE.includes(server.vmState)) return server;
  throw new Refusal(409, `Cannot '${what}' instance ${server.id} while it is in vm_state ${server.vmState}`);
}

function needTag(server: Server, call: NovaCall): void {
  const tag = call.params['tag']!;
  if (!server.tags.includes(tag)) throw new Refusal(404, `Server ${server.id} has no tag '${tag}'`);
}
