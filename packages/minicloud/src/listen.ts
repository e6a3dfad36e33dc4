import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Fault, messageOf, type Log } from '@anyseat/base';
import type { Api } from './api/api.ts';
import type { ApiRequest } from './api/answer.ts';

/** A body longer than this is not read: user data is 64 KB at most. */
const LARGEST_BODY = 1 << 20;

const KEEP_ALIVE_MS = 65_000;

export interface Listening extends AsyncDisposable {
  port: number;
}

/** Serves the API over HTTP on 127.0.0.1, and nowhere else: it has no secrets worth the name. */
export async function listen(api: Api, port: number, log: Log): Promise<Listening> {
  const server = createServer({ keepAlive: true }, (request, response) => {
    serve(api, request, response).catch((error: unknown) => {
      log.debug({ err: messageOf(error) }, 'a client went away');
      response.destroy();
    });
  });
  // Longer than any client keeps an idle connection, so that the client is the one to close it.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Fault('minicloud-port-busy', 'terminal', `port ${port} cannot be had: ${messageOf(cause)}`, {
          cause,
        }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as { port: number }).port;
  api.origin = `http://127.0.0.1:${bound}`;
  return {
    port: bound,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Hung calls hang no longer.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    response
      .writeHead(413, { 'Content-Type': 'text/plain', Connection: 'close' })
      .end('Request is too large.\n');
    return;
  }
  const outcome = await api.handle({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers as ApiRequest['headers'],
    body,
  });
  // Until the client or this process has had enough.
  if (outcome === 'hang') return;
  if (outcome === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const { status, headers, body: text } = outcome;
  response.writeHead(status, { ...headers, 'Content-Length': String(Buffer.byteLength(text)) });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
