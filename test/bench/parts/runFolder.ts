import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../installer/src/commands.ts';

/** Of the clone, not in /tmp: that may be memory, where a commit costs nothing. */
const folder = join(root, 'var', 'bench');

/** A folder that is gone when the benchmark is. */
export function runFolder(name: string): Disposable & { path: string } {
  mkdirSync(folder, { recursive: true });
  const path = mkdtempSync(join(folder, `${name}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
