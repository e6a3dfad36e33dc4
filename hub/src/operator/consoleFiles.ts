import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface ConsoleFile {
  body: Buffer;
  gzipped: Buffer;
  type: string;
  /** Its name changes with its content. */
  hashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Anyseat</title>
<p>The console has not been built yet: <code>npm run build:page --workspace hub</code></p>`;

/** The built page by path. Read once; what was not there then is never served: no path of a request reaches the file system. */
export function readConsole(folder: string | undefined): ReadonlyMap<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>();
  for (const name of folder === undefined ? [] : list(folder)) {
    const type = TYPES[extname(name)];
    if (type !== undefined)
      files.set(`/${name}`, fileOf(readFileSync(join(folder!, name)), type, name.startsWith('assets/')));
  }
  return files.set('/', files.get('/index.html') ?? fileOf(Buffer.from(NOT_BUILT), TYPES['.html']!, false));
}

const fileOf = (body: Buffer, type: string, hashed: boolean): ConsoleFile => ({
  body,
  gzipped: gzipSync(body),
  type,
  hashed,
});

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
