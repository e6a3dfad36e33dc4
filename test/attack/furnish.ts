import { hash } from 'node:crypto';
import { systemClock } from '@anyseat/base';
import { fingerprintOf, resourceFile } from '@anyseat/protocol';
import { theHub } from '../../hub/src/domain/audit.ts';
import type { ResourceChange } from '../../hub/src/domain/catalogue.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import type { Visitor } from './crowd.ts';

/** Ready desktops of the pool for everybody, and of the one whose desktops stay with their people. */
export const SHARED_FLOOR = 30;
export const OWN_FLOOR = 8;

const POOL = { title: 'Desk', image: 'desk-image', flavor: 'desk.small', networks: 'none', boots: 1000 };

/** A site with a seat for each thin client, two pools, and every thin client enrolled, in a new store. */
export async function furnish(storeFile: string, visitors: readonly Visitor[]): Promise<void> {
  await using store = await openSqlite({ file: storeFile, clock: systemClock });
  const keys = visitors.flatMap((visitor) => visitor.keys);
  const people = visitors.length;
  // Every third has a desktop that is replaced after use, the others have one of their own.
  const users = visitors.flatMap(({ user }, i) => (i % 3 === 0 ? [] : [user]));
  const resources = resourceFile.parse({
    sites: { nt: { title: 'Nantong', timeZone: 'Asia/Shanghai' } },
    seats: Object.fromEntries(keys.map((_, i) => [`s${i}`, { site: 'nt', label: `S ${i}` }])),
    pools: {
      shared: { ...POOL, floor: SHARED_FLOOR, ceiling: SHARED_FLOOR + 2 * people },
      own: { ...POOL, floor: OWN_FLOOR, ceiling: OWN_FLOOR + 2 * people },
    },
    allocators: {
      own: { title: 'Own', priority: 1, match: { users }, pools: ['own'], binding: 'user' },
      everybody: { title: 'Everybody', default: true, pools: ['shared'] },
    },
  });
  const changes = Object.entries(resources).flatMap(([kind, specs]) =>
    Object.entries(specs).map(([name, spec]) => ({ kind, name, was: 0, spec }) as ResourceChange),
  );
  await store.applyResources(changes, theHub);
  await Promise.all(
    keys.map(async ({ publicKey }, i) => {
      const der = publicKey.export({ type: 'spki', format: 'der' });
      const fingerprint = fingerprintOf(hash('sha256', der, 'buffer'));
      const machine = {
        hostName: 'attack',
        model: undefined,
        macs: [],
        agentVersion: 'test',
        address: '127.0.0.1',
      };
      await store.meetTc({ fingerprint, publicKey: der.toString('base64'), ...machine }, undefined, Infinity);
      await store.approveTc(fingerprint, `s${i}`, theHub);
    }),
  );
}
