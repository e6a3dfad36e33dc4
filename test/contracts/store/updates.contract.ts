import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { Release } from '../../../hub/src/domain/rollout.ts';
import type { Store } from '../../../hub/src/store/store.ts';
import type { StoreProvider } from './store.contract.ts';

const li = { kind: 'operator', name: 'li.na' } as const;
const release = (version: string, sha256 = version): Omit<Release, 'addedAt'> => ({
  sha256,
  version,
  arch: 'all',
  bytes: 9,
  manifest: '{}',
  signature: 'c2ln',
});
const plan = { version: '0.2.0', rings: ['pilot', 'rest'], atOnce: 20, soakMs: 60_000, mostFailed: 1 };

/** Releases and their way to the seats, for every engine. */
export function updatesContract(provider: StoreProvider): void {
  const open = (place = provider.newPlace()) => provider.open(place, systemClock);
  const acts = async (store: Store) =>
    (await store.audit({ limit: 20 }))
      .map(({ act }) => act)
      .filter((act) => /^(release|update|tc\.update)/.test(act));
  const newTc = async (store: Store, fingerprint: string) => {
    const met = { fingerprint, publicKey: fingerprint, hostName: '', model: undefined, macs: [] };
    return (await store.meetTc({ ...met, agentVersion: '0.1.0', address: '' }, undefined, 10)).id;
  };

  test('a release is added once, and no other one under its version', async () => {
    await using store = await open();
    const added = await store.addRelease(release('0.2.0'), li);
    expect(await store.addRelease(release('0.2.0'), li)).toEqual(added);
    await expect(store.addRelease(release('0.2.0', 'other'), li)).rejects.toMatchObject({
      code: 'release-differs',
    });
    expect(await store.releases()).toEqual([added]);
    expect(await acts(store)).toEqual(['release.added']);
  });

  test('there is one update at a time, over a restart, and what has ended is not moved', async () => {
    const place = provider.newPlace();
    {
      await using store = await open(place);
      expect(await store.rollout()).toBeUndefined();
      const both = await Promise.allSettled([store.startRollout(plan, li), store.startRollout(plan, li)]);
      expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    }
    await using store = await open(place);
    const first = (await store.rollout())!;
    expect(first).toMatchObject({ ...plan, state: 'running', ring: 0 });
    const ring = { ring: 1, throughAt: 5 };
    expect(await store.moveRollout(first.id, 'paused', ring, li)).toBeUndefined();
    expect(await store.moveRollout(first.id, 'running', ring, li)).toEqual({ ...first, ...ring });
    const why = 'it smells';
    expect(await store.moveRollout(first.id, 'running', { state: 'paused', why }, li)).toEqual({
      ...first,
      ...ring,
      state: 'paused',
      why,
    });
    await expect(store.startRollout(plan, li)).rejects.toMatchObject({ code: 'update-running' });
    expect(await store.moveRollout(first.id, 'paused', { state: 'stopped' }, li)).toMatchObject({
      why: undefined,
    });
    expect(await store.moveRollout(first.id, 'stopped', { state: 'running' }, li)).toBeUndefined();
    const second = await store.startRollout({ ...plan, version: '0.3.0' }, li);
    expect(await store.moveRollout(first.id, 'running', { state: 'done' }, li)).toBeUndefined();
    expect(await store.rollout()).toEqual(second);
    expect(await acts(store)).toEqual([
      'update.started',
      'update.moved',
      'update.moved',
      'update.moved',
      'update.started',
    ]);
  });

  test('what became of each thin client is kept by update, with its endings in the audit', async () => {
    await using store = await open();
    const { id } = await store.startRollout(plan, li);
    const [a, b] = [await newTc(store, 'A'), await newTc(store, 'B')];
    await store.recordRolledOut(id, { tc: a, state: 'offered', text: '' });
    await store.recordRolledOut(id, { tc: b, state: 'offered', text: '' });
    await store.recordRolledOut(id, { tc: a, state: 'offered', text: '' });
    await store.recordRolledOut(id, { tc: a, state: 'starting', text: '' });
    await store.recordRolledOut(id, { tc: a, state: 'rolledBack', text: 'no page' });
    const kept = (await store.rolledOut(id)).toSorted(
      (one, other) => (one.tc === b ? 1 : 0) - (other.tc === b ? 1 : 0),
    );
    expect(kept).toMatchObject([
      { tc: a, state: 'rolledBack', text: 'no page', tries: 2 },
      { tc: b, state: 'offered', text: '', tries: 1 },
    ]);
    await store.moveRollout(id, 'running', { state: 'stopped' }, li);
    const next = await store.startRollout(plan, li);
    expect(await store.rolledOut(next.id)).toEqual([]);
    expect(await acts(store)).toContain('tc.update-rolled-back');
    expect((await store.verifyAudit()).brokenAt).toBeUndefined();
  });
}
