import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  body: Buffer;
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
<p>The login page has not been built yet: <code>npm run build:page --workspace agent</code></p>`;

/**
 * The built page, by its path on the server. It is read once, and only what was there then is ever served: no path of a
 * request reaches the file system.
 */
export function readPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of list(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    files.set(`/${name}`, {
      body: readFileSync(join(folder, name)),
      type,
      hashed: name.startsWith('assets/'),
    });
  }
  const index = files.get('/index.html') ?? {
    body: Buffer.from(NOT_BUILT),
    type: TYPES['.html']!,
    hashed: false,
  };
  return files.set('/', index);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
