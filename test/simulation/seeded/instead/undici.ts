import { network, type Life } from '../network.ts';

/** Of the hub that opens its clouds just now. */
export class Agent {
  readonly life: Life = network.opening();
  closed = false;

  destroy(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

export interface Options {
  dispatcher: Agent;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  signal: AbortSignal;
}

/** As undici's: an answer of any status, or an error as the system calls it. */
export async function request(
  href: string,
  { dispatcher, method, headers, body, signal }: Options,
): Promise<{ statusCode: number; headers: Record<string, string>; body: AsyncIterable<Uint8Array> }> {
  const url = new URL(href);
  const answer = await network.ask(
    dispatcher.life,
    { method, url: url.pathname + url.search, headers, body: body ?? '' },
    signal,
  );
  return { statusCode: answer.status, headers: answer.headers, body: once(answer.body) };
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  if (text !== '') yield await Promise.resolve(Buffer.from(text));
}
