import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Fault, type Clock, type Log } from '@anyseat/base';
import { PAGE_POLICY } from '@anyseat/base/builtPage';
import {
  API_PREFIX,
  enterRequest,
  passwordRequest,
  type ApiFailure,
  type DoorAnswer,
} from '@anyseat/protocol';
import { say, type FieldValues } from '@anyseat/words';
import { TokenBucket } from '../tc/tokenBucket.ts';
import { readConsole } from './consoleFiles.ts';
import { refusalOf } from './consoleGuard.ts';
import type { ConsolePeople } from './consolePeople.ts';
import type { ConsoleSessions } from './consoleSessions.ts';
import { serveHints } from './hintStream.ts';
import type { Hints } from './hints.ts';
import { highestOf, type Operator } from './permissions.ts';
import { routes, type OperatorDeps } from './routes.ts';
import { addRoute, answerFailure } from './server.ts';

export interface ConsoleOptions {
  host: string;
  port: number;
  /** Where a reverse proxy serves it, besides loopback: `https://console.call.example`. */
  origins: readonly string[];
  /** The built page; undefined: none. */
  pageDir: string | undefined;
  sessions: ConsoleSessions;
  /** Who comes in by their own password. */
  people: ConsolePeople;
  hints: Hints;
  deps: OperatorDeps;
  clock: Clock;
  log: Log;
}

export interface ConsoleServer extends AsyncDisposable {
  readonly port: number;
}

/** A request is whole by then, a file of resources through a slow tunnel too. */
const REQUEST_MS = 60_000;
/** Shorter answers cost more to pack than they gain. */
const WORTH_PACKING = 4096;
const pack = promisify(gzip);

/**
 * The operators' console on loopback: its page, and the operators' API for whoever came in by a link. Every request passes the
 * guard (Host, Origin), every route but the page and the door wants a session, and each wants its role.
 */
export async function openConsoleServer(options: ConsoleOptions): Promise<ConsoleServer> {
  const { host, port, deps, log } = options;
  const server = fastify({
    logger: false,
    bodyLimit: 16 * 1024 * 1024,
    forceCloseConnections: true,
    requestTimeout: REQUEST_MS,
  });
  server.setErrorHandler((error, _request, reply) => answerFailure(error, reply, log));
  server.setNotFoundHandler((_request, reply) => fail(reply, 404, 'no-such-route', 'there is nothing here'));
  const operatorOf = guard(server, options);
  addPage(server, options);
  addDoor(server, options);
  for (const route of routes) if (route.only !== 'socket') addRoute(server, route, deps, operatorOf);
  serveHints(server, { ...options, secretOf: (request) => secretOf(request, cookieName(deps)) });
  try {
    await server.listen({ host, port });
  } catch (cause) {
    throw new Fault(
      'console-port-taken',
      'terminal',
      `port ${port} on ${host} cannot be used for the console (operator.console in hub.yaml)`,
      { cause },
    );
  }
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** @returns who asks, for a request that came in */
function guard(
  server: FastifyInstance,
  { origins, sessions, deps, log }: ConsoleOptions,
): (request: FastifyRequest) => Operator {
  const operatorNow = (request: FastifyRequest) => sessions.operator(secretOf(request, cookieName(deps)));
  // Before a byte of the body is read: a stranger's is worth no memory.
  server.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of Object.entries(PAGE_POLICY)) reply.header(name, value);
    reply.header('cache-control', 'no-store');
    const { host, origin } = request.headers;
    const refusal = refusalOf(
      {
        method: request.method,
        host,
        origin,
        fetchSite: request.headers['sec-fetch-site'],
        contentType: request.headers['content-type'],
      },
      origins,
    );
    if (refusal) {
      log.warn(
        { host, origin, url: request.url.split('?')[0], why: refusal.code },
        'a stranger at the console',
      );
      return fail(reply, refusal.status, refusal.code, refusal.message);
    }
    // By the route that was found, not by what was typed: /%61pi leads to /api.
    const route = request.routeOptions.url;
    if (!route?.startsWith(`${API_PREFIX}/`) || isDoor(route)) return undefined;
    return operatorNow(request) ? undefined : fail(reply, 401, NO_SESSION.code, NO_SESSION.message);
  });
  server.addHook('onSend', async (request, reply, payload) => {
    const packs = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (!packs || typeof payload !== 'string' || payload.length < WORTH_PACKING) return payload;
    reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return pack(payload, { level: 3 });
  });
  // Asked again when the body is there: who was put out meanwhile does nothing any more.
  return (request) => {
    const operator = operatorNow(request);
    if (!operator) throw NO_SESSION;
    return operator;
  };
}

