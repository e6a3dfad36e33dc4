import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from '../simulation/seeded/mutants.ts';

const root = join(import.meta.dirname, '../..');

// They run for minutes, and are texts of the hub: whoever changes one is told here, at once, and breaks the new text there.
test('what the mutants of the simulation change stands in the hub, once', () => {
  const patches = Object.entries(mutants).flatMap(([mutant, one]) =>
    one.patches.map(({ file, find }) => ({ mutant, file, find })),
  );
  const times = patches.map(({ mutant, file, find }) => ({
    mutant,
    file,
    times: readFileSync(join(root, file), 'utf8').split(find).length - 1,
  }));
  expect(times).toEqual(patches.map(({ mutant, file }) => ({ mutant, file, times: 1 })));
});
