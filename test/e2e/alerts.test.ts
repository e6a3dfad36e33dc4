import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import type { ActAnswer, AlertTestAnswer } from '@anyseat/protocol';
import { HubProcess } from './parts/hubProcess.ts';
import { temporaryFolder } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

const SECRET = 'a-key-of-the-receiver';
const DAY = 86_400_000;

interface Got {
  id: string;
  event: string;
  code: string;
  signed: boolean;
}

/** Takes letters, and answers when it is told to. */
async function receiver() {
  const got: Got[] = [];
  const waiting: ServerResponse[] = [];
  const state = { answers: true };
  const take = async (request: Parameters<typeof text>[0] & { headers: Record<string, unknown> }) => {
    const body = await text(request);
    const [t, v1] = String(request.headers['x-anyseat-signature'])
      .split(',')
      .map((part) => part.slice(part.indexOf('=') + 1));
    const own = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
    const { id, event, code } = JSON.parse(body) as Omit<Got, 'signed'>;
    got.push({ id, event, code, signed: own === v1 });
  };
  const server = createServer((request, response) => {
    take(request as never).then(
      () => void (state.answers ? response.writeHead(204).end() : waiting.push(response)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    got,
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/in-the-path`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an alert is opened once and arrives, though the hub is killed between sending it and knowing', async () => {
  using folder = temporaryFolder('alerts');
  await using hook = await receiver();
  const secretFile = join(folder.path, 'hook.key');
  writeFileSync(secretFile, `${SECRET}\n`);
  const ended = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAY),
  });
  const [certFile, keyFile] = [join(folder.path, 'hub.crt'), join(folder.path, 'hub.key')];
  writeFileSync(certFile, ended.cert);
  writeFileSync(keyFile, ended.private);
  hook.state.answers = false;
  await using hub = await HubProcess.start({
    folder: folder.path,
    more: {
      listen: { host: '127.0.0.1', port: 0, tls: { certFile, keyFile } },
      alerts: { channels: { ops: { type: 'webhook', url: hook.url, secretFile } } },
    },
  });
  await waitFor('the letter to be sent', () => hook.got.length === 1);
  await hub.kill();
  hook.state.answers = true;
  await hub.startAgain();
  await waitFor('the letter to be sent again', () => hook.got.length === 2);
  const [alert] = await waitFor('the letter to be known as sent', async () => {
    const alerts = await hub.get('alerts');
    return hub.log.includes('an alert was sent') && alerts;
  });
  expect(hook.got).toEqual(
    Array.from({ length: 2 }, () => ({
      id: `${alert!.id}.opened`,
      event: 'opened',
      code: 'certificate-over',
      signed: true,
    })),
  );
  expect((await hub.get('alerts')).map(({ code, state, about }) => [code, state, about])).toEqual([
    ['certificate-over', 'open', 'certificate/listen.tls'],
  ]);

  const said = await hub.ask<ActAnswer>('POST', `/alerts/${alert!.id}/acknowledge`, {});
  expect(said.text).toBe(`local-root looks after alert ${alert!.id}.`);
  await hub.ask('POST', `/alerts/${alert!.id}/silence`, { hours: 2, reason: 'a new one is on its way' });
  expect((await hub.get('alerts'))[0]).toMatchObject({
    state: 'silenced',
    acknowledgedBy: 'local-root',
    silenceReason: 'a new one is on its way',
  });
  await expect(hub.ask('POST', '/alerts/alt_none/acknowledge', {})).rejects.toThrow('alert-unknown');

  const tested = await hub.ask<AlertTestAnswer>('POST', '/alerts/test', {});
  expect([tested.text, hook.got.at(-1)?.event, hook.got.at(-1)?.signed]).toEqual([
    'Channel ops took the test.',
    'test',
    true,
  ]);
  const everything = [hub.log, JSON.stringify([tested, await hub.status(), await hub.get('alerts')])].join();
  expect(['in-the-path', SECRET].filter((secret) => everything.includes(secret))).toEqual([]);
});
