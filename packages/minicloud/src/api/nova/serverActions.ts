import { evacuate, liveMigrate, lock, move, rebuild, resetState, unlock } from '../../model/act.ts';
import { consoleLog } from '../../model/consoleLog.ts';
import { checkMetadata } from '../../model/createServers.ts';
import { MOVES, REBOOTS } from '../../model/moves.ts';
import { Refusal } from '../../model/refusal.ts';
import { removeServer } from '../../model/removeServer.ts';
import type { Server } from '../../model/server.ts';
import { route } from '../routes.ts';
import { check, sentence, type Schema } from '../schema.ts';
import { legacyConsole } from './consoles.ts';
import {
  adminOnly,
  callerOf,
  since,
  type NovaAnswer,
  type NovaCall,
  type NovaDeps,
  type NovaRoute,
} from './nova.ts';
import { CONSOLE_OUTPUT, REBOOT, REBUILD, RESET_STATE } from './schemas.ts';
import { eyesOf, findServer, needNeutron } from './servers.ts';
import { viewServer } from './serverView.ts';

type Work = (
  deps: NovaDeps,
  call: NovaCall,
  server: Server,
  args: Record<string, unknown>,
) => NovaAnswer | void;

interface Action {
  /** Of the whole body. */
  schema?: (minor: number) => Schema;
  /** Administrators only; the name of Nova's rule. */
  rule?: string;
  from?: number;
  until?: number;
  work: Work;
}

const moving = (name: keyof typeof MOVES): Action => ({
  work: (deps, call, server) => move(deps.cloud, server, MOVES[name], callerOf(call)),
});

/** By the one key of the body of POST /servers/{id}/action. */
const ACTIONS: Record<string, Action> = {
  ...Object.fromEntries(Object.keys(MOVES).map((name) => [name, moving(name as keyof typeof MOVES)])),
  reboot: {
    schema: () => REBOOT,
    work: (deps, call, server, { type }) =>
      move(deps.cloud, server, REBOOTS[String(type).toUpperCase() as 'SOFT' | 'HARD'], callerOf(call)),
  },
  rebuild: { schema: REBUILD, work: rebuildIt },
  forceDelete: { work: (deps, call, server) => removeServer(deps.cloud, server, callerOf(call), 'forced') },
  lock: {
    work: (deps, call, server, { locked_reason: reason }) =>
      lock(
        deps.cloud,
        server,
        callerOf(call),
        call.minor >= 73 && typeof reason === 'string' ? reason : null,
      ),
  },
  unlock: { work: (deps, call, server) => unlock(deps.cloud, server, callerOf(call)) },
  'os-resetState': {
    schema: () => RESET_STATE,
    rule: 'os-admin-actions:reset_state',
    work: (deps, call, server, { state }) =>
      resetState(deps.cloud, server, state as 'active' | 'error', callerOf(call)),
  },
  evacuate: {
    rule: 'os-evacuate',
    work: (deps, call, server, { host }) => {
      const target = targetOf(deps, host);
      if (target !== undefined && target === server.host)
        throw new Refusal(400, "The target host can't be the same one.");
      evacuate(deps.cloud, server, target, callerOf(call), call.minor >= 95);
      return { status: 200 };
    },
  },
  'os-migrateLive': {
    rule: 'os-migrate-server:migrate_live',
    work: (deps, call, server, { host }) =>
      liveMigrate(deps.cloud, server, targetOf(deps, host), callerOf(call)),
  },
  'os-getConsoleOutput': {
    schema: () => CONSOLE_OUTPUT,
    work: (deps, _call, server, { length }) => {
      if (server.host === null) throw new Refusal(409, `Instance ${server.id} is not ready`);
      return { status: 200, body: { output: consoleLog(deps.cloud.hypervisor.kind, server, length) } };
    },
  },
  'os-getSPICEConsole': { until: 5, work: (deps, _call, server, args) => legacyConsole(deps, server, args) },
};

export function actionRoutes(deps: NovaDeps): NovaRoute[] {
  return [route('POST /servers/:id/action', (call) => act(deps, call))];
}

function act(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const body = call.body;
  if (typeof body !== 'object' || body === null || Object.keys(body).length !== 1) {
    throw new Refusal(400, 'Malformed request body');
  }
  const name = Object.keys(body)[0]!;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new Refusal(400, `There is no such action: ${name}`);
  since(call, action.from ?? 1, action.until);
  const problem = action.schema && check(action.schema(call.minor), body);
  if (problem) throw new Refusal(400, sentence(problem));
  const server = findServer(deps, call);
  if (action.rule !== undefined) adminOnly(call, action.rule);
  const args = ((body as Record<string, unknown>)[name] ?? {}) as Record<string, unknown>;
  return action.work(deps, call, server, args) ?? { status: 202 };
}

function rebuildIt(
  deps: NovaDeps,
  call: NovaCall,
  server: Server,
  args: Record<string, unknown>,
): NovaAnswer {
  needNeutron(deps);
  const order = args as {
    imageRef: string;
    name?: string;
    description?: string | null;
    hostname?: string;
    metadata?: Record<string, string>;
    user_data?: string | null;
  };
  if (order.metadata) checkMetadata(order.metadata);
  rebuild(
    deps.cloud,
    server,
    {
      imageId: order.imageRef,
      name: order.name,
      description: order.description,
      hostName: order.hostname,
      metadata: order.metadata,
      userData: order.user_data,
    },
    callerOf(call),
  );
  const view = viewServer(deps, server, eyesOf(call, true));
  // Nova adds it for everybody here, under its plain name, and leaves the administrators' out.
  delete view['OS-EXT-SRV-ATTR:user_data'];
  const more = {
    adminPass: deps.cloud.chance.letters(12),
    ...(call.minor >= 57 && { user_data: server.userData }),
  };
  return {
    status: 202,
    body: { server: { ...view, ...more } },
    headers: { Location: `${deps.base()}/v2.1/servers/${server.id}` },
  };
}

function targetOf(deps: NovaDeps, host: unknown): string | undefined {
  if (typeof host !== 'string') return undefined;
  if (!deps.cloud.hosts.get(host)) throw new Refusal(404, `Compute host ${host} not found.`);
  return host;
}
