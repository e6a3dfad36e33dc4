import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub, type Actor } from '../../../hub/src/domain/audit.ts';
import type { StoreProvider } from './store.contract.ts';

const operator: Actor = { kind: 'operator', name: 'test' };

/** What every engine has to do with shift plans and head counts. */
export function rosterContract(provider: StoreProvider): void {
  const open = (place = provider.newPlace()) => provider.open(place, systemClock);
  const table = (roster: string, text: string) => ({
    roster,
    hash: text,
    rows: text.length,
    packed: new TextEncoder().encode(text),
  });

  test('the newest table of a roster is in force, also after a restart, and the last ten are kept', async () => {
    const place = provider.newPlace();
    const ids: number[] = [];
    {
      await using store = await open(place);
      expect(await store.rosterSheets()).toEqual([]);
      for (let i = 0; i < 12; i++)
        ids.push((await store.keepRosterSheet(table('november', `table ${i}`), operator)).id);
      await store.keepRosterSheet(table('hotels', 'x'), theHub);
    }
    await using store = await open(place);
    const at = expect.any(Number) as number;
    expect(await store.rosterSheets()).toEqual([
      { id: at, roster: 'hotels', at, by: theHub.name, hash: 'x', rows: 1 },
      { id: ids[11], roster: 'november', at, by: 'test', hash: 'table 11', rows: 8 },
    ]);
    const texts = await Promise.all(
      ids.map(async (id) => {
        const packed = await store.rosterSheet(id);
        return packed && new TextDecoder().decode(packed);
      }),
    );
    expect(texts).toEqual([undefined, undefined, ...Array.from({ length: 10 }, (_, i) => `table ${i + 2}`)]);
    const [row] = await store.audit({ limit: 1, subject: 'rosters/november' });
    expect(row).toMatchObject({
      act: 'roster.brought',
      actor: operator,
      details: { sheet: ids[11], rows: 8, hash: 'table 11' },
    });
    expect((await store.verifyAudit()).brokenAt).toBeUndefined();
  });

  test('heads are counted once a moment, summed as they are asked for, and forgotten in their time', async () => {
    await using store = await open();
    const count = (site: string, department: string, loggedIn: number) => ({
      site,
      department,
      allocator: 'a',
      expected: 10,
      loggedIn,
      active: 1,
    });
    await store.recordHeadCounts(100, [count('nt', 'x', 3), count('nt', 'y', 4), count('sh', 'x', 5)]);
    await store.recordHeadCounts(100, [count('nt', 'x', 99)]);
    await store.recordHeadCounts(200, [count('nt', 'x', 6)]);
    await store.recordHeadCounts(300, []);
    const all = { from: 0, to: 1000 };
    expect(await store.headCounts(all)).toEqual([
      { at: 100, expected: 30, loggedIn: 12, active: 3 },
      { at: 200, expected: 10, loggedIn: 6, active: 1 },
    ]);
    expect(await store.headCounts({ ...all, site: 'nt', department: 'x' })).toEqual([
      { at: 100, expected: 10, loggedIn: 3, active: 1 },
      { at: 200, expected: 10, loggedIn: 6, active: 1 },
    ]);
    expect(await store.headCounts({ from: 100, to: 200, allocator: 'a', site: 'sh' })).toHaveLength(1);
    expect(await store.headCounts({ ...all, allocator: 'b' })).toEqual([]);
    expect(await store.loggedInAt([100, 300])).toEqual([
      { at: 100, site: 'nt', loggedIn: 7 },
      { at: 100, site: 'sh', loggedIn: 5 },
    ]);
    expect([await store.forgetHeadCounts(200), await store.forgetHeadCounts(200)]).toEqual([3, 0]);
  });
}
