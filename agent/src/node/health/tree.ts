import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's files below a root, of which any may be missing, refuse to be read, or be another kind on another box. */
export class Tree {
  readonly #root: string;

  /** @param root `/`; tests make their own hardware below another one */
  constructor(root = '/') {
    this.#root = root;
  }

  /** Without the white space around it; undefined where it cannot be read. */
  async text(path: string): Promise<string | undefined> {
    try {
      return (await readFile(join(this.#root, path), 'utf8')).trim();
    } catch {
      return undefined;
    }
  }

  async bytes(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.#root, path)).catch(() => undefined);
  }

  async number(path: string): Promise<number | undefined> {
    const text = await this.text(path);
    const value = text === undefined || text === '' ? NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }

  /** Names in order; empty where there is no such folder. */
  async names(path: string): Promise<string[]> {
    return readdir(join(this.#root, path)).then(
      (names) => names.sort(),
      () => [],
    );
  }
}
