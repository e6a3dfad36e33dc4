import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Clock } from '@anyseat/base';
import { Writer } from './writer.ts';

/** A writer on a disk that takes a millisecond for each commit, and the rests that it took. */
function onSlowDisk() {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE notes (text TEXT)');
  const insert = db.prepare('INSERT INTO notes VALUES (?)');
  const rests: number[] = [];
  let ms = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => ms++,
    sleep: (rest) => {
      rests.push(rest);
      return Promise.resolve();
    },
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const writer = new Writer(db, { save: () => undefined, restore: () => undefined }, clock);
  const note = (text: string) => writer.write(() => void insert.run(text));
  const notes = () => db.prepare('SELECT text FROM notes').pluck().all();
  return { note, notes, rests, [Symbol.dispose]: () => db.close() };
}

test('units that come one after the other never wait', async () => {
  using disk = onSlowDisk();
  for (const text of ['a', 'b', 'c']) await disk.note(text);
  expect(disk).toMatchObject({ rests: [] });
  expect(disk.notes()).toEqual(['a', 'b', 'c']);
});

test('after a commit of few units the next waits for more, after one of many hardly', async () => {
  using disk = onSlowDisk();
  await Promise.all([disk.note('a'), disk.note('b')]);
  await Promise.all([disk.note('c'), disk.note('d'), disk.note('e'), disk.note('f')]);
  await Promise.all(Array.from({ length: 64 }, (_, i) => disk.note(String(i))));
  await disk.note('last');
  // Sixteen for two, eight for four, half of one for 64; a millisecond of each is over when it is asked for.
  expect(disk.rests).toEqual([15, 7]);
  expect(disk.notes()).toHaveLength(71);
});
