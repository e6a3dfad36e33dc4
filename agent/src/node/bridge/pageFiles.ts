import { readBuiltPage, type PageFile } from '@anyseat/base/builtPage';

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Anyseat</title>
<p>The login page has not been built yet: <code>npm run build:page --workspace agent</code></p>`;

/** The built login page, by its path on the server. */
export const readPage = (folder: string): ReadonlyMap<string, PageFile> => readBuiltPage(folder, NOT_BUILT);
