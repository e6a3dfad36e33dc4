import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Tc } from '../../hub/src/domain/tc.ts';
import type { Store } from '../../hub/src/store/store.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';
import { runFolder } from './parts/runFolder.ts';
import { addDesktops, addResources, addThinClients, openingOf, openStore } from './parts/site.ts';
import { ThinClient } from './parts/thinClient.ts';

const ROUNDS = 5;
const CLAIMS = 600;
const WARM_UP = 600;
const IN_FLIGHT = [1, 32, 128];

/**
 * Desktops handed out a second by the store alone (group commit), against the three writes of a claim (desktop, session,
 * audit) on bare tables, as many of them in a commit; synchronous=FULL in both.
 */
export const claims: Benchmark = {
  name: 'claims',
  about: 'desktops claimed a second by the store, against raw SQLite commits (synchronous=FULL)',
  async run(say) {
    using folder = runFolder('claims');
    const most = WARM_UP + IN_FLIGHT.length * ROUNDS * CLAIMS;
    say(`${most} desktops and thin clients are made`);
    await using store = await openStore(folder.path);
    await addResources(store, { seats: most, desktops: most });
    const tcs = await addThinClients(
      store,
      Array.from({ length: most }, () => new ThinClient().publicKey),
    );
    await addDesktops(store, most);
    using raw = openRaw(join(folder.path, 'raw.db'), most);

    const own = new Claims(store, tcs);
    await own.claim(WARM_UP, 32);
    raw.commits(WARM_UP, 32);
    const rows: Row[] = [];
    for (const inFlight of IN_FLIGHT) {
      const rounds: { measured: number; floor: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const floor = raw.commits(CLAIMS, inFlight);
        rounds.push({ measured: await own.claim(CLAIMS, inFlight), floor });
      }
      const floorIs = `the bare writes, ${inFlight} claims a commit`;
      rows.push(rowOf({ name: `claims, ${inFlight} at once`, unit: '/s', better: 'more', floorIs }, rounds));
      say(
        `${inFlight} at once: ${rows.at(-1)!.measured.median.toFixed(0)}/s of ${rows.at(-1)!.floor.median.toFixed(0)}/s`,
      );
    }
    const { measured } = rows.find((row) => row.name.startsWith('claims, 32'))!;
    const single = rows[0]!.floor;
    return {
      rows,
      notes: [
        `claims, 32 at once, are ${(measured.median / single.median).toFixed(1)} times as many as raw commits of one claim each`,
      ],
    };
  },
};

/** Each claim is another person's, at another thin client, of another desktop. */
class Claims {
  readonly #store: Store;
  readonly #tcs: readonly Tc[];
  #next = 0;

  constructor(store: Store, tcs: readonly Tc[]) {
    this.#store = store;
    this.#tcs = tcs;
  }

  /** Claims a second. */
  async claim(count: number, inFlight: number): Promise<number> {
    const end = this.#next + count;
    const start = performance.now();
    const loop = async () => {
      while (this.#next < end) {
        const number = this.#next++;
        const opened = await this.#store.openSession(openingOf(number, this.#tcs[number]!));
        if (opened.kind !== 'have') throw new Error(`claim ${number} came to ${opened.kind}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, loop));
    return count / ((performance.now() - start) / 1000);
  }
}

/** The three writes of a claim on tables that have nothing but what a claim needs, in a file of its own. */
function openRaw(file: string, desktops: number) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`CREATE TABLE desktops (id TEXT PRIMARY KEY, state TEXT NOT NULL, session TEXT) STRICT;
           CREATE TABLE sessions (id TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE, desktop TEXT NOT NULL) STRICT;
           CREATE TABLE audit (seq INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;`);
  const insert = db.prepare("INSERT INTO desktops (id, state) VALUES (?, 'ready')");
  db.transaction(() => {
    for (let i = 0; i < desktops; i++) insert.run(desktopId(i));
  })();
  const claim = db.prepare(
    "UPDATE desktops SET state = 'leased', session = ? WHERE id = ? AND state = 'ready'",
  );
  const open = db.prepare('INSERT INTO sessions (id, person, desktop) VALUES (?, ?, ?)');
  const audit = db.prepare('INSERT INTO audit (text) VALUES (?)');
  let next = 0;
  const one = () => {
    const [session, person, desktop] = [randomUUID(), randomUUID(), desktopId(next++)];
    claim.run(session, desktop);
    open.run(session, person, desktop);
    audit.run(`${person} has ${desktop}`);
  };
  return {
    /** Claims a second. */
    commits(count: number, each: number): number {
      const start = performance.now();
      for (let done = 0; done < count; done += each) {
        db.exec('BEGIN IMMEDIATE');
        for (let i = 0; i < Math.min(each, count - done); i++) one();
        db.exec('COMMIT');
      }
      return count / ((performance.now() - start) / 1000);
    },
    [Symbol.dispose]: () => db.close(),
  };
}

const desktopId = (number: number): string => `dt_${String(number).padStart(20, '0')}`;
