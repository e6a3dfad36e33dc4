import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { spawnTied, stopChild } from '@anyseat/base';
import { root } from '../../../installer/src/commands.ts';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);

/** Why there can be no display here; undefined when there can. */
export function displayMissing(): string | undefined {
  for (const [name, file] of Object.entries({
    xvfb: '/usr/bin/Xvfb',
    openbox: '/usr/bin/openbox',
    xdotool: '/usr/bin/xdotool',
    imagemagick: '/usr/bin/convert',
    'virt-viewer': '/usr/bin/remote-viewer',
    chromium: '/usr/bin/chromium',
  })) {
    if (!existsSync(file)) return `${name} is not installed`;
  }
  return undefined;
}

/** A picture, three bytes a point. */
export interface Picture {
  width: number;
  height: number;
  rgb: Buffer;
}

/** A screen without a monitor, with a window manager: what a thin client's X server is to an agent. */
export class Display implements AsyncDisposable {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly #children: ChildProcess[];

  private constructor(name: string, size: { width: number; height: number }, children: ChildProcess[]) {
    this.name = name;
    this.width = size.width;
    this.height = size.height;
    this.#children = children;
  }

  static async open(size = { width: 1366, height: 768 }): Promise<Display> {
    // The server chooses a free number and tells it on the descriptor.
    const server = spawnTied(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', `${size.width}x${size.height}x24`, '-nolisten', 'tcp', '-noreset'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    let told = '';
    server.stdio[3]!.on('data', (data: Buffer) => (told += data.toString()));
    const number = await waitFor('the X server', () => /^(\d+)\n/.exec(told)?.[1]);
    const name = `:${number}`;
    const manager = spawnTied(
      'openbox',
      ['--sm-disable', '--config-file', `${root}installer/agent/openbox.xml`],
      {
        stdio: 'ignore',
        env: { ...process.env, DISPLAY: name },
      },
    );
    const display = new Display(name, size, [manager, server]);
    await waitFor('the window manager', async () => {
      const { stdout } = await display.#tool('xprop', ['-root', '_NET_SUPPORTING_WM_CHECK']);
      return stdout.includes('window id');
    });
    return display;
  }

  /** What stands on the screen now, scaled to a size where one is given. */
  async picture(size?: { width: number; height: number }): Promise<Picture> {
    const { stdout } = await run('import', ['-display', this.name, '-window', 'root', 'png:-'], {
      encoding: 'buffer',
      maxBuffer: 2 ** 26,
    });
    return readPicture(stdout, size);
  }

  async screenshot(file: string): Promise<void> {
    await run('import', ['-display', this.name, '-window', 'root', file]);
  }

  /** Types on the keyboard, as a person does: to whichever window has the focus. */
  async type(text: string): Promise<void> {
    await this.#tool('xdotool', ['type', '--delay', '40', text]);
  }

  async key(name: string): Promise<void> {
    await this.#tool('xdotool', ['key', name]);
  }

  async click(x: number, y: number): Promise<void> {
    await this.#tool('xdotool', ['mousemove', String(x), String(y), 'click', '1']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await stopChild(child);
  }

  #tool(command: string, args: string[]): Promise<{ stdout: string }> {
    return run(command, args, { env: { ...process.env, DISPLAY: this.name } });
  }
}

/** A picture file's points, cut to its content (black borders away) and scaled, by ImageMagick. */
export async function readPicture(
  file: Buffer | string,
  size?: { width: number; height: number },
): Promise<Picture> {
  const child = spawn('convert', [
    typeof file === 'string' ? file : 'png:-',
    ...(size
      ? [
          '-bordercolor',
          'black',
          '-border',
          '1',
          '-trim',
          '+repage',
          '-resize',
          `${size.width}x${size.height}!`,
        ]
      : []),
    '-depth',
    '8',
    'ppm:-',
  ]);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stdin.on('error', () => undefined);
  child.stdin.end(typeof file === 'string' ? undefined : file);
  await new Promise((resolve) => child.once('close', resolve));
  const ppm = Buffer.concat(parts);
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 40).toString('latin1'));
  if (!head) throw new Error('no picture came of it');
  return { width: Number(head[1]), height: Number(head[2]), rgb: ppm.subarray(head[0].length) };
}

/** How unlike two pictures of one size are: the mean difference of a colour, 0 to 1. */
export function difference(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height) return 1;
  let sum = 0;
  for (let i = 0; i < a.rgb.length; i++) sum += Math.abs(a.rgb[i]! - b.rgb[i]!);
  return sum / a.rgb.length / 255;
}
