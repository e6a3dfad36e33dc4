import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { systemClock, type Clock } from '@anyseat/base';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { bareLink } from './bareLink.ts';
import { makeCertificates } from './certificates.fixture.ts';
import { proveIdentity } from './proveIdentity.ts';
import { SpiceServer, type SpiceDesktop } from './spiceServer.ts';
import { stayLinked } from './stayLinked.fixture.ts';
import { CHANNEL_MAIN, LINK_ERROR, MAGIC, readLinkReply, word, writeLinkMessage } from './wire.ts';

const certificates = makeCertificates();
afterAll(() => certificates?.[Symbol.dispose]());

const DESK_7: SpiceDesktop = { name: '桌面 7', uuid: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' };

async function serve(desktop: SpiceDesktop = DESK_7, clock?: Clock) {
  const events: string[] = [];
  const server = new SpiceServer({
    identify: () => desktop,
    onLinked: ({ name }) => events.push(`linked ${name}`),
    onClosed: ({ name }) => events.push(`closed ${name}`),
    ...(clock ? { clock } : {}),
  });
  const { port } = await server.listen({ host: '127.0.0.1' });
  return {
    server,
    events,
    port,
    endpoint: { host: '127.0.0.1', port },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test('a proof reads name and UUID, and the server says that somebody was there', async () => {
  await using served = await serve();
  expect(await proveIdentity(served.endpoint)).toEqual({ outcome: 'proved', ...DESK_7 });
  await until(() => served.events.length === 2);
  expect(served.events).toEqual(['linked 桌面 7', 'closed 桌面 7']);
});

test('a bare link is answered and is no event', async () => {
  await using served = await serve();
  expect(await bareLink(served.endpoint)).toEqual({ outcome: 'answered' });
  expect(await proveIdentity(served.endpoint)).toMatchObject({ outcome: 'proved' });
  await until(() => served.events.length === 2);
  expect(served.events).toEqual(['linked 桌面 7', 'closed 桌面 7']);
});

test('a desktop has one client: the next one throws it out, and is told of second', async () => {
  await using served = await serve();
  const first = await stayLinked(served.endpoint);
  expect(await bareLink(served.endpoint)).toEqual({ outcome: 'answered' });
  expect([first.closed, served.server.isLinked(DESK_7.uuid)]).toEqual([false, true]);
  const second = await stayLinked(served.endpoint);
  await first.over;
  expect(served.events).toEqual(['linked 桌面 7', 'closed 桌面 7', 'linked 桌面 7']);
  served.server.disconnect(DESK_7.uuid);
  await second.over;
  expect(served.events).toHaveLength(4);
  expect(served.server.isLinked(DESK_7.uuid)).toBe(false);
});

test('the address that a client came to says which desktop it came for', async () => {
  const seats = new Map(
    [2, 3].map((n) => [
      `127.0.7.${n}`,
      { name: `desk-${n}`, uuid: `6f9619ff-8b86-d011-b42d-00000000000${n}` },
    ]),
  );
  await using server = new SpiceServer({ identify: (address) => seats.get(address) });
  const { port } = await server.listen({ host: '0.0.0.0' });
  const proofs = await Promise.all(
    ['127.0.7.2', '127.0.7.3', '127.0.7.4'].map((host) => proveIdentity({ host, port })),
  );
  expect(proofs.slice(0, 2)).toEqual(
    [...seats.values()].map((desktop) => ({ outcome: 'proved', ...desktop })),
  );
  // As a port where nothing listens.
  expect(proofs[2]).toMatchObject({ outcome: 'unreachable' });
});

test.each([
  ['no ticket wanted', undefined, 'any', 'proved'],
  ['the right ticket', 's3cret', 's3cret', 'proved'],
  ['the wrong ticket', 's3cret', 'S3cret', 'refused-ticket'],
  ['no ticket', 's3cret', undefined, 'refused-ticket'],
  ['tickets on and none set', '', '', 'refused-ticket'],
])('%s', async (_, wanted, given, outcome) => {
  await using served = await serve({ ...DESK_7, password: wanted });
  expect(await proveIdentity({ ...served.endpoint, password: given })).toMatchObject({ outcome });
});

test('a desktop that wants TLS refuses a plain link and takes one by TLS', async (ctx) => {
  if (!certificates) {
    ctx.skip('openssl is not installed');
    return;
  }
  await using served = await serve({ ...DESK_7, tlsOnly: true });
  const tls = await served.server.listen({ host: '127.0.0.1', tls: certificates });
  expect(await bareLink(served.endpoint)).toMatchObject({ outcome: 'needs-tls' });
  const secure = { host: '127.0.0.1', tlsPort: tls.port, ca: certificates.ca };
  expect(await proveIdentity(secure)).toMatchObject({ outcome: 'proved' });
  expect(await proveIdentity({ ...secure, hostSubject: certificates.subject })).toMatchObject({
    outcome: 'proved',
  });
  expect(await proveIdentity({ ...secure, ca: certificates.otherCa })).toMatchObject({
    outcome: 'bad-certificate',
  });
});

test('a client that announces neither short headers nor an interest in names is spoken to as it wants', async () => {
  await using served = await serve();
  const socket = connect(served.port, '127.0.0.1');
  socket.write(
    writeLinkMessage({
      connectionId: 0,
      channelType: CHANNEL_MAIN,
      channelId: 0,
      commonCaps: new Set(),
      channelCaps: new Set(),
    }),
  );
  // Without auth selection the ticket comes at once; tickets are off, but it must have been encrypted for this server.
  socket.write(randomBytes(128));
  const answer = Buffer.concat(await socket.toArray());
  expect(readLinkReply(answer.subarray(16, -4))?.error).toBe(LINK_ERROR.ok);
  expect(answer.subarray(-4)).toEqual(word(LINK_ERROR.permissionDenied));
});

test.each([
  [
    'another channel',
    writeLinkMessage({
      connectionId: 9,
      channelType: 2,
      channelId: 0,
      commonCaps: new Set(),
      channelCaps: new Set(),
    }),
    LINK_ERROR.channelNotAvailable,
  ],
  ['what is not SPICE', Buffer.from('GET / HTTP/1.1\r\n\r\n'), LINK_ERROR.invalidMagic],
  ['another version', Buffer.concat([MAGIC, word(1), word(0), word(18)]), LINK_ERROR.versionMismatch],
  ['a huge length', Buffer.concat([MAGIC, word(2), word(2), word(0xffffffff)]), LINK_ERROR.invalidData],
  [
    'a length too small',
    Buffer.concat([MAGIC, word(2), word(2), word(3), Buffer.alloc(3)]),
    LINK_ERROR.invalidData,
  ],
])('%s is refused with its number, and the connection closed', async (_, bytes, error) => {
  await using served = await serve();
  const socket = connect(served.port, '127.0.0.1');
  socket.write(bytes);
  const answer = Buffer.concat(await socket.toArray());
  expect(readLinkReply(answer.subarray(16))?.error).toBe(error);
});

test('whatever a client sends, in whatever pieces, the server goes on', async () => {
  await using served = await serve();
  const bytes = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(MAGIC), fc.constant(word(2))),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (pieces) => {
      const socket = connect(served.port, '127.0.0.1').on('error', () => {});
      for (const piece of pieces) socket.write(piece);
      socket.end().resume();
      await once(socket, 'close');
    }),
    { numRuns: 200 },
  );
  expect(await proveIdentity(served.endpoint)).toMatchObject({ outcome: 'proved' });
});

