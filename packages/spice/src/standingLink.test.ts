import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { acceptLink, greeting, newTicketKey } from './acceptLink.ts';
import { ByteReader } from './byteReader.ts';
import { proveIdentity } from './proveIdentity.ts';
import { SpiceServer, type SpiceDesktop } from './spiceServer.ts';
import { standingLink, type StandingLink } from './standingLink.ts';
import { MESSAGE, writeMessage } from './wire.ts';

const DESK: SpiceDesktop = { name: 'desk', uuid: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' };

async function serve() {
  const server = new SpiceServer({ identify: () => DESK });
  const { port } = await server.listen({ host: '127.0.0.1' });
  return {
    server,
    endpoint: { host: '127.0.0.1', port },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function stand(endpoint: { host: string; port: number }): Promise<StandingLink> {
  const stood = await standingLink(endpoint);
  if (stood.outcome !== 'standing') throw new Error(stood.why);
  return stood.link;
}

const endOf = (link: StandingLink) => new Promise<void>((resolve) => link.onEnd(resolve));

test('a standing link tells who is there and answers for as long as it stands', async () => {
  await using served = await serve();
  const link = await stand(served.endpoint);
  expect({ name: link.name, uuid: link.uuid }).toEqual(DESK);
  expect([await link.answers(1000), await link.answers(1000)]).toEqual([true, true]);
  expect([link.open, served.server.isLinked(DESK.uuid)]).toEqual([true, true]);
  link.close();
  expect([link.open, await link.answers(1000)]).toEqual([false, false]);
});

test('whoever closes it is not told that it ended', async () => {
  await using served = await serve();
  const link = await stand(served.endpoint);
  let told = 0;
  link.onEnd(() => told++);
  link.close();
  const next = await stand(served.endpoint);
  const end = endOf(next);
  served.server.disconnect(DESK.uuid);
  await end;
  expect([told, next.open]).toEqual([0, false]);
});

test('the next one who links throws it out, and it is told at once', async () => {
  await using served = await serve();
  const link = await stand(served.endpoint);
  const end = endOf(link);
  expect(await proveIdentity(served.endpoint)).toMatchObject({ outcome: 'proved' });
  await end;
  expect([link.open, await link.answers(1000)]).toEqual([false, false]);
  // Told at once also to whoever asks later.
  await endOf(link);
});

test('a question that is being asked when the server goes away is answered: no', async () => {
  await using silent = await serveBy(() => undefined);
  const link = await stand(silent.endpoint);
  const asked = link.answers(30_000);
  silent.client()!.destroy();
  expect(await asked).toBe(false);
});

test('a server that does not answer in time has no standing link any more', async () => {
  await using silent = await serveBy(() => undefined);
  const link = await stand(silent.endpoint);
  expect([await link.answers(20), link.open]).toEqual([false, false]);
});

test('a server that measures the line with 250 kB is answered, and one that talks without end is left', async () => {
  const ping = writeMessage(MESSAGE.ping, Buffer.alloc(12 + 250 * 1024), true, 1);
  await using talkative = await serveBy((socket) => socket.write(ping));
  const link = await stand(talkative.endpoint);
  const [pong] = (await once(talkative.client()!, 'data')) as [Buffer];
  expect([pong.readUInt16LE(0), pong.readUInt32LE(2), link.open]).toEqual([3, 12, true]);
  const end = endOf(link);
  for (let i = 0; i < 20; i++) talkative.client()!.write(ping);
  await end;
});

/** A server that links one client and then does as it is told, without ever answering. */
async function serveBy(onLinked: (socket: Socket) => void) {
  const key = newTicketKey();
  let client: Socket | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const reader = new ByteReader(socket);
    acceptLink(socket, reader, DESK, key).then(
      (accepted) => {
        client = socket;
        socket.write(greeting(DESK, accepted!));
        onLinked(socket);
        reader.discardRest();
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    client: () => client,
    [Symbol.asyncDispose]: async () => {
      client?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
