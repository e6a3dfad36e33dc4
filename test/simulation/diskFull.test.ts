import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { silentLog } from '@anyseat/base';
import { startMinicloud } from '@anyseat/minicloud';
import type { Grant } from '@anyseat/protocol';
import { FileDirectory } from '../../hub/src/directory/file.ts';
import { smallSite, temporaryFolder } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { InsideHub } from './parts/insideHub.ts';
import { PersistentPerson } from './parts/persistentPerson.ts';
import { quickClock } from './parts/quickClock.ts';
import { writeQuickUsers } from './parts/quickUsers.ts';

const PEOPLE = 6;
/** Of 4 kB. What others have on the disk leaves so much room, which is used up within seconds. */
const DISK_PAGES = 500;
const ROOM_PAGES = 25;

test('a disk that fills up under logins: nothing is acknowledged that is not kept, who works goes on, and it is over when there is room', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder('disk-full')).path;
  const cloud = stack.use(await startMinicloud({ speed: 100 }));
  const users = ['worker', ...Array.from({ length: PEOPLE }, (_, i) => `u${i}`)];
  const file = join(folder, 'users.json');
  writeQuickUsers(file, users);
  const clock = quickClock(20);
  const directory = stack.use(
    await FileDirectory.open({ type: 'file', name: 'local', file }, { clock, log: silentLog }),
  );
  const hub = stack.use(
    await InsideHub.open({
      folder,
      cloud,
      directories: [directory],
      resources: smallSite(
        PEOPLE + 1,
        { floor: PEOPLE + 1, ceiling: 2 * PEOPLE + 2, boots: 20 },
        { binding: 'user' },
      ),
      clock,
      mostPages: DISK_PAGES,
    }),
  );
  const disk = stack.use(new FullDisk(join(folder, 'hub.db')));
  await hub.ready(PEOPLE + 1);
  const desk = stack.use(await hub.seat('s1'));
  const work = await desk.granted('worker', 'sesame');
  await desk.viewer(work, 'connected');
  await waitFor('the picture', async () => (await hub.get('sessions'))[0]?.state === 'connected');

  const lives = users.slice(1).map(async (user, i) => {
    const key = generateKeyPairSync('ed25519');
    await (await hub.seat(`s${i + 2}`, key))[Symbol.asyncDispose]();
    const person = stack.use(new PersistentPerson(user, () => hub.url, key));
    return { user, person };
  });
  const people = await Promise.all(lives);
  disk.take(ROOM_PAGES);
  const stop = new AbortController();
  const acknowledged = { logins: 0, logOffs: 0 };
  const running = people.map(async ({ person }) => {
    while (!stop.signal.aborted) {
      const grant = await person.logIn();
      acknowledged.logins++;
      expect(disk.sessionOf(grant)).toEqual({ state: 'opening', generation: grant.generation });
      await person.logOff(grant);
      acknowledged.logOffs++;
      expect(disk.sessionOf(grant)).toMatchObject({ state: 'ended' });
    }
  });
  stack.defer(async () => {
    stop.abort();
    disk.giveBack();
    await Promise.allSettled(running);
  });
  const refusals = () => people.flatMap(({ person }) => person.refused);
  await waitFor('logins to be refused for want of room', () => refusals().includes('hub-busy'), 60_000);
  // Who works goes on, also over a new connection.
  expect(desk.closed).toBeUndefined();
  const again = stack.use(await hub.back(desk.key));
  const { sessionId, resumeSecret: secret } = work;
  again.send({
    type: 'resume',
    requestId: 'resume-one',
    sessionId,
    generation: work.generation,
    secret,
    want: 'attach',
    language: 'en',
  });
  expect(await again.frame('attached')).toMatchObject({ sessionId, generation: work.generation });
  expect((await hub.ask<{ store: unknown }>('GET', '/status')).store).toEqual({
    ok: false,
    text: 'the disk of the store is full',
  });

  disk.giveBack();
  const { logins, logOffs } = acknowledged;
  await waitFor(
    'logins and log-offs again',
    () => acknowledged.logins > logins + PEOPLE && acknowledged.logOffs > logOffs,
  );
  stop.abort();
  await Promise.all(running);
  await waitFor('the store to be well', () => hub.store.health().ok);
  expect((await hub.store.verifyAudit()).brokenAt).toBeUndefined();
  expect(new Set(refusals().filter((code) => code !== 'empty-password'))).toEqual(new Set(['hub-busy']));
  expect((await hub.store.sessions({ live: true })).map(({ user }) => user)).toEqual(['worker']);
});

/** Takes room in the store's file and gives it back, as others do on its disk; and reads what has reached the file. */
class FullDisk implements Disposable {
  readonly #db: Database.Database;

  constructor(file: string) {
    this.#db = new Database(file);
  }

  /** All but so many pages of the disk. */
  take(left: number): void {
    const used = Number(this.#db.pragma('page_count', { simple: true }));
    this.#db.exec('CREATE TABLE filler (bytes BLOB)');
    this.#db.prepare('INSERT INTO filler VALUES (zeroblob(?))').run((DISK_PAGES - used - left) * 4096);
  }

  giveBack(): void {
    this.#db.exec('DROP TABLE IF EXISTS filler');
  }

  sessionOf({ sessionId }: Grant): unknown {
    return this.#db.prepare('SELECT state, generation FROM sessions WHERE id = ?').get(sessionId);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