const NO_SESSION = new Fault('no-session', 'refused', 'come in again');

function addPage(server: FastifyInstance, { pageDir }: ConsoleOptions): void {
  for (const [url, file] of readConsole(pageDir)) {
    server.get(url, (request, reply) => {
      const packs = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (file.hashed) reply.header('cache-control', 'max-age=31536000, immutable');
      if (packs) reply.header('content-encoding', 'gzip');
      return reply
        .header('vary', 'accept-encoding')
        .type(file.type)
        .send(packs ? file.gzipped : file.body);
    });
  }
}

/** In by a code, once, or by a name and its password, and out again. */
function addDoor(server: FastifyInstance, { sessions, people, deps, clock, log }: ConsoleOptions): void {
  const tries = new TokenBucket(clock, 20, 0.2);
  server.post(`${API_PREFIX}/enter`, SMALL, async (request, reply) => {
    const { code } = enterRequest.parse(request.body);
    const entered = sessions.enter(code);
    if (!entered) {
      // Of the wrong ones alone: whoever floods the door shuts nobody out who has a good one.
      if (!tries.take()) throw new Fault('too-many-tries', 'refused', 'too many tries; wait a little');
      log.warn({ address: request.ip }, 'a code was tried at the console that is no good, or no more');
      throw new Fault('console-code-invalid', 'refused', 'this link was used or is too old');
    }
    const { name, rights } = entered.operator;
    await deps.store.addAudit({ kind: 'operator', name }, 'console.entered', name, { rights });
    return letIn(request, reply, entered);
  });
  server.post(`${API_PREFIX}/password`, SMALL, async (request, reply) => {
    const { user, password } = passwordRequest.parse(request.body);
    if (!people.isOpen) throw new Fault('console-code-invalid', 'refused', 'here one comes in by a link');
    const entered = await people.enter(user, password, AbortSignal.timeout(PASSWORD_MS));
    if ('code' in entered) {
      const { code, retryAfterMs, fields = {} } = entered;
      const said = { ...fields, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      const message = code === NO_ROLE ? 'you have no role here' : sentence(code, said, clock);
      const error = { code, message, fields: said };
      return reply.code(STATUS[code] ?? 403).send({ error } satisfies ApiFailure);
    }
    return letIn(request, reply, entered);
  });
  const letIn = (request: FastifyRequest, reply: FastifyReply, { secret, operator }: Entered) => {
    sessions.leave(secretOf(request, cookieName(deps)));
    const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
    reply.header('set-cookie', `${cookieName(deps)}=${secret}; Path=/; HttpOnly; SameSite=Strict${secure}`);
    return { name: operator.name, role: highestOf(operator) };
  };
  server.get(`${API_PREFIX}/door`, (_request, reply) =>
    reply.send({ hub: deps.name, password: people.isOpen } satisfies DoorAnswer),
  );
  server.post(`${API_PREFIX}/leave`, SMALL, (request, reply) => {
    sessions.leave(secretOf(request, cookieName(deps)));
    reply.header('set-cookie', `${cookieName(deps)}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return reply.send({});
  });
}

interface Entered {
  secret: string;
  operator: Operator;
}

/** What a stranger may send. */
const SMALL = { bodyLimit: 8192 };
const NO_ROLE = 'no-console-role';
const STATUS: Readonly<Record<string, number>> = { 'too-many-attempts': 429, 'directory-unavailable': 503 };
/** Longer than any directory's own deadline. */
const PASSWORD_MS = 20_000;

function sentence(code: string, fields: FieldValues, clock: Clock): string {
  const { text, next } = say(code, { language: 'en', now: clock.now() }, fields);
  return `${text} ${next}`;
}

const doors = new Set(['enter', 'password', 'door', 'leave'].map((name) => `${API_PREFIX}/${name}`));
const isDoor = (route: string): boolean => doors.has(route);

/** Cookies do not know ports: two hubs behind two tunnels must not put each other's operators out. */
const cookieName = ({ store }: OperatorDeps): string => `anyseat_${store.installation.hubId}`;

function secretOf(request: FastifyRequest, name: string): string | undefined {
  return request.headers.cookie
    ?.split(/; */)
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

const fail = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
  reply.code(status).send({ error: { code, message } } satisfies ApiFailure);
