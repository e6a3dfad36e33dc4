import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One request as it went by. */
export interface Seen {
  op: 'bind' | 'search' | 'other';
  /** The name of a bind. */
  name?: string;
}

export interface LdapProxy extends AsyncDisposable {
  readonly url: string;
  /** Every request that came, in order, forwarded or not. */
  readonly seen: readonly Seen[];
  /** Binds of people, not of the service account. */
  binds(): string[];
  /** Called before a request is forwarded: `hold` keeps it and all after it back, `cut` ends the connection. */
  onRequest(decide: (seen: Seen) => 'pass' | 'hold' | 'cut' | Promise<'pass' | 'hold' | 'cut'>): void;
  /** Ends all connections; new ones are taken. */
  cutAll(): void;
  /** How many connections are open. */
  readonly connections: number;
  /** Of all answers so far. */
  readonly answeredBytes: number;
}

/** Stands between a hub and an LDAP server (plain, on loopback), counts what is asked, and does what a network does. */
export async function startLdapProxy(target: { port: number; serviceDn: string }): Promise<LdapProxy> {
  const seen: Seen[] = [];
  const open = new Set<Socket>();
  let answeredBytes = 0;
  let decide: Parameters<LdapProxy['onRequest']>[0] = () => 'pass';
  const server = createServer((client) => {
    const upstream = connect(target.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on('data', (chunk) => (answeredBytes += chunk.length));
    upstream.pipe(client);
    const forward = async (message: Buffer) => {
      const one = read(message);
      seen.push(one);
      const what = await decide(one);
      if (what === 'pass') upstream.write(message);
      if (what === 'cut') client.destroy();
      return what;
    };
    let held = Buffer.alloc(0);
    let line: Promise<unknown> = Promise.resolve('pass');
    client.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (
        let length = messageLength(held);
        length > 0 && length <= held.length;
        length = messageLength(held)
      ) {
        const message = held.subarray(0, length);
        held = held.subarray(length);
        line = line.then((before) => (before === 'hold' ? before : forward(message)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    binds: () =>
      seen.flatMap((one) => (one.op === 'bind' && one.name !== target.serviceDn ? [one.name!] : [])),
    onRequest: (next) => (decide = next),
    cutAll: () => {
      for (const socket of open) socket.destroy();
    },
    get connections() {
      return open.size / 2;
    },
    get answeredBytes() {
      return answeredBytes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of a well-made request: what our own side writes. 0 while the header is not there. */
function messageLength(bytes: Buffer): number {
  const [start, end] = contentOf(bytes, 0);
  return start === 0 ? 0 : end;
}

function contentOf(bytes: Buffer, at: number): [start: number, end: number] {
  if (bytes.length < at + 2) return [0, 0];
  const short = bytes[at + 1]!;
  if (short < 0x80) return [at + 2, at + 2 + short];
  const count = short - 0x80;
  if (bytes.length < at + 2 + count) return [0, 0];
  const start = at + 2 + count;
  return [start, start + bytes.readUIntBE(at + 2, count)];
}

function read(message: Buffer): Seen {
  const [start] = contentOf(message, 0);
  const [, afterId] = contentOf(message, start);
  const tag = message[afterId];
  if (tag === 0x63) return { op: 'search' };
  if (tag !== 0x60) return { op: 'other' };
  const [inside] = contentOf(message, afterId);
  const [, afterVersion] = contentOf(message, inside);
  const [name, nameEnd] = contentOf(message, afterVersion);
  return { op: 'bind', name: message.toString('utf8', name, nameEnd) };
}
