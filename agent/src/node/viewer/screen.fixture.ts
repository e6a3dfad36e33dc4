import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';

import { openX11 } from './openX11.ts';

const PATIENCE_MS = 8000;
const has = (program: string) => existsSync(`/usr/bin/${program}`);

/** Why no viewer can be shown here, for the report of a skipped test; undefined when it can. */
export const screenMissing = ['Xvfb', 'openbox', 'remote-viewer']
  .filter((program) => !has(program))
  .map((program) => `${program} is not installed`)[0];

export const qemuMissing = has('qemu-system-x86_64') ? undefined : 'qemu-system-x86 is not installed';

/** A screen of its own with a thin client's window manager, which kiosk mode needs. */
export interface TestScreen extends AsyncDisposable {
  /** `:7` */
  display: string;
  /** Ends the X server under everybody. */
  kill(): void;
}

const MANAGER = fileURLToPath(new URL('../../../../installer/agent/openbox.xml', import.meta.url));

export async function openScreen({ managed = true } = {}): Promise<TestScreen> {
  // Descriptor 3 tells the number of the display that was free, once it can be used.
  const server = spawnTied(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const display = `:${(await firstLine(server, server.stdio[3] as Readable)).trim()}`;
  const manager = managed
    ? spawnTied('openbox', ['--sm-disable', '--config-file', MANAGER], {
        stdio: 'ignore',
        env: { ...process.env, DISPLAY: display },
      })
    : undefined;
  return {
    display,
    kill: () => server.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      if (manager) await stopChild(manager);
      await stopChild(server);
    },
  };
}

export interface TestDesktop extends AsyncDisposable {
  port: number;
  /** It hangs from now on; its kernel goes on answering TCP. */
  freeze(): void;
  kill(): void;
}

/** A QEMU without a disk: SeaBIOS says "No bootable device" and idles. */
export async function startDesktop(ticket?: string, more: readonly string[] = []): Promise<TestDesktop> {
  const port = await freePort();
  const child = spawnTied(
    'qemu-system-x86_64',
    [
      '-machine pc,accel=tcg -cpu qemu64 -m 32 -nodefaults -no-user-config -device qxl-vga -display none'.split(
        ' ',
      ),
      ticket === undefined ? [] : ['-object', `secret,id=ticket,data=${ticket}`],
      [
        '-spice',
        `addr=127.0.0.1,port=${port},${ticket === undefined ? 'disable-ticketing=on' : 'password-secret=ticket'}`,
      ],
      more,
    ].flat(),
    { stdio: 'ignore' },
  );
  const over = ended(child).then(() => true);
  while (!(await accepts(port))) {
    if (await Promise.race([over, systemClock.sleep(25).then(() => false)])) {
      throw new Error('QEMU ended at once');
    }
  }
  return {
    port,
    freeze: () => child.kill('SIGSTOP'),
    kill: () => child.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      // One that stands still would not hear that it is to end.
      child.kill('SIGCONT');
      await stopChild(child);
    },
  };
}

/** Whether nobody has taken the keyboard of this screen. */
export async function keyboardIsFree(display: string): Promise<boolean> {
  const { client, screen } = await openX11(display, () => undefined);
  try {
    return await new Promise<boolean>((resolve) => {
      client.GrabKeyboard(screen[0].root, 1, 0, 1, 1, (error, status) => {
        resolve(!error && status === 0);
        return true;
      });
    });
  } finally {
    // With the connection goes what it has taken.
    client.stream?.destroy();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function firstLine(child: ChildProcess, stream: Readable): Promise<string> {
  stream.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    AbortSignal.timeout(PATIENCE_MS).addEventListener('abort', () => reject(new Error('it said nothing')), {
      once: true,
    });
  });
}
