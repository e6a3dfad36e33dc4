import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { messageOf, spawnTied, type Clock, type Log } from '@anyseat/base';
import { IdleMeter, touches, type InputReading } from '../../common/idleMeter.ts';
import { Lines } from '../viewer/lines.ts';
import type { Input, InputMeter } from './input.ts';

export interface UiohookInputOptions {
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  log: Log;
}

const program = fileURLToPath(new URL('uiohookProgram.ts', import.meta.url));
const count = z.int().nonnegative().default(0);
const told = z.object({ keys: count, clicks: count, wheel: count, moves: count });

/** The second way to count: libuiohook in a program of its own, for screens whose X server has no XInput 2. */
export class UiohookInput implements Input {
  readonly #options: UiohookInputOptions;
  /** Keys of our own that have not been told yet. */
  readonly #own = { keys: 0 };

  constructor(options: UiohookInputOptions) {
    this.#options = options;
  }

  ownKeys(count: number): void {
    this.#own.keys += count;
  }

  count(): InputMeter {
    this.#own.keys = 0;
    return new Meter(this.#options, this.#own);
  }
}

/** One child, started again by a reading that finds it gone. */
class Meter implements InputMeter {
  readonly #options: UiohookInputOptions;
  readonly #own: { keys: number };
  #child: ChildProcess | undefined;
  #meter: IdleMeter | undefined;
  #over = false;

  constructor(options: UiohookInputOptions, own: { keys: number }) {
    this.#options = options;
    this.#own = own;
    this.#start();
  }

  read(): InputReading | undefined {
    this.#start();
    return this.#meter?.read();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#child?.kill('SIGKILL');
  }

  #start(): void {
    const { environment, log } = this.#options;
    if (this.#child || this.#over) return;
    const child = spawnTied(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: environment,
    });
    this.#child = child;
    const lines = new Lines((line) => this.#onLine(line));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    const gone = (why: object) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#meter = undefined;
      if (!this.#over) log.info(why, 'input is not counted on this screen');
    };
    child.once('exit', (code, signal) => gone({ code, signal }));
    child.once('error', (error) => gone({ why: messageOf(error) }));
  }

  #onLine(line: string): void {
    // From the first line on it listens.
    this.#meter ??= new IdleMeter(() => this.#options.clock.monotonic());
    try {
      const counts = told.parse(JSON.parse(line));
      const own = Math.min(counts.keys, this.#own.keys);
      counts.keys -= own;
      this.#own.keys -= own;
      for (const touch of touches) if (counts[touch] > 0) this.#meter.count(touch, counts[touch]);
    } catch (error) {
      this.#options.log.warn({ why: messageOf(error) }, 'the counter of input talks nonsense');
    }
  }
}
