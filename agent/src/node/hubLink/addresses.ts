/**
 * The hub's addresses, in the order in which they are wanted. Each connection begins with the first; one that does not serve us gives way
 * to the next, and after the last comes the pause.
 */
export class Addresses {
  readonly #urls: readonly string[];
  #at = 0;

  constructor(urls: readonly [string, ...string[]]) {
    this.#urls = urls;
  }

  get url(): string {
    return this.#urls[this.#at]!;
  }

  get first(): string {
    return this.#urls[0]!;
  }

  get isFirst(): boolean {
    return this.#at === 0;
  }

  get isLast(): boolean {
    return this.#at === this.#urls.length - 1;
  }

  /** The connection to the present one is over, or did not come about. Returns whether all have been tried. */
  next(wasServed: boolean): boolean {
    const all = wasServed || this.isLast;
    this.#at = all ? 0 : this.#at + 1;
    return all;
  }
}
