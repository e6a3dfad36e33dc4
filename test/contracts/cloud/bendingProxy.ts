import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer on its way back. */
export interface PassingAnswer {
  readonly status: number;
  readonly text: string;
}

export interface BendingProxy extends AsyncDisposable {
  readonly url: string;
  /** What becomes of the n-th answer (from 0 since this was set) of a service; as it is while undefined. */
  bend: ((answer: PassingAnswer, nth: number) => PassingAnswer) | undefined;
}

/** Stands before a cloud, also before the services that its catalog names, and may change what they say. */
export async function startBendingProxy(cloudUrl: string): Promise<BendingProxy> {
  let bend: BendingProxy['bend'];
  let nth = 0;
  const http = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()) as Buffer[];
    const { method = 'GET', headers } = request;
    const { host: _host, connection: _connection, 'content-length': _length, ...kept } = headers;
    const answer = await fetch(new URL(request.url ?? '/', cloudUrl), {
      method,
      headers: kept as Record<string, string>,
      body: body.length === 0 ? null : Buffer.concat(body),
      redirect: 'manual',
    });
    const own = (await answer.text()).replaceAll(cloudUrl, url);
    const { status, text } = bend?.({ status: answer.status, text: own }, nth++) ?? {
      status: answer.status,
      text: own,
    };
    const { 'content-length': _old, ...passed } = Object.fromEntries(answer.headers);
    response.writeHead(status, passed).end(text);
  };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    get bend() {
      return bend;
    },
    set bend(wanted) {
      bend = wanted;
      nth = 0;
    },
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
