import { readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isFault, messageOf, openLog, systemClock, type ReleaseFile } from '@anyseat/base';
import type { UpdateReport } from '@anyseat/protocol';
import { newUpdateHome } from './releases.fixture.ts';
import { Updates } from './updates.ts';

const log = openLog({ name: 'updates', level: 'silent' });
const TICKET = 'ticket-1';
const commandFor = ({ text, signature, manifest }: ReleaseFile, version = manifest.version) => ({
  do: 'update' as const,
  version,
  offer: { manifest: text, signature, ticket: TICKET },
});
const go = (version: string) => ({ do: 'update' as const, version });

/** A hub that serves a payload as `answer` says, and an agent beside it. */
async function world(
  home: ReturnType<typeof newUpdateHome>,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const box = { free: true, ended: 0 };
  const said: Omit<UpdateReport, 'type' | 'epoch'>[] = [];
  const open = () =>
    new Updates({
      slots: home.slots,
      running: '0.1.0',
      onTrial: false,
      dial: () =>
        new Promise((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket));
          socket.once('error', reject);
        }),
      isFree: () => box.free,
      end: () => box.ended++,
      clock: systemClock,
      log,
    });
  const updates = open();
  updates.tell((report) => said.push(report));
  const until = (state: string) =>
    expect.poll(() => said.at(-1), { timeout: 20_000, interval: 5 }).toMatchObject({ state });
  return {
    updates,
    open,
    said,
    box,
    until,
    async [Symbol.asyncDispose]() {
      await updates[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As the hub does it. */
const serve =
  (payload: Buffer, asked: string[] = []) =>
  (request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.url} ${request.headers.range} ${request.headers.authorization}`);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
    response.writeHead(206, { 'content-length': payload.length - from }).end(payload.subarray(from));
  };
const nothingServed = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(500).end();
};

test('a release is fetched, kept ready over a restart, and started when the hub says so', async () => {
  using home = newUpdateHome();
  const release = home.release('0.2.0');
  const asked: string[] = [];
  await using here = await world(home, serve(release.payload, asked));
  await here.updates.command(commandFor(release));
  await here.until('ready');
  expect(asked).toEqual([`/releases/${release.manifest.sha256} bytes=0- Bearer ${TICKET}`]);
  expect(here.said.map(({ state, version }) => [state, version])).toEqual([
    ['idle', undefined],
    ['fetching', '0.2.0'],
    ['ready', '0.2.0'],
  ]);
  expect(home.slots.begun()).toEqual([]);
  await using again = here.open();
  const heard: unknown[] = [];
  again.tell((report) => heard.push(report.state));
  expect(heard).toEqual(['ready']);
  await again.command(go('0.2.0'));
  await expect.poll(() => here.box.ended).toBe(1);
  expect(home.slots.state).toEqual({ trial: { slot: 'a', version: '0.2.0', starts: 0 } });
});

test('nothing is started while somebody is logged in, nor when somebody was quicker', async () => {
  using home = newUpdateHome();
  const release = home.release('0.2.0');
  await using here = await world(home, serve(release.payload));
  await here.updates.command(commandFor(release));
  await here.until('ready');
  here.box.free = false;
  await expect(here.updates.command(go('0.2.0'))).rejects.toThrow('somebody is logged in');
  here.box.free = true;
  await here.updates.command(go('0.2.0'));
  here.box.free = false;
  await here.until('ready');
  expect([here.box.ended, home.slots.state]).toEqual([0, {}]);
});

test('what was begun is finished where it broke off', async () => {
  using home = newUpdateHome();
  const release = home.release('0.2.0', `// ${'x'.repeat(50)}`);
  const { payload } = release;
  const asked: string[] = [];
  const older = join(home.slots.home, 'fetched.0123456789abcdef');
  writeFileSync(older, 'of a release that nobody wants any more');
  let cut = true;
  await using here = await world(home, (request, response) => {
    if (!cut) return serve(payload, asked)(request, response);
    cut = false;
    response.writeHead(206, { 'content-length': payload.length });
    response.write(payload.subarray(0, 40), () => response.destroy());
  });
  await here.updates.command(commandFor(release));
  await here.until('failed');
  expect(here.said.at(-1)).toMatchObject({ again: true });
  expect(home.slots.begun()).toEqual([`fetched.${release.manifest.sha256.slice(0, 16)}`]);
  await here.updates.command(commandFor(release));
  await here.until('ready');
  expect(asked).toEqual([`/releases/${release.manifest.sha256} bytes=40- Bearer ${TICKET}`]);
});

test('what a box will not have is refused in a sentence before anything is fetched', async () => {
  using home = newUpdateHome();
  using stranger = newUpdateHome();
  await using here = await world(home, nothingServed);
  const why = async (release: ReleaseFile, version?: string) => {
    const error: unknown = await here.updates
      .command(commandFor(release, version))
      .catch((thrown: unknown) => thrown);
    expect(here.said.at(-1)).toMatchObject({ state: 'failed', text: messageOf(error) });
    return isFault(error) ? `${error.code}: ${error.message}` : error;
  };
  const other = process.arch === 'arm64' ? 'amd64' : 'arm64';
  expect([
    await why(stranger.release('0.2.0')),
    await why(home.release('0.2.0', '', { product: 'hello' })),
    await why(home.release('0.0.9')),
    await why(home.release('0.1.0')),
    await why(home.release('0.2.0', '', { arch: other })),
    await why(home.release('0.2.0', '', { node: 99 })),
    await why(home.release('0.2.0'), '0.3.0'),
  ]).toEqual([
    'release-untrusted: no key that is trusted here has signed this release',
    'release-other-product: this is a release of hello',
    'release-older: it is older than 0.1.0, which runs here',
    'release-runs: 0.1.0 runs here',
    expect.stringMatching(/^release-other-arch: it is made for \w+, and this box is \w+$/),
    expect.stringMatching(/^release-other-node: it is made for Node.js 99, and \d+ is here/),
    'release-other-version: it was offered as 0.3.0 and is 0.2.0',
  ]);
  expect(readdirSync(home.slots.home)).toEqual([]);
});

test.each<
  [string, (payload: Buffer) => (request: IncomingMessage, response: ServerResponse) => void, object]
>([
  [
    'other bytes than those that were signed',
    (payload) => serve(Buffer.from(payload.map((byte, i) => (i === 30 ? byte ^ 1 : byte)))),
    { text: 'the bytes of the release are not those that were signed', again: false },
  ],
  [
    'more than there is',
    (payload) => (_request, response) => {
      response.writeHead(206).write(payload);
      const more = () => response.write(Buffer.alloc(65_536), (error) => (error ? undefined : more()));
      more();
    },
    { state: 'ready' },
  ],
  [
    'a refusal',
    () => (_request, response) => response.writeHead(403).end(),
    { text: 'the hub answered 403', again: true },
  ],
  [
    'something it does not have',
    () => (_request, response) => response.writeHead(404).end(),
    { text: 'the hub answered 404', again: false },
  ],
  [
    'a page',
    () => (_request, response) => response.writeHead(200).end('<p>proxy</p>'),
    { text: 'the hub answered 200', again: false },
  ],
  [
    'nothing',
    () => (request) => request.socket.destroy(),
    { text: expect.stringMatching(/^the release could not be fetched: /) as string, again: true },
  ],
])('of a hub that serves %s nothing but a whole release is taken', async (_what, answerOf, then) => {
  using home = newUpdateHome();
  const release = home.release('0.2.0');
  await using here = await world(home, answerOf(release.payload));
  await here.updates.command(commandFor(release));
  await expect.poll(() => here.said.at(-1), { timeout: 20_000, interval: 5 }).toMatchObject(then);
  expect(home.slots.begun()).toEqual([]);
});

test('a full disk is told as such, and what runs goes on', async () => {
  using home = newUpdateHome();
  const release = home.release('0.2.0');
  await using here = await world(home, serve(release.payload));
  // What the file system says of one; the real one has room.
  Object.defineProperty(home.slots, 'install', {
    value: () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  });
  await here.updates.command(commandFor(release));
  await here.until('failed');
  expect(here.said.at(-1)).toMatchObject({ text: 'the disk is full', again: false });
  expect(() => home.slots.mustHold(2 ** 50)).toThrow(/the disk has \d+ MB free, and \d+ MB are needed/);
  expect(home.slots.state).toEqual({});
});

test('a release that was taken back is told to the hub, and not offered by the box itself', async () => {
  using home = newUpdateHome();
  home.onTrial('0.2.0');
  home.slots.write({ last: { version: '0.2.0', state: 'rolledBack', text: 'no page' } });
  await using here = await world(home, nothingServed);
  expect(here.said).toMatchObject([{ state: 'rolledBack', version: '0.2.0', text: 'no page' }]);
  await expect(here.updates.command(go('0.2.0'))).rejects.toThrow('does not lie here ready');
});
