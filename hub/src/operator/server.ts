import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { ConfigFault, Fault, toFault, type Log, type Retry } from '@anyseat/base';
import { API_PREFIX, type ApiFailure } from '@anyseat/protocol';
import { localRoot, may, mayAt, maySomewhere, type Operator } from './permissions.ts';
import { routes, type Asked, type OperatorDeps, type Route } from './routes.ts';

/** The status that a fault answers with; what is not here follows from its retry class. */
const STATUS: Readonly<Record<string, number>> = {
  'no-session': 401,
  'not-allowed': 403,
  'console-code-invalid': 403,
  'console-off': 409,
  'console-session-unknown': 404,
  'too-many-tries': 429,
  'config-invalid': 422,
  'resource-changed': 409,
  'seat-taken': 409,
  'desktop-in-use': 409,
  'resource-unknown': 404,
  'session-unknown': 404,
  'desktop-unknown': 404,
  'tc-unknown': 404,
  'seat-unknown': 404,
  'person-unknown': 404,
  'binding-unknown': 404,
  'alert-unknown': 404,
  'binding-taken': 409,
  'desktop-used': 409,
  'no-desktop-ready': 409,
  'reason-unknown': 404,
  'revision-unknown': 404,
};
const STATUS_OF_CLASS: Readonly<Record<Retry, number>> = {
  transient: 503,
  refused: 400,
  terminal: 409,
  bug: 500,
};

/** The operators' API on the hub's Unix socket, for its owner and root alone (mode 0600). */
export async function openOperatorServer(options: {
  socket: string;
  deps: OperatorDeps;
  log: Log;
}): Promise<AsyncDisposable> {
  const { socket, deps, log } = options;
  const server = fastify({ logger: false, bodyLimit: 16 * 1024 * 1024, forceCloseConnections: true });
  server.setErrorHandler((error, _request, reply) => answerFailure(error, reply, log));
  server.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .send({ error: { code: 'no-such-route', message: 'the hub has no such route' } } satisfies ApiFailure),
  );
  for (const route of routes) addRoute(server, route, deps, () => localRoot);
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  await removeStale(socket);
  await server.listen({ path: socket });
  chmodSync(socket, 0o600);
  return { [Symbol.asyncDispose]: () => server.close() };
}

/** @param operatorOf who asks */
export function addRoute(
  server: FastifyInstance,
  route: Route,
  deps: OperatorDeps,
  operatorOf: (request: FastifyRequest) => Operator,
): void {
  server.route({
    method: route.method,
    url: API_PREFIX + route.path,
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const operator = operatorOf(request);
      const gone = new AbortController();
      // Of the answer: a request is closed as soon as its body was read.
      reply.raw.once('close', () => gone.abort());
      const asked: Asked = {
        body: request.body ?? {},
        query: request.query,
        params: request.params as Record<string, string>,
        by: { kind: 'operator', name: operator.name },
        operator,
        signal: AbortSignal.any([gone.signal, AbortSignal.timeout(60_000)]),
      };
      await allow(asked, route, deps);
      return (await route.answer(asked, deps)) ?? {};
    },
  });
}

/** @throws Fault `not-allowed` */
async function allow(asked: Asked, { needs, at }: Route, deps: OperatorDeps): Promise<void> {
  const { operator } = asked;
  if (may(operator, needs)) return;
  if (!maySomewhere(operator, needs)) throw notAllowed(`this needs the role “${needs}”`);
  if (needs === 'view' || at === 'anywhere') return;
  const site = at && (await at(asked, deps));
  if (!at || !mayAt(operator, needs, site))
    throw notAllowed(`this needs the role “${needs}” at ${at && site ? `site ${site}` : 'every site'}`);
}

const notAllowed = (text: string) => new Fault('not-allowed', 'refused', text);

/** What went wrong, as the operators' API says it. */
export function answerFailure(error: unknown, reply: FastifyReply, log: Log): void {
  if (error instanceof ZodError) {
    const problems = error.issues.map((i) => ({ where: 'request', path: i.path.join('.'), text: i.message }));
    const message = problems.map((p) => (p.path ? `${p.path}: ${p.text}` : p.text)).join('; ');
    void reply.code(400).send({ error: { code: 'bad-request', message, problems } } satisfies ApiFailure);
    return;
  }
  const asked = (error as { statusCode?: unknown }).statusCode;
  if (typeof asked === 'number' && asked < 500) {
    void reply
      .code(asked)
      .send({ error: { code: 'bad-request', message: (error as Error).message } } satisfies ApiFailure);
    return;
  }
  const fault = toFault(error);
  if (fault.retry === 'bug') log.error({ err: error }, 'an operator’s request failed by a fault of ours');
  const problems = fault instanceof ConfigFault ? { problems: [...fault.problems] } : {};
  const message = fault.retry === 'bug' ? 'the hub failed; its log says why' : fault.message;
  void reply
    .code(STATUS[fault.code] ?? STATUS_OF_CLASS[fault.retry])
    .send({ error: { code: fault.code, message, ...problems } } satisfies ApiFailure);
}

/** A socket's file that a killed hub left behind; one that somebody answers on is another hub's. */
async function removeStale(socket: string): Promise<void> {
  if (!existsSync(socket)) return;
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) throw new Fault('hub-running', 'terminal', `another hub listens on ${socket}`);
  rmSync(socket, { force: true });
}
