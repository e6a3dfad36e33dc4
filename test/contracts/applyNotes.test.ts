import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '@anyseat/base';
import type { Directory } from '../../hub/src/directory/directory.ts';
import { theHub } from '../../hub/src/domain/audit.ts';
import { unknownOf } from '../../hub/src/domain/namedGroups.ts';
import { Directories } from '../../hub/src/login/directories.ts';
import type { OutsideKnowledge } from '../../hub/src/operator/applyNotes.ts';
import { CatalogueKeeper } from '../../hub/src/operator/catalogueKeeper.ts';
import { openSqlite } from '../../hub/src/store/sqlite/openSqlite.ts';
import { smallSite } from '../e2e/parts/smallSite.ts';

/** What is most likely a slip, or cannot be had, and is applied all the same: said at the apply, with its place. */
async function notes(allocator: Record<string, unknown>, knows: OutsideKnowledge): Promise<string[]> {
  await using store = await openSqlite({ file: ':memory:', clock: systemClock });
  const keeper = new CatalogueKeeper(store, () => undefined, knows);
  const text = stringify({
    ...smallSite(1),
    allocators: { a: { title: 'A', pools: ['standard'], ...allocator } },
  });
  const answer = await keeper.apply({ text, file: 'x.yaml', prune: false, dryRun: false }, theHub);
  expect(answer.applied).toBe(true);
  return (answer.notes ?? []).map(({ path, text: said }) => `${path}: ${said.slice(0, 42)}`);
}

const directory = (groups: readonly string[] | undefined) =>
  ({
    unknownGroups: (wanted: readonly string[]) =>
      groups === undefined ? Promise.reject(new Error('down')) : Promise.resolve(unknownOf(wanted, groups)),
  }) as unknown as Directory;
const knowing = (...all: (readonly string[] | undefined)[]): OutsideKnowledge => ({
  unknownGroups: (groups) =>
    new Directories(all.map(directory)).unknownGroups(groups, new AbortController().signal),
});

test('a group that no directory has is told, and one that any of them has is not', async () => {
  const match = { any: [{ groups: ['Agents', 'agnets'] }, { groups: ['leads'] }] };
  expect(await notes({ match }, knowing(['agents'], ['cn=leads,dc=call']))).toEqual([
    'allocators.a.match.any.0.groups.1: no directory has a group “agnets”, so nobo',
  ]);
});

test('while a directory does not say, and where there is none, no group is nobody’s', async () => {
  const match = { groups: ['agnets'] };
  expect([await notes({ match }, knowing(['agents'], undefined)), await notes({ match }, knowing())]).toEqual(
    [[], []],
  );
});

test('a lock that keeps nothing for long is told with how long that is', async () => {
  const idle = { afterMinutes: 30 };
  const say = (more: Record<string, unknown>) => notes({ default: true, ...more }, {});
  expect([await say({ idle }), await say({ idle, graceSeconds: 7200 })]).toEqual([
    ['allocators.a.idle.action: a locked desktop waits for its person as l'],
    [],
  ]);
  expect(await say({ idle: { ...idle, action: 'logOff' } })).toEqual([]);
});

test('sound that a cloud cannot give is told', async () => {
  const wishes = { default: true, viewer: { audio: true, usb: false } };
  expect(await notes(wishes, { givesDevices: () => false })).toEqual([
    'allocators.a.viewer.audio: cloud default cannot give desktops sound: ',
  ]);
});
