import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { darkSite, patience } from './letter.fixture.ts';
import { lineOf, openSyslog } from './syslog.ts';

const open = (port: number, protocol: 'udp' | 'tcp') =>
  openSyslog(
    'log',
    { type: 'syslog', host: '127.0.0.1', port, protocol, facility: 'local0', language: 'en', least: 'info' },
    { hostName: 'hub.call.example', pid: 17 },
  );
const LINE =
  '<131>1 2026-11-24T00:01:00.000Z hub.call.example anyseat-hub 17 opened ' +
  '[anyseat@32473 id="alt_1.opened" alert="alt_1" event="opened" code="site-dark" severity="error" ' +
  'about="site/nantong" hub="nantong-hub"] ' +
  '\u{feff}opened: At 南通 210 of 1,200 seats say "nothing". Look at the line.';

test('a letter is one datagram as RFC 5424 has it', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard = once(socket, 'message') as Promise<[Buffer]>;
  await open(socket.address().port, 'udp').send(darkSite(), patience());
  expect((await heard)[0].toString()).toBe(LINE);
  await new Promise<void>((resolve) => socket.close(() => resolve()));
});

test('over TCP its octets are counted, and it is sent when the other side has all of it', async () => {
  const heard = Promise.withResolvers<string>();
  const server = createServer((socket: Socket) => {
    text(socket).then(heard.resolve, heard.reject);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await open(port, 'tcp').send(darkSite(), patience());
  expect(await heard.promise).toBe(`${Buffer.byteLength(LINE)} ${LINE}`);
  await new Promise((resolve) => server.close(resolve));
  await expect(open(port, 'tcp').send(darkSite(), patience())).rejects.toMatchObject({
    code: 'alert-not-sent',
    message: `tcp 127.0.0.1:${port}: ECONNREFUSED`,
  });
});

test('what would end a value is escaped, and what is over is no error any more', () => {
  const letter = { ...darkSite('resolved'), about: 'site/"a]\\' };
  const line = lineOf(letter, { facility: 3, hostName: '主机', pid: 1, language: 'zh-CN' });
  expect(line).toMatch(/^<29>1 \S+ -- anyseat-hub 1 resolved \[/);
  expect(line).toContain('about="site/\\"a\\]\\\\"');
  expect(line).toMatch(/\u{feff}resolved: 南通失联。 请检查线路。$/u);
});
