import { execFileSync, fork } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { ended, openLog, systemClock } from '@anyseat/base';
import type { SpiceDisplay } from '@anyseat/protocol';
import type { ViewerNews } from '../../common/seat.ts';
import { makeCertificate } from '../scriptedHub.fixture.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import { hostAnswers, LineWatch } from './lineWatch.ts';
import { RemoteViewer, type RemoteViewerOptions } from './remoteViewer.ts';
import {
  freePort,
  openScreen,
  qemuMissing,
  screenMissing,
  startDesktop,
  type TestScreen,
} from './screen.fixture.ts';

let folder: string;
let screen: TestScreen | undefined;
let logged = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-viewer-'));
  if (!screenMissing) screen = await openScreen();
});
afterAll(async () => {
  await screen?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function show(display: Partial<SpiceDisplay>, options: Partial<RemoteViewerOptions> = {}) {
  const viewer = new RemoteViewer({
    command: 'remote-viewer',
    mode: 'kiosk',
    connectMs: 5000,
    runDir: folder,
    environment: { ...process.env, DISPLAY: screen?.display },
    clock: systemClock,
    log: openLog({ name: 'viewer', destination: { write: (line) => (logged += line) } }),
    ...options,
  });
  const inbox = new Inbox<ViewerNews>();
  const from = systemClock.monotonic();
  const run = viewer.show({ kind: 'spice', host: '127.0.0.1', ...display }, 'seat-00001', (news) =>
    inbox.put(news),
  );
  return {
    connected: () => inbox.take((news) => news.state === 'connected', 'the picture'),
    async ended() {
      const news = await inbox.take((one) => one.state === 'ended', 'the end');
      await run.over;
      return { ...news, withinMs: systemClock.monotonic() - from };
    },
    [Symbol.asyncDispose]: async () => {
      run.stop();
      await run.over;
    },
    stop: () => run.stop(),
    heard: inbox,
  };
}

const needs = (context: TestContext, ...missing: (string | undefined)[]) => {
  for (const reason of missing) if (reason) context.skip(reason);
};
const program = (name: string, script: string) => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe('remote-viewer in kiosk mode', () => {
  test('is unreachable behind a closed port, and that is known at once', async (context) => {
    needs(context, screenMissing);
    await using viewer = show({ port: await freePort() });
    expect(await viewer.ended()).toMatchObject({ end: 'unreachable' });
    expect(viewer.heard.rest).toEqual([{ state: 'connecting' }]);
  });

  test('is given up on a host that accepts and never answers, by our own watchdog', async (context) => {
    needs(context, screenMissing);
    await using server = await listen(createServer((socket) => socket.on('error', () => {})));
    await using viewer = show({ port: server.port }, { connectMs: 1200 });
    const ended = await viewer.ended();
    expect(ended).toMatchObject({ end: 'timed-out' });
    expect(ended.withinMs).toBeGreaterThan(1199);
  });

  test('is told from something that is no desktop', async (context) => {
    needs(context, screenMissing);
    await using server = await listen(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      }),
    );
    await using viewer = show({ port: server.port });
    expect(await viewer.ended()).toMatchObject({ end: 'unreachable' });
  });

  test('does not trust a certificate that its authority has not signed', async (context) => {
    const [certificate, other] = [makeCertificate(), makeCertificate()];
    needs(context, screenMissing, certificate && other ? undefined : 'openssl is not installed');
    await using server = await listen(
      createTlsServer({ ...certificate! }, (socket) => socket.on('error', () => {})),
    );
    await using viewer = show({ tlsPort: server.port, ca: other!.cert });
    expect(await viewer.ended()).toMatchObject({ end: 'tls-failed' });
  });

  test('shows a desktop, tells how long that took, and goes when it is stopped', async (context) => {
    needs(context, screenMissing, qemuMissing);
    await using desktop = await startDesktop('right-ticket');
    await using viewer = show({ port: desktop.port, password: 'right-ticket' });
    expect(await viewer.connected()).toEqual({ state: 'connected', tookMs: expect.any(Number) });
    viewer.stop();
    expect(await viewer.ended()).toMatchObject({ end: 'stopped-by-agent' });
  });

  test('is refused with a wrong ticket, and does not stay behind its own dialog', async (context) => {
    needs(context, screenMissing, qemuMissing);
    await using desktop = await startDesktop('right-ticket');
    await using viewer = show({ port: desktop.port, password: 'canary-of-a-ticket' });
    expect(await viewer.ended()).toMatchObject({ end: 'ticket-refused' });
  });

  test('ends when its desktop dies, and when a second client takes the desktop', async (context) => {
    needs(context, screenMissing, qemuMissing);
    await using desktop = await startDesktop();
    await using first = show({ port: desktop.port });
    await first.connected();
    await using second = show({ port: desktop.port });
    await second.connected();
    expect(await first.ended()).toMatchObject({ end: 'closed-by-desktop' });
    desktop.kill();
    expect(await second.ended()).toMatchObject({ end: 'closed-by-desktop' });
  });

  test('gives up a desktop that hangs while the hub is there, which nothing else would ever notice', async (context) => {
    needs(context, screenMissing, qemuMissing);
    await using desktop = await startDesktop();
    let heardAt = 0;
    let answered = 0;
    const watch = new LineWatch({
      hub: { ping: () => (heardAt = systemClock.monotonic()), heardAt: () => heardAt },
      clock: systemClock,
      log: openLog({ name: 'watch', level: 'silent' }),
      answers: async (display) => {
        const does = await hostAnswers(display);
        if (does) answered++;
        return does;
      },
      times: { everyMs: 100, againMs: 50, silentMs: 300 },
    });
    await using viewer = show({ port: desktop.port }, { watch });
    await viewer.connected();
    // Looking at it throws nobody out.
    await until(() => answered >= 3);
    expect(viewer.heard.rest).toEqual([{ state: 'connecting' }]);
    desktop.freeze();
    expect(await viewer.ended()).toMatchObject({ end: 'link-lost' });
  });

  test('cannot show anything without a screen', async (context) => {
    needs(context, screenMissing);
    await using viewer = show(
      { port: 1 },
      { environment: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' } },
    );
    expect(await viewer.ended()).toMatchObject({ end: 'no-display' });
  });

  test('shows nothing of its ticket in the list of processes', async (context) => {
    needs(context, screenMissing, qemuMissing);
    await using desktop = await startDesktop('canary-of-a-ticket');
    await using viewer = show({ port: desktop.port, password: 'canary-of-a-ticket' });
    await viewer.connected();
    const lines = execFileSync('ps', ['-eo', 'comm,args']).toString().split('\n');
    expect(lines.filter((line) => line.startsWith('remote-viewer') && line.includes('canary'))).toEqual([]);
    expect(lines.some((line) => line.startsWith('remote-viewer'))).toBe(true);
  });
});

describe('a viewer', () => {
  test('that is not installed is told so', async () => {
    await using viewer = show({ port: 1 }, { command: 'no-such-viewer' });
    expect(await viewer.ended()).toMatchObject({ end: 'viewer-missing' });
  });

  test('that crashes over an open desktop is told so', async () => {
    const script = `echo "(remote-viewer:1): virt-viewer-DEBUG: 00:00:00.000: main channel: opened"; kill -SEGV $$`;
    await using viewer = show({ port: 1 }, { command: program('crashing', script) });
    await viewer.connected();
    expect(await viewer.ended()).toMatchObject({ end: 'crashed' });
  });

  test('that ignores being asked to go is made to go', async () => {
    const script = `trap '' TERM; echo ready; while :; do sleep 0.05; done`;
    await using viewer = show({ port: 1 }, { command: program('stubborn', script), connectMs: 60_000 });
    await viewer.heard.take((news) => news.state === 'connecting', 'its start');
    viewer.stop();
    expect(await viewer.ended()).toMatchObject({ end: 'stopped-by-agent' });
  });

  test('whose grandchild keeps its output open ends all the same', async () => {
    await using viewer = show({ port: 1 }, { command: program('parent', 'sleep 30 &\nexit 3') });
    const { end, withinMs } = await viewer.ended();
    expect([end, withinMs < 20_000]).toEqual(['crashed', true]);
  });

  test('that repeats its ticket does not bring it into the log', async () => {
    const refusal = '(remote-viewer:1): virt-viewer-DEBUG: 00:00:00.000: main channel: auth failure';
    const repeats = program('repeating', `cat; echo "${refusal}"; exec sleep 20`);
    await using viewer = show({ port: 1, password: 'canary-of-a-ticket' }, { command: repeats });
    expect(await viewer.ended()).toMatchObject({ end: 'ticket-refused' });
    expect(logged).toContain('password=[secret]');
    expect(logged).not.toContain('canary');
  });

  test('cannot be made of a display without a port', async () => {
    await using viewer = show({});
    expect(await viewer.ended()).toMatchObject({ end: 'unreachable' });
  });

  test('dies with its agent, even when that is killed', async () => {
    const pidFile = join(folder, 'pid');
    const command = program(
      'lasting',
      `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 60`,
    );
    const agent = fork(new URL('tiedViewer.fixture.ts', import.meta.url), [command, folder], {
      stdio: 'ignore',
      execArgv: [],
    });
    await until(() => existsSync(pidFile));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(runs(pid)).toBe(true);
    agent.kill('SIGKILL');
    await ended(agent);
    await until(() => !runs(pid));
  });
});

/** A process that is over and not yet waited for by its new parent counts as gone. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function listen(server: ReturnType<typeof createServer>) {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
