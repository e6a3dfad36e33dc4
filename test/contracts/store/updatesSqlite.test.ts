import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { updatesContract } from './updates.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyseat-updates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let places = 0;

updatesContract({
  newPlace: () => join(folder, `${++places}.db`),
  open: (file, clock) => openSqlite({ file, clock }),
});
