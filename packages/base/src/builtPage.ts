import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** What a page of ours may do: load its own files, speak to whoever serves it, and nothing else; nobody frames it. */
export const PAGE_POLICY: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export interface PageFile {
  body: Buffer;
  type: string;
  /** Its name changes with its content. */
  hashed: boolean;
}

const HTML = 'text/html; charset=utf-8';
const TYPES: Readonly<Record<string, string>> = {
  '.html': HTML,
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * A built page, by its path on the server. It is read once, and only what was there then is ever served: no path of a
 * request reaches the file system.
 * @param folder where it was built; there need not be one
 * @param notBuilt what is shown at `/` then, HTML
 * @throws an error of the file system when the folder is there and cannot be read
 */
export function readBuiltPage(folder: string | undefined, notBuilt: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of folder === undefined ? [] : list(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    files.set(`/${name}`, {
      body: readFileSync(join(folder!, name)),
      type,
      hashed: name.startsWith('assets/'),
    });
  }
  return files.set(
    '/',
    files.get('/index.html') ?? { body: Buffer.from(notBuilt), type: HTML, hashed: false },
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
