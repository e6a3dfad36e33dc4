import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MainChannel } from './mainChannel.ts';
import { CLIENT_MESSAGE, MESSAGE, readMessageHeader, word, writeMessage } from './wire.ts';

const PING = Buffer.concat([word(7), Buffer.from('0011223344556677', 'hex')]);

/** What a server says that measures the line, wants every second message acknowledged, and tells its channels. */
const conversation: readonly [type: number, body: Buffer][] = [
  [MESSAGE.init, Buffer.alloc(32)],
  [MESSAGE.setAck, Buffer.concat([word(5), word(2)])],
  [MESSAGE.ping, PING],
  [MESSAGE.ping, Buffer.concat([PING, Buffer.alloc(3000)])],
  [MESSAGE.channelsList, Buffer.concat([word(1), Buffer.from([2, 0])])],
  [105, Buffer.alloc(0)],
];
const answers: readonly [type: number, body: string][] = [
  [CLIENT_MESSAGE.ackSync, word(5).toString('hex')],
  [CLIENT_MESSAGE.pong, PING.toString('hex')],
  [CLIENT_MESSAGE.pong, PING.toString('hex')],
  [CLIENT_MESSAGE.ack, ''],
  [CLIENT_MESSAGE.ack, ''],
];

test.each([true, false])('however the bytes come, every duty is done once (short headers: %s)', (mini) => {
  const bytes = Buffer.concat(conversation.map(([type, body], i) => writeMessage(type, body, mini, i + 1)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 }), (lengths) => {
      const said: Buffer[] = [];
      let lists = 0;
      const channel = new MainChannel({
        miniHeader: mini,
        send: (message) => said.push(message),
        onChannelsList: () => lists++,
      });
      let at = 0;
      for (const length of [...lengths, bytes.length]) channel.take(bytes.subarray(at, (at += length)));
      const spoken = said.map((message) => {
        const { type, size } = readMessageHeader(message, mini);
        return [type, message.subarray(message.length - size).toString('hex')];
      });
      expect([spoken, lists]).toEqual([answers, 1]);
    }),
  );
});

test('a message whose header was read before is answered like any other', () => {
  const said: Buffer[] = [];
  const begun = writeMessage(MESSAGE.ping, PING, true, 1).subarray(0, 6);
  const channel = new MainChannel({
    miniHeader: true,
    begun,
    send: (message) => said.push(message),
    onChannelsList: () => undefined,
  });
  channel.take(PING);
  expect(said).toEqual([writeMessage(CLIENT_MESSAGE.pong, PING, true, 1)]);
});

test('whatever a stranger says, nothing is thrown, and nothing is said that no server is told', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }),
      (mini, chunks) => {
        const said: Buffer[] = [];
        const channel = new MainChannel({
          miniHeader: mini,
          send: (message) => said.push(message),
          onChannelsList: () => undefined,
        });
        for (const chunk of chunks) channel.take(Buffer.from(chunk));
        const duties = new Set<number>(Object.values(CLIENT_MESSAGE));
        for (const message of said) expect(duties).toContain(readMessageHeader(message, mini).type);
      },
    ),
  );
});
