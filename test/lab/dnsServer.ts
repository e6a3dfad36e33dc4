import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface Srv {
  target: string;
  port: number;
  priority?: number;
  weight?: number;
}

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Names that were asked for, in lower case. */
  readonly asked: readonly string[];
  /** By name in lower case; a name that is not there does not exist. */
  readonly records: Map<string, readonly Srv[]>;
  /** Takes questions and answers none. */
  silent: boolean;
}

const SRV = 33;
const NAME_ERROR = 3;

/** A name server with SRV records and nothing else, on loopback (RFC 1035, RFC 2782). */
export async function startDnsServer(records: Record<string, readonly Srv[]>): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const server = {
    address: '',
    asked,
    records: new Map(Object.entries(records)),
    silent: false,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (question, { address, port }) => {
    const [name, end] = readName(question, 12);
    asked.push(name);
    if (server.silent) return;
    const answers = server.records.get(name);
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580 | (answers === undefined ? NAME_ERROR : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers?.length ?? 0, 6);
    const asIs = question.subarray(12, end + 4);
    socket.send(Buffer.concat([header, asIs, ...(answers ?? []).map(answer)]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}` });
}

function answer({ target, port, priority = 0, weight = 100 }: Srv): Buffer {
  const data = Buffer.concat([numbers(priority, weight, port), writeName(target)]);
  // The name of the question, type, class IN, 60 s, length.
  return Buffer.concat([numbers(0xc00c, SRV, 1, 0, 60, data.length), data]);
}

function numbers(...all: number[]): Buffer {
  const bytes = Buffer.alloc(all.length * 2);
  for (const [i, one] of all.entries()) bytes.writeUInt16BE(one, i * 2);
  return bytes;
}

const writeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

function readName(bytes: Buffer, at: number): [name: string, end: number] {
  const labels: string[] = [];
  while (bytes[at] !== 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]!));
    at += 1 + bytes[at]!;
  }
  return [labels.join('.').toLowerCase(), at + 1];
}
