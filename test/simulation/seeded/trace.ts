import { createHash } from 'node:crypto';
import type { Log } from '@anyseat/base';
import type { VirtualTime } from './virtualTime.ts';

/** What happened in a world, line by line. Two worlds of one seed have the same trace. */
export class Trace {
  readonly #time: VirtualTime;
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');
  /** A name that is another one in every run, and stands in messages. */
  folder = '';
  /** Called for each of the hub's own words. */
  onLog: (level: string, text: string) => void = () => undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  add(who: string, what: string): void {
    const line = `${clockText(this.#time.now)} ${who.padEnd(8)} ${this.folder === '' ? what : what.replaceAll(this.folder, '…')}`;
    this.#hash.update(`${line}\n`);
    this.lines.push(line);
  }

  get digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The log of one life of the hub. */
  logOf(who: string, isAlive: () => boolean, bound: Record<string, unknown> = {}): Log {
    const at = (level: string) => (first: unknown, message?: string) => {
      const fields = typeof first === 'string' ? {} : (first as Record<string, unknown>);
      const text = typeof first === 'string' ? first : (message ?? '');
      // What a killed process still says nobody hears.
      if (level === 'debug' || !isAlive()) return;
      const all = Object.entries({ ...bound, ...fields }).flatMap(([key, value]) =>
        value === undefined || key === 'part' ? [] : [`${key}=${wordsOf(value)}`],
      );
      const line = [text, ...all].join(' ');
      this.add(who, `${level === 'info' ? '' : `${level}: `}${line}`);
      this.onLog(level, line);
    };
    const log = {
      level: 'info',
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      fatal: at('error'),
      trace: () => undefined,
      child: (more: Record<string, unknown>) => this.logOf(who, isAlive, { ...bound, ...more }),
    };
    return log as unknown as Log;
  }
}

function wordsOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `0:12:03.456` */
function clockText(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
}