test('what is not TLS on a TLS port harms nobody, and a silent client there does not keep the server open', async (ctx) => {
  if (!certificates) {
    ctx.skip('openssl is not installed');
    return;
  }
  await using served = await serve();
  const { port } = await served.server.listen({ host: '127.0.0.1', tls: certificates });
  for (const bytes of [Buffer.from('GET / HTTP/1.0\r\n\r\n'), randomBytes(2000), MAGIC]) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.resume().end(bytes);
    await once(socket, 'close');
  }
  const silent = connect(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  const secure = { host: '127.0.0.1', tlsPort: port, ca: certificates.ca };
  expect(await proveIdentity(secure)).toMatchObject({ outcome: 'proved' });
  const gone = once(silent, 'close');
  await served.server[Symbol.asyncDispose]();
  await gone;
});

test('a client that says nothing is closed when its time is over; one that is linked is not', async () => {
  const alarms = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after: (_ms, fn) => {
      alarms.add(fn);
      return { [Symbol.dispose]: () => void alarms.delete(fn) };
    },
  };
  await using served = await serve(DESK_7, clock);
  const client = await stayLinked(served.endpoint);
  await until(() => alarms.size === 0);
  const silent = connect(served.port, '127.0.0.1').resume();
  await until(() => alarms.size === 1);
  for (const alarm of alarms) alarm();
  await once(silent, 'close');
  expect(client.closed).toBe(false);
});

test('what a linked client sends is let pass, however much it is', async () => {
  await using served = await serve();
  const client = await stayLinked(served.endpoint);
  await client.send(Buffer.alloc(8 * 1024 * 1024));
  expect(served.server.isLinked(DESK_7.uuid)).toBe(true);
  client.leave();
  await until(() => served.events.length === 2);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i === 400) throw new Error('waited 4 s in vain');
    await systemClock.sleep(10);
  }
}
