import { checkMetadata } from '../../model/createServers.ts';
import { Refusal } from '../../model/refusal.ts';
import type { Server, VmState } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, sentence, type Schema } from '../schema.ts';
import type { NovaCall, NovaDeps, NovaRoute } from './nova.ts';
import { META, METADATA } from './schemas.ts';
import { findServer } from './servers.ts';

/** One of the two is there, as the schema said. */
interface Body {
  metadata: Record<string, string>;
  meta: Record<string, string>;
}

const CHANGEABLE: readonly VmState[] = ['active', 'paused', 'suspended', 'stopped'];

export function metadataRoutes(deps: NovaDeps): NovaRoute[] {
  const write = (call: NovaCall, metadata: Record<string, string>, what = 'update metadata'): Server => {
    const server = changeable(call, findServer(deps, call), what);
    checkMetadata(metadata);
    deps.cloud.change(server, { metadata });
    return server;
  };
  return [
    route('GET /servers/:id/metadata', (call) => ({
      status: 200,
      body: { metadata: findServer(deps, call).metadata },
    })),
    route('POST /servers/:id/metadata', (call) => {
      const { metadata } = checkedBody(call, METADATA);
      const server = write(call, { ...findServer(deps, call).metadata, ...metadata });
      return { status: 200, body: { metadata: server.metadata } };
    }),
    route('PUT /servers/:id/metadata', (call) => {
      const { metadata } = checkedBody(call, METADATA);
      return { status: 200, body: { metadata: write(call, metadata).metadata } };
    }),
    route('GET /servers/:id/metadata/:key', (call) => ({ status: 200, body: { meta: itemOf(deps, call) } })),
    route('PUT /servers/:id/metadata/:key', (call) => {
      const { meta } = checkedBody(call, META);
      const { key = '' } = call.params;
      if (!(key in meta)) throw new Refusal(400, 'Request body and URI mismatch');
      write(call, { ...findServer(deps, call).metadata, ...meta });
      return { status: 200, body: { meta } };
    }),
    route('DELETE /servers/:id/metadata/:key', (call) => {
      itemOf(deps, call);
      const { [call.params['key']!]: _gone, ...rest } = findServer(deps, call).metadata;
      write(call, rest, 'delete metadata');
      return { status: 204 };
    }),
  ];
}

function checkedBody(call: NovaCall, schema: Schema): Body {
  const problem = check(schema, call.body ?? null);
  if (problem) throw new Refusal(400, sentence(problem));
  return call.body as Body;
}

function itemOf(deps: NovaDeps, call: NovaCall): Record<string, string> {
  const key = call.params['key']!;
  const value = findServer(deps, call).metadata[key];
  if (value === undefined) throw new Refusal(404, 'Metadata item was not found');
  return { [key]: value };
}

function changeable(call: NovaCall, server: Server, what: string): Server {
  if (server.lock && !call.token.isAdmin) throw new Refusal(409, `Instance ${server.id} is locked`);
  const cannot = `Cannot '${what}' instance ${server.id} while it is in`;
  if (!CHANGEABLE.includes(server.vmState)) throw new Refusal(409, `${cannot} vm_state ${server.vmState}`);
  if (server.taskState !== null) throw new Refusal(409, `${cannot} task_state ${server.taskState}`);
  return server;
}
