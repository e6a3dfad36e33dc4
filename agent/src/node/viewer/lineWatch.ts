import { SECOND, type Clock, type Log } from '@anyseat/base';
import type { Display } from '@anyseat/protocol';
import { bareLink } from '@anyseat/spice';

/** The line to the hub, as a witness that it is not this box which is cut off. */
export interface HubLine {
  /** Asks for a word of the hub. */
  ping(): void;
  /** When it was last heard, monotonic ms; undefined: there is no line. */
  heardAt(): number | undefined;
}

export interface LineWatchDeps {
  hub: HubLine;
  clock: Clock;
  log: Log;
  /** Whether the desktop's host says anything; for tests. */
  answers?: (display: Display) => Promise<boolean>;
  /** Smaller for tests. */
  times?: Partial<WatchTimes>;
}

export interface WatchTimes {
  everyMs: number;
  /** After a look that found nothing. */
  againMs: number;
  /** Silent for so long is dead. */
  silentMs: number;
}

const TIMES: WatchTimes = { everyMs: 10 * SECOND, againMs: 2 * SECOND, silentMs: 8 * SECOND };
/** A busy host makes an RSA key for every link. */
const ANSWERS_WITHIN_MS = 3 * SECOND;

/**
 * Finds out that an open desktop has gone silent: TCP needs 73 s for a cut line, and a QEMU that hangs is never noticed at all,
 * because its kernel answers for it. Beside the viewer's own link a bare one is made now and then, which the desktop answers and
 * closes, and which throws nobody out. A desktop is given up when it has answered so before, has been silent for eight seconds,
 * and the hub has been heard since then: a box whose own cable is out keeps its picture for the time that TCP gives it.
 */
export class LineWatch {
  readonly #deps: LineWatchDeps;

  constructor(deps: LineWatchDeps) {
    this.#deps = deps;
  }

  /** @param onSilent called once at most; nothing is watched after that */
  watch(display: Display, onSilent: () => void): Disposable {
    return new Watch(display, onSilent, this.#deps);
  }
}

class Watch implements Disposable {
  readonly #display: Display;
  readonly #onSilent: () => void;
  readonly #deps: LineWatchDeps;
  readonly #times: WatchTimes;
  #timer: Disposable | undefined;
  #over = false;
  #hasAnswered = false;
  #silentSince: number | undefined;

  constructor(display: Display, onSilent: () => void, deps: LineWatchDeps) {
    this.#display = display;
    this.#onSilent = onSilent;
    this.#deps = deps;
    this.#times = { ...TIMES, ...deps.times };
    // Soon: a line that is cut before the desktop has answered once is left to TCP, which takes 73 s.
    this.#lookIn(this.#times.againMs);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
  }

  #lookIn(ms: number): void {
    const { clock, log } = this.#deps;
    this.#timer = clock.after(ms, () => {
      this.#look().catch((error: unknown) => log.error({ err: error }, 'a desktop is not watched any more'));
    });
  }

  async #look(): Promise<void> {
    const { clock, log, hub, answers = hostAnswers } = this.#deps;
    const from = clock.monotonic();
    const answered = await answers(this.#display);
    if (this.#over) return;
    if (answered) {
      if (!this.#hasAnswered) log.debug('the desktop answers beside its picture, and is watched');
      this.#hasAnswered = true;
      this.#silentSince = undefined;
    }
    // One that never did is behind something that lets the viewer through and us not.
    if (answered || !this.#hasAnswered) return this.#lookIn(this.#times.everyMs);
    this.#silentSince ??= from;
    const silentMs = clock.monotonic() - this.#silentSince;
    if (silentMs >= this.#times.silentMs && (hub.heardAt() ?? -Infinity) > this.#silentSince) {
      log.warn({ silentMs: Math.round(silentMs) }, 'the desktop says nothing any more, and the hub does');
      this.#over = true;
      return this.#onSilent();
    }
    hub.ping();
    return this.#lookIn(this.#times.againMs);
  }
}

/** Whatever is answered, a refusal too, is no silence. */
export async function hostAnswers(display: Display): Promise<boolean> {
  const { outcome } = await bareLink(display, { timeoutMs: ANSWERS_WITHIN_MS });
  return outcome !== 'timed-out' && outcome !== 'unreachable';
}
