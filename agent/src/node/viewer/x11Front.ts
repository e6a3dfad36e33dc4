import { messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import type { Front } from './front.ts';
import { openWindows, type Windows } from './windows.ts';

export interface X11FrontOptions {
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  log: Log;
}

/** Between two raises: doubled by each that follows another within `CALM_MS`, so that nobody is fought for long. */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5 * SECOND;
const CALM_MS = 10 * SECOND;

/**
 * The front of an X screen, kept by asking its window manager. A rule of the manager's is not enough: openbox puts a full-screen
 * window that gets the focus above any layer, and Chromium's is such a one whenever it is started anew under a session.
 */
export class X11Front implements Front {
  readonly #options: X11FrontOptions;
  #said = false;
  /** The one that is in front is the last. */
  readonly #kept: Kept[] = [];
  #keeper: { of: Kept; keeper: Keeper } | undefined;

  constructor(options: X11FrontOptions) {
    this.#options = options;
  }

  keep(pid: number, above?: 'above'): Disposable {
    const kept: Kept = { pid, above: above !== undefined };
    const at = kept.above ? -1 : this.#kept.findIndex((other) => other.above);
    this.#kept.splice(at < 0 ? this.#kept.length : at, 0, kept);
    this.#arrange();
    return {
      [Symbol.dispose]: () => {
        const index = this.#kept.indexOf(kept);
        if (index >= 0) this.#kept.splice(index, 1);
        this.#arrange();
      },
    };
  }

  #arrange(): void {
    const front = this.#kept.at(-1);
    if (this.#keeper?.of === front) return;
    this.#keeper?.keeper[Symbol.dispose]();
    this.#keeper = front && { of: front, keeper: this.#keeperOf(front) };
  }

  #keeperOf({ pid }: Kept): Keeper {
    return new Keeper(pid, this.#options, (why) => {
      if (!this.#said) this.#options.log.debug({ why }, 'the viewer is not kept in front on this screen');
      this.#said = true;
    });
  }
}

interface Kept {
  pid: number;
  above: boolean;
}

/** One process, one connection to the X server, which ends with it. */
class Keeper implements Disposable {
  readonly #pid: number;
  readonly #options: X11FrontOptions;
  readonly #giveUp: (why: string) => void;
  #windows: Windows | undefined;
  #over = false;
  #looking = false;
  #changed = false;
  #pauseMs = FIRST_PAUSE_MS;
  #raisedAt = -Infinity;
  #again: Disposable | undefined;

  constructor(pid: number, options: X11FrontOptions, giveUp: (why: string) => void) {
    this.#pid = pid;
    this.#options = options;
    this.#giveUp = giveUp;
    this.#open().catch((error: unknown) => this.#lost(messageOf(error)));
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#again?.[Symbol.dispose]();
    this.#windows?.[Symbol.dispose]();
  }

  async #open(): Promise<void> {
    const { DISPLAY } = this.#options.environment;
    if (!DISPLAY) throw new Error('there is no X screen');
    const onLost = (error?: Error) => this.#lost(error ? messageOf(error) : 'the X server is gone');
    this.#windows = await openWindows(DISPLAY, () => this.#look(), onLost);
    if (this.#over) this.#windows[Symbol.dispose]();
    else this.#look();
  }

  #lost(why: string): void {
    if (!this.#over) this.#giveUp(why);
    this[Symbol.dispose]();
  }

  /** One look at a time; what changes meanwhile is looked at once more. */
  #look(): void {
    this.#changed = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#lookAll().catch((error: unknown) => this.#lost(messageOf(error)));
  }

  async #lookAll(): Promise<void> {
    while (this.#changed && !this.#over && this.#windows) {
      this.#changed = false;
      await this.#lookOnce(this.#windows);
    }
    this.#looking = false;
  }

  async #lookOnce(windows: Windows): Promise<void> {
    const active = await windows.active();
    const rival = active === 0 ? undefined : await windows.pidOf(active);
    if (rival === this.#pid) return;
    const ours = await this.#topmost(windows);
    if (ours === undefined || this.#over) return;
    const { clock, log } = this.#options;
    const sinceMs = clock.monotonic() - this.#raisedAt;
    if (sinceMs > CALM_MS) this.#pauseMs = FIRST_PAUSE_MS;
    else if (sinceMs < this.#pauseMs) return this.#lookIn(this.#pauseMs - sinceMs);
    else if (this.#pauseMs < MOST_PAUSE_MS) {
      this.#pauseMs = Math.min(MOST_PAUSE_MS, this.#pauseMs * 2);
      if (this.#pauseMs === MOST_PAUSE_MS)
        log.warn({ rival }, 'another window comes in front of the desktop again and again');
    }
    this.#raisedAt = clock.monotonic();
    log.debug({ rival }, 'the viewer is brought in front');
    windows.activate(ours);
    this.#lookIn(this.#pauseMs);
  }

  async #topmost(windows: Windows): Promise<number | undefined> {
    for (const window of (await windows.stacked()).toReversed())
      if ((await windows.pidOf(window)) === this.#pid) return window;
    return undefined;
  }

  #lookIn(ms: number): void {
    this.#again?.[Symbol.dispose]();
    this.#again = this.#options.clock.after(ms, () => this.#look());
  }
}
