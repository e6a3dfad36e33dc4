import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub } from '../../hub/src/domain/audit.ts';
import { CatalogueKeeper } from '../../hub/src/operator/catalogueKeeper.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';

const site = (title: string) => `sites: { nt: { title: ${title}, timeZone: Asia/Shanghai } }`;

test('what somebody else changed meanwhile is not written over', async () => {
  await using store = await openSqlite({ file: ':memory:', clock: systemClock });
  const keeper = new CatalogueKeeper(store, () => undefined);
  const apply = async (title: string, revision: number) => {
    const seen = [{ kind: 'sites' as const, name: 'nt', revision }];
    const request = { text: site(title), file: 'x.yaml', prune: false, dryRun: false, seen };
    try {
      return (await keeper.apply(request, theHub)).applied;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const tried = [await apply('A', 1), await apply('B', 0), await apply('C', 0), await apply('D', 1)];
  expect(tried).toEqual([
    'sites/nt: it was deleted meanwhile; nothing was changed',
    true,
    'sites/nt: hub has changed it meanwhile; nothing was changed',
    true,
  ]);
  expect(keeper.current.sites.get('nt')?.spec.title).toBe('D');
});
