import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigFault, systemClock } from '@anyseat/base';
import { theHub } from '../../hub/src/domain/audit.ts';
import { CatalogueKeeper } from '../../hub/src/operator/catalogueKeeper.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import { smallSite } from '../e2e/parts/smallSite.ts';

/** Any file of resources: it is applied, or told what is wrong with it and where; never anything else. */

const name = fc.constantFrom(
  'nt', 's1', 'standard', 'everybody', 'sites', 'seats', 'pools', 'allocators', 'title', 'timeZone', 'site', 'label', 'tags', 'floor',
  'ceiling', 'image', 'flavor', 'match', 'users', 'groups', 'any', 'all', 'not', 'default', 'binding', 'readiness', 'kind',
  'hours', 'policy', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a/b', 'ünï', '1',
); // prettier-ignore
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, 'nt', 'standard', 'Asia/Shanghai', 'spice', 'user', 'none', '-1', '9'.repeat(400)),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 6 }),
  ),
}));

/** A good file in which one value, somewhere, is any other. */
const nearly = fc.tuple(fc.nat(200), tree, fc.boolean()).map(([at, value, removes]) => {
  const file = smallSite(2);
  const places: [Record<string, unknown>, string][] = [];
  const walk = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    for (const [key, inner] of Object.entries(one)) {
      places.push([one as Record<string, unknown>, key]);
      walk(inner);
    }
  };
  walk(file);
  const [parent, key] = places[at % places.length]!;
  if (removes) delete parent[key];
  else parent[key] = value;
  return stringify(file);
});
/** A good file with some of its characters others. */
const garbled = fc
  .array(fc.tuple(fc.nat(2000), fc.string({ unit: 'binary', maxLength: 3 })), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    let text = stringify(smallSite(2));
    for (const [at, by] of changes)
      text = text.slice(0, at % text.length) + by + text.slice((at % text.length) + by.length);
    return text;
  });
const text = fc.oneof(
  { weight: 4, arbitrary: nearly },
  { weight: 2, arbitrary: garbled },
  // JSON is YAML.
  { weight: 2, arbitrary: tree.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '---\n---\n',
      'sites: &x { a: *x }',
      'sites: *nobody',
      '? [a, b]\n: c',
      '? {a: 1}\n: c',
      '<<: {sites: {}}',
      '!!binary x',
      '%YAML 9.9\n---\na: 1',
      '\ufeffsites: {}',
      'sites: !!js/function x',
      `sites: ${'{a: '.repeat(3000)}`,
      `${'- '.repeat(3000)}x`,
    ),
  },
);

test('whatever a file of resources says, it is applied or its problems are told with their places', async () => {
  await using store = await openSqlite({ file: ':memory:', clock: systemClock });
  const keeper = new CatalogueKeeper(store, () => undefined);
  let [applied, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(text, fc.boolean(), fc.boolean(), async (text, prune, dryRun) => {
      try {
        await keeper.apply({ text, file: 'site.yaml', prune, dryRun }, theHub);
        applied++;
      } catch (error) {
        if (!(error instanceof ConfigFault)) throw error;
        refused++;
        expect(error.problems.length).toBeGreaterThan(0);
        for (const { where, text } of error.problems) {
          expect(where).toMatch(/^site\.yaml(:\d+:\d+)?$/);
          expect(text).not.toMatch(/undefined|\[object|\n\s+at /);
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(applied, refused)).toBeGreaterThan(50);
  expect(({} as Record<string, unknown>)['title']).toBeUndefined();
}, 120_000);
