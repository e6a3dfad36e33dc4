import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { darkSite, patience } from './letter.fixture.ts';
import { openWebhook } from './webhook.ts';

interface Got {
  headers: IncomingMessage['headers'];
  body: string;
}

/** A receiver that answers these, one after the other. */
async function receiver(answers: readonly number[], tls?: { cert: string; key: string }) {
  const got: Got[] = [];
  const answer = async (request: IncomingMessage): Promise<number> => {
    got.push({ headers: request.headers, body: await text(request) });
    return answers[got.length - 1] ?? 204;
  };
  const server = tls ? createTlsServer(tls) : createServer();
  server.on('request', (request, response) => {
    answer(request).then(
      (status) => response.writeHead(status, { location: '/elsewhere' }).end('noted'),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    got,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hooks/s3cret`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const open = (url: string, secret?: string, ca?: string) =>
  openWebhook(
    'ops',
    { type: 'webhook', url, least: 'warning' },
    { secret, ca, now: () => 1_764_000_000_500 },
  );

test('a letter is JSON by POST, under its id, and signed so that anybody with the secret can tell', async () => {
  await using hook = await receiver([200]);
  await open(hook.url, 'key').send(darkSite(), patience());
  const [{ headers, body }] = hook.got as [Got];
  const v1 = createHmac('sha256', 'key').update(`1764000000.${body}`).digest('hex');
  expect({
    type: headers['content-type'],
    id: headers['x-anyseat-id'],
    signature: headers['x-anyseat-signature'],
    body: JSON.parse(body) as unknown,
  }).toEqual({
    type: 'application/json',
    id: 'alt_1.opened',
    signature: `t=1764000000,v1=${v1}`,
    body: {
      ...darkSite(),
      openedAt: '2026-11-24T00:00:00.000Z',
      at: '2026-11-24T00:01:00.000Z',
      text: 'At 南通 210 of 1,200 seats say "nothing".',
      next: 'Look at the line.',
    },
  });
});

test('without a secret nothing is signed', async () => {
  await using hook = await receiver([204]);
  await open(hook.url).send(darkSite(), patience());
  expect(hook.got[0]!.headers).not.toHaveProperty('x-anyseat-signature');
});

test.each([302, 400, 500])('an answer of %i is no taking, and names no secret', async (status) => {
  await using hook = await receiver([status]);
  const channel = open(hook.url);
  const origin = new URL(hook.url).origin;
  expect(channel.to).toBe(origin);
  await expect(channel.send(darkSite(), patience())).rejects.toMatchObject({
    code: 'alert-not-sent',
    message: `${origin} answered ${status}`,
  });
  expect(hook.got).toHaveLength(1);
});

test('where nobody listens it is said in a word', async () => {
  const url = await (async () => {
    await using hook = await receiver([]);
    return hook.url;
  })();
  await expect(open(url).send(darkSite(), patience())).rejects.toMatchObject({
    message: `${new URL(url).origin}: ECONNREFUSED`,
  });
});

test('whoever gives up waits no longer', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  const sent = open(`http://127.0.0.1:${port}/`).send(darkSite(), stop.signal);
  server.once('request', () => stop.abort());
  await expect(sent).rejects.toMatchObject({ code: 'alert-not-sent' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a certificate is checked, by the authority that was named', async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  await using hook = await receiver([200], { cert: made.cert, key: made.private });
  await expect(open(hook.url).send(darkSite(), patience())).rejects.toMatchObject({
    message: expect.stringMatching(/: (DEPTH_ZERO_)?SELF_SIGNED_CERT/) as string,
  });
  await open(hook.url, undefined, made.cert).send(darkSite(), patience());
  expect(hook.got).toHaveLength(1);
});
