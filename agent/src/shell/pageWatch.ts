import { SECOND, type Clock } from '@anyseat/base';

export interface PageWatchOptions {
  clock: Clock;
  /** Nobody sees the page although its program runs: a crashed renderer, a page that was never loaded. */
  onMissing: () => void;
  startsWithinMs?: number;
  comesBackWithinMs?: number;
}

const STARTS_WITHIN_MS = 30 * SECOND;
const COMES_BACK_WITHIN_MS = 8 * SECOND;

/** Watches that the page is there. A renderer that crashed leaves its browser running, in front of nothing. */
export class PageWatch implements Disposable {
  readonly #options: PageWatchOptions;
  #timer: Disposable | undefined;

  constructor(options: PageWatchOptions) {
    this.#options = options;
  }

  /** The program was started; its page has this long to come. */
  started(): void {
    this.#wait(this.#options.startsWithinMs ?? STARTS_WITHIN_MS);
  }

  /** So many pages are connected now. */
  pages(count: number): void {
    if (count > 0) this.#timer?.[Symbol.dispose]();
    else this.#wait(this.#options.comesBackWithinMs ?? COMES_BACK_WITHIN_MS);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #wait(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.after(ms, this.#options.onMissing);
  }
}
