import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@anyseat/base';
import type { CloudCredentials } from './credentials/credentials.ts';
import { openSession, type Session } from './session.ts';

/** What came in. */
export interface Seen {
  method: string;
  /** With its query, below the server's root. */
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, text as it is. */
  body?: unknown;
}

/** Undefined: the small cloud answers by itself. `hang`: never. `reset`: the connection is cut. */
export type Handler = (seen: Seen) => Reply | 'hang' | 'reset' | undefined;

/**
 * A Keystone and an address for every service, in a few lines, for tests of the client alone: real sockets, and answers as the
 * test has them. Tokens are `token-1`, `token-2` …; the compute service offers 2.1 to 2.93.
 */
export interface SmallCloud extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
  /** Requests below a path, by method and path. */
  count(method: string, path: string): number;
  tokenSeconds: number;
  handler: Handler;
  session(options?: { clock?: Clock; deadlineMs?: number; mostBytes?: number }): Session;
  credentials(): CloudCredentials;
}

export async function startSmallCloud(handler: Handler = () => undefined): Promise<SmallCloud> {
  const seen: Seen[] = [];
  const sessions: Session[] = [];
  let tokens = 0;
  const http = createServer((request, response) => {
    const answer = (one: Seen) => {
      seen.push(one);
      const reply = cloud.handler(one) ?? ownReply(one);
      if (reply === 'reset') request.socket.destroy();
      else if (reply !== 'hang') send(response, reply);
    };
    read(request).then(answer, () => request.socket.destroy());
  });
  const ownReply = (one: Seen): Reply => {
    if (one.path === '/v3/auth/tokens') return tokenReply(cloud, ++tokens);
    if (one.path === '/compute/v2.1/') return { status: 200, body: versionDocument('2.93') };
    return { status: 404, body: { itemNotFound: { code: 404, message: 'nothing here' } } };
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const cloud: SmallCloud = {
    url,
    seen,
    tokenSeconds: 3600,
    handler,
    count: (method, path) => seen.filter((s) => s.method === method && s.path.startsWith(path)).length,
    credentials: () => ({
      cloud: 'small',
      authUrl: url,
      auth: { kind: 'applicationCredential', credential: { id: 'a' }, secret: () => 'very-secret' },
      region: undefined,
      interfaces: ['public'],
      endpoints: {},
      tls: { verify: true, ca: undefined, cert: undefined, key: undefined },
    }),
    session: (options = {}) => {
      const session = openSession({ credentials: cloud.credentials(), clock: systemClock, ...options });
      sessions.push(session);
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return cloud;
}

export const versionDocument = (max: string): unknown => ({
  version: { id: 'v2.1', status: 'CURRENT', version: max, min_version: '2.1' },
});

/** The real clock, with waits cut short; how long each was to be is kept. */
export function hurriedClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    ...systemClock,
    waits,
    sleep: (ms, signal) => {
      waits.push(ms);
      return systemClock.sleep(0, signal);
    },
  };
}

function tokenReply(cloud: SmallCloud, n: number): Reply {
  const at = (s: number) => new Date(1_800_000_000_000 + s * 1000).toISOString();
  const service = (type: string, url: string) => ({
    type,
    endpoints: [{ interface: 'public', region: 'One', region_id: 'One', url }],
  });
  return {
    status: 201,
    headers: { 'x-subject-token': `token-${n}` },
    body: {
      token: {
        issued_at: at(0),
        expires_at: at(cloud.tokenSeconds),
        project: { id: 'p1' },
        user: { id: 'u1' },
        roles: [{ name: 'member' }],
        catalog: [
          service('compute', `${cloud.url}/compute/v2.1`),
          service('network', `${cloud.url}/network`),
          service('image', `${cloud.url}/image`),
        ],
      },
    },
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

function send(response: ServerResponse, reply: Reply): void {
  const isText = typeof reply.body === 'string';
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/html' : 'application/json',
    'x-openstack-request-id': 'req-of-the-cloud',
    ...reply.headers,
  });
  response.end(reply.body === undefined ? undefined : isText ? reply.body : JSON.stringify(reply.body));
}
