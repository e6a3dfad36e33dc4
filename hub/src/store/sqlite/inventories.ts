import type { Inventory, KnownInventory, Missing } from '../../domain/inventory.ts';
import type { TcId } from '../../domain/session.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  tc: TcId;
  at: number;
  inventory: string;
  missing: string;
}

export function inventoryMethods({
  db,
  clock,
  writer,
  audit,
}: Context): Pick<Store, 'inventories' | 'inventoryOf' | 'missingParts' | 'recordInventory'> {
  const all = db.prepare<[], Row>('SELECT * FROM tc_inventories');
  const one = db.prepare<[string], Row>('SELECT * FROM tc_inventories WHERE tc = ?');
  const missing = db.prepare<[], Pick<Row, 'tc' | 'missing'>>(
    "SELECT tc, missing FROM tc_inventories WHERE missing <> '[]'",
  );
  // A TC that waits for approval may be forgotten meanwhile.
  const put = db.prepare(
    `INSERT INTO tc_inventories (tc, at, inventory, missing) SELECT id, ?, ?, ? FROM tcs WHERE id = ?
     ON CONFLICT (tc) DO UPDATE SET at = excluded.at, inventory = excluded.inventory, missing = excluded.missing`,
  );
  return {
    inventories: () => Promise.resolve(new Map(all.all().map((row) => [row.tc, knownOf(row)]))),
    inventoryOf: (tc) => {
      const row = one.get(tc);
      return Promise.resolve(row && knownOf(row));
    },
    missingParts: () =>
      Promise.resolve(new Map(missing.all().map((row) => [row.tc, JSON.parse(row.missing) as Missing[]]))),
    recordInventory: (tc, { known, lost, back }) =>
      writer.write(() => {
        const { at, inventory, missing } = known;
        put.run(at, JSON.stringify(inventory), JSON.stringify(missing), tc);
        const by = { kind: 'tc', name: tc } as const;
        if (lost.length > 0) audit.add(clock.now(), by, 'tc.headset-missing', tc, { lost });
        if (back.length > 0) audit.add(clock.now(), by, 'tc.headset-back', tc, { back });
      }),
  };
}

const knownOf = (row: Row): KnownInventory => ({
  at: row.at,
  inventory: JSON.parse(row.inventory) as Inventory,
  missing: JSON.parse(row.missing) as Missing[],
});
