import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Stop } from './exitCodes.ts';
import { HubApi } from './hubApi.ts';

interface Stage extends AsyncDisposable {
  socket: string;
}

function folder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'anyseat-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

async function listening(answer: RequestListener): Promise<Stage> {
  const place = folder();
  const socket = join(place.path, 'hub.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      place[Symbol.dispose]();
    },
  };
}

const stopOf = (asking: Promise<unknown>) =>
  asking.then(
    () => 'it was answered',
    (error: unknown) => (error instanceof Stop ? { code: error.code, text: error.message } : error),
  );
const failing = async (answer: RequestListener) => {
  await using hub = await listening(answer);
  const stop = await stopOf(new HubApi(hub.socket).get('/status'));
  return JSON.parse(JSON.stringify(stop).replaceAll(hub.socket, 'SOCKET')) as unknown;
};

test('a question and its answer travel as they are', async () => {
  const asked: unknown[] = [];
  await using hub = await listening((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      asked.push([request.method, request.url, body]);
      response.end('{"name":"南通"}');
    });
  });
  const api = new HubApi(hub.socket);
  expect([
    await api.get('/audit', { limit: 3, subject: 'seats/a b', before: undefined }),
    await api.post('/apply', { text: '南' }),
  ]).toEqual([{ name: '南通' }, { name: '南通' }]);
  expect(asked).toEqual([
    ['GET', '/api/v1/audit?limit=3&subject=seats%2Fa+b', ''],
    ['POST', '/api/v1/apply', '{"text":"南"}'],
  ]);
});

test('what the hub refuses is told in its own words', async () => {
  const error = { code: 'seat-unknown', message: 'there is no seat “x”' };
  expect(await failing((_, response) => response.writeHead(404).end(JSON.stringify({ error })))).toEqual({
    code: 1,
    text: 'there is no seat “x”',
  });
  expect(await failing((_, response) => response.writeHead(500).end('{}'))).toEqual({
    code: 1,
    text: 'the hub refused, with status 500 and no reason',
  });
});

test('what answers and is no hub, or stops while it answers, counts as no hub', async () => {
  expect(await failing((_, response) => response.end('<html>'))).toEqual({
    code: 2,
    text: 'what answers on SOCKET is no hub of Anyseat',
  });
  expect(await failing((_, response) => response.end('null'))).toMatchObject({ code: 2 });
  expect(await failing((request) => request.socket.end('SSH-2.0\r\n\r\n'))).toEqual({
    code: 2,
    text: 'what answers on SOCKET is no hub of Anyseat',
  });
  const stopped = {
    code: 2,
    text: 'no hub answers on SOCKET: it stopped before it had answered.\nWhether it did what you asked is not known: anyseat status and anyseat audit will tell.',
  };
  expect(await failing((request) => request.socket.destroy())).toEqual(stopped);
  expect(
    await failing((_, response) => {
      response.write('{"half":');
      response.socket?.destroy();
    }),
  ).toEqual(stopped);
});

test('where no hub is, the sentence says what is there and what to do', async () => {
  using place = folder();
  const none = join(place.path, 'none.sock');
  const file = join(place.path, 'file');
  writeFileSync(file, '');
  const left = join(place.path, 'left.sock');
  await leaveBehind(left);
  const of = async (socket: string) => await stopOf(new HubApi(socket).get('/status'));
  expect(await of(none)).toEqual({
    code: 2,
    text: `no hub answers on ${none}: there is no such socket.\nStart it (npm start in a clone, systemctl start anyseat-hub on a server), or name its socket: --socket PATH, or ANYSEAT_SOCKET.`,
  });
  expect(await of(left)).toMatchObject({
    code: 2,
    text: expect.stringContaining('is not running') as string,
  });
  expect(await of(file)).toMatchObject({ code: 2 });
  expect(await of(`${none}${'x'.repeat(200)}`)).toMatchObject({ code: 2 });
});

/** The file of a socket that nobody listens on any more, as a killed hub leaves it. */
async function leaveBehind(socket: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}
