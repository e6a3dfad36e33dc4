import { gzipSync } from 'node:zlib';
import { readBuiltPage, type PageFile } from '@anyseat/base/builtPage';

export interface ConsoleFile extends PageFile {
  gzipped: Buffer;
}

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Anyseat</title>
<p>The console has not been built yet: <code>npm run build:page --workspace hub</code></p>`;

/** The built console by its path on the server, made small once. */
export const readConsole = (folder: string | undefined): ReadonlyMap<string, ConsoleFile> =>
  new Map(
    [...readBuiltPage(folder, NOT_BUILT)].map(([path, file]) => [
      path,
      { ...file, gzipped: gzipSync(file.body) },
    ]),
  );
