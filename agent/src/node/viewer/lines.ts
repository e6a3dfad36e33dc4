/** A longer line is cut: nobody writes one, and a broken program must not fill our memory. */
const LONGEST = 4096;

/** Hands a stream's text on line by line. The last line counts without its end. */
export class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!.slice(0, LONGEST);
    for (const line of lines) this.#onLine(line.slice(0, LONGEST));
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}
