import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { node, root } from './commands.ts';

/** A page that is built from sources: where they are, what builds it, and what it becomes. */
const pages = [
  {
    name: 'the login page',
    folder: 'agent',
    sources: [
      'agent/src/page/**/*',
      'agent/src/common/**/*.ts',
      'packages/{ui,words}/src/**/*',
      'package-lock.json',
    ],
    config: 'agent/vite.config.ts',
    made: 'agent/dist/page/index.html',
  },
  {
    name: 'the operators’ console',
    folder: 'hub',
    sources: ['hub/src/console/**/*', 'packages/words/src/**/*', 'package-lock.json'],
    config: 'hub/vite.config.ts',
    made: 'hub/dist/console/index.html',
  },
];

/** Builds every page whose sources changed since it was built. @throws when a build fails, with its words */
export function buildPages(say: (line: string) => void): Promise<void> {
  for (const page of pages) {
    const stamp = join(root, 'var/built', page.folder);
    const wanted = hashOf(page.sources);
    if (existsSync(join(root, page.made)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
      continue;
    say(`building ${page.name}`);
    const built = spawnSync(
      node,
      [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', page.config, '--logLevel', 'error'],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    if (built.status !== 0) throw new Error(`${page.name} could not be built; the words of vite stand above`);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, wanted);
  }
  return Promise.resolve();
}

function hashOf(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  const files = patterns.flatMap((pattern) => globSync(join(root, pattern))).sort();
  for (const file of files) if (!file.includes('/dist/')) addFile(hash, file);
  return hash.digest('hex');
}

function addFile(hash: ReturnType<typeof createHash>, file: string): void {
  try {
    hash.update(file).update(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  }
}
