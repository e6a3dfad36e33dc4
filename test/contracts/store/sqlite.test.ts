import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub } from '../../../hub/src/domain/audit.ts';
import type { DesktopEvent } from '../../../hub/src/domain/desktopEvents.ts';
import type { Person } from '../../../hub/src/domain/person.ts';
import type { TcId } from '../../../hub/src/domain/session.ts';
import { wallTime } from '../../../hub/src/domain/wallClock.ts';
import { NEWEST_READY, OLDEST_READY } from '../../../hub/src/store/sqlite/claims.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { stageRestore } from '../../../hub/src/store/sqlite/stageRestore.ts';
import { rosterContract } from './roster.contract.ts';
import { storeContract } from './store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyseat-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let places = 0;
const newPlace = () => join(folder, `${++places}.db`);
const site = (name: string) => ({
  kind: 'sites' as const,
  name,
  was: 0,
  spec: { title: name, timeZone: 'Asia/Shanghai', tags: {} },
});
const open = (file: string) => openSqlite({ file, clock: systemClock });

const openingOf = (user: string) => ({
  requestId: `request-of-${user}`,
  tc: `tc_${user}` as TcId,
  seat: user,
  site: 'x',
  person: `file:${user}`,
  user,
  displayName: user,
  allocator: 'all',
  pools: ['p'],
  binding: 'none' as const,
  secretHash: 'x',
  leftBehindUntil: 0,
  stages: {},
});

const personOf = (user: string): Person => ({
  id: `file:${user}`,
  directory: 'file',
  user,
  displayName: user,
  dn: `uid=${user}`,
  groups: [],
  attributes: {},
});

describe('the store on SQLite', () => {
  storeContract({ newPlace, open: (file, clock) => openSqlite({ file, clock }) });
  rosterContract({ newPlace, open: (file, clock) => openSqlite({ file, clock }) });

  test('the engine itself refuses a move that the domain does not know, and a used desktop made ready', async () => {
    const file = newPlace();
    await using store = await open(file);
    const [desktop] = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, 1);
    const raw = new Database(file);
    expect(() => raw.prepare("UPDATE desktops SET state = 'ready' WHERE id = ?").run(desktop!.id)).toThrow(
      'no such move of a desktop',
    );
    raw.prepare("UPDATE desktops SET state = 'creating' WHERE id = ?").run(desktop!.id);
    raw.prepare("UPDATE desktops SET state = 'building' WHERE id = ?").run(desktop!.id);
    raw.prepare("UPDATE desktops SET state = 'booting', used_by = 'x:1' WHERE id = ?").run(desktop!.id);
    expect(() => raw.prepare("UPDATE desktops SET state = 'ready' WHERE id = ?").run(desktop!.id)).toThrow(
      'never ready again',
    );
    expect(() => raw.prepare('UPDATE audit SET act = 0').run()).toThrow('never changed');
    raw.close();
  });

  test('the engine itself refuses a free desktop to everybody but its first user, a new session’s too', async () => {
    const file = newPlace();
    await using store = await open(file);
    const [desktop] = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, 1);
    const { id } = desktop!;
    await store.recordDesktop(id, { kind: 'ask', serverName: 'n' }, theHub);
    await store.recordDesktop(id, { kind: 'made', serverId: 's' }, theHub);
    await store.recordDesktop(id, { kind: 'running', host: 'h' }, theHub);
    await store.recordDesktop(id, { kind: 'proved', endpoint: undefined }, theHub);
    const raw = new Database(file);
    raw.prepare("UPDATE desktops SET used_by = 'file:bert' WHERE id = ?").run(id);
    raw.close();
    await expect(store.openSession(openingOf('anna'))).rejects.toMatchObject({ code: 'store-refused' });
    expect(await store.openSession(openingOf('bert'))).toMatchObject({ kind: 'have', desktop: { id } });
  });

  test('the next desktop of a pool is found along an index, however many are ready', async () => {
    const file = newPlace();
    await using _store = await open(file);
    const raw = new Database(file);
    const planOf = (sql: string) =>
      raw
        .prepare<[string], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all('p')
        .map(({ detail }) => detail);
    const along = ['SEARCH desktops USING INDEX desktops_ready (pool=?)'];
    expect([planOf(OLDEST_READY), planOf(NEWEST_READY)]).toEqual([along, along]);
    raw.close();
  });

  test('a person is kept once for each way they were seen, and anew once they were forgotten', async () => {
    const file = newPlace();
    await using store = await open(file);
    const raw = new Database(file, { readonly: true });
    const kept = () => raw.prepare('SELECT person FROM people_seen ORDER BY id').pluck().all();
    let times = 0;
    const logIn = async (user: string, group: string) => {
      const asker = {
        person: { ...personOf(user), groups: [group] },
        seat: { name: 'x', tags: {} },
        site: { name: 'x', tags: {} },
        tc: { tags: {} },
        time: wallTime(0, 'UTC'),
      };
      const opened = await store.openSession({ ...openingOf(user), requestId: `${++times}`, asker });
      await store.endSession(opened.session.id, 'logged-off', theHub);
      return (await store.reasonOf(opened.session.id))?.asker?.person.groups;
    };
    const seen: unknown[] = [];
    for (const group of ['a', 'a', 'b', 'a']) seen.push(await logIn('anna', group));
    expect([seen, kept()]).toEqual([
      [['a'], ['a'], ['b'], ['a']],
      ['file:anna', 'file:anna'],
    ]);
    expect([await store.forgetReasons(systemClock.now() + 1000), kept()]).toEqual([4, []]);
    expect([await logIn('bert', 'a'), await logIn('anna', 'a'), kept()]).toEqual([
      ['a'],
      ['a'],
      ['file:bert', 'file:anna'],
    ]);
    raw.close();
  });

  test('a row changed behind its back breaks the audit chain where it was changed', async () => {
    const file = newPlace();
    await using store = await open(file);
    for (const act of ['a', 'b', 'c']) await store.addAudit(theHub, act, 's', {});
    const raw = new Database(file);
    raw.exec('DROP TRIGGER audit_is_never_changed');
    raw.prepare("UPDATE audit SET act = 'forged' WHERE seq = 2").run();
    raw.close();
    expect((await store.verifyAudit()).brokenAt).toBe(2);
  });

  test('rows that were cut off at the end are missed, and a long chain is looked through whole', async () => {
    const file = newPlace();
    await using store = await open(file);
    await Promise.all(Array.from({ length: 2501 }, (_, i) => store.addAudit(theHub, `act-${i}`, 's', {})));
    expect(await store.verifyAudit()).toEqual({ rows: 2501, brokenAt: undefined });
    const raw = new Database(file);
    raw.prepare('DELETE FROM audit WHERE seq > 2400').run();
    raw.close();
    expect(await store.verifyAudit()).toEqual({ rows: 2400, brokenAt: 2401 });
  });

  test('the store is for the eyes of its account alone, one that was made before as well', async () => {
    const file = newPlace();
    await (await open(file))[Symbol.asyncDispose]();
    chmodSync(file, 0o644);
    await using store = await open(file);
    await store.addAudit(theHub, 'a', 's', {});
    const modes = ['', '-wal', '-shm'].map((end) => (statSync(file + end).mode & 0o777).toString(8));
    expect(modes).toEqual(['600', '600', '600']);
  });

  test('a store of a newer version is refused with what to do', async () => {
    const file = newPlace();
    await (await open(file))[Symbol.asyncDispose]();
    const raw = new Database(file);
    raw.pragma('user_version = 999');
    raw.close();
    await expect(open(file)).rejects.toMatchObject({ code: 'store-newer', retry: 'terminal' });
  });

  test('on a full disk nothing is acknowledged, and nothing is half kept', async () => {
    const file = newPlace();
    await using store = await openSqlite({ file, clock: systemClock, mostPages: 80 });
    const kept: string[] = [];
    const failures: string[] = [];
    for (let i = 0; failures.length < 3 && i < 2000; i++) {
      await store.addAudit(theHub, 'filled', `s${i}`, { text: 'x'.repeat(500) }).then(
        () => kept.push(`s${i}`),
        (error: unknown) => failures.push((error as { code: string }).code),
      );
    }
    expect(failures).toEqual(['store-full', 'store-full', 'store-full']);
    expect(store.health().ok).toBe(false);
    const rows = await store.audit({ limit: 10_000 });
    expect(rows.map((row) => row.subject).toReversed()).toEqual(kept);
    expect((await store.verifyAudit()).brokenAt).toBeUndefined();
  });

  test('a backup made while the store works is whole, and takes its place at the next start', async () => {
    const file = newPlace();
    const copy = `${file}.copy`;
    const before = await (async () => {
      await using store = await open(file);
      await store.applyResources([site('nt')], theHub);
      await store.backup(copy);
      await store.applyResources([site('sh')], theHub);
      return store.installation.id;
    })();
    expect(stageRestore(copy, file).installation).toBe(before);
    await using restored = await open(file);
    expect((await restored.catalogue()).sites.size).toBe(1);
    expect((await restored.audit({ limit: 1 }))[0]!.act).toBe('store.restored');
    await using kept = await open(`${file}.before-restore`);
    expect((await kept.catalogue()).sites.size).toBe(2);
  });

  test('a store that a hub has open is nobody else’s', async () => {
    const file = newPlace();
    await (async () => {
      await using store = await open(file);
      await expect(open(file)).rejects.toMatchObject({ code: 'store-in-use', retry: 'terminal' });
      await store.addAudit(theHub, 'a', 's', {});
    })();
    await using again = await open(file);
    expect((await again.verifyAudit()).brokenAt).toBeUndefined();
  });

  test('free desktops of a restored store are handed to nobody, and orders without a server are forgotten', async () => {
    const file = newPlace();
    const copy = `${file}.copy`;
    await (async () => {
      await using store = await open(file);
      const made = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, 7);
      const way: DesktopEvent[] = [
        { kind: 'ask', serverName: 'n' },
        { kind: 'doubt', text: '' },
        { kind: 'made', serverId: 's' },
        { kind: 'running', host: 'h' },
        { kind: 'proved', endpoint: undefined },
        { kind: 'retire' },
      ];
      for (const [i, { id }] of made.entries()) {
        for (const event of way.slice(0, i)) {
          const own = 'serverId' in event ? { ...event, serverId: id } : event;
          await store.recordDesktop(id, 'serverName' in own ? { ...own, serverName: id } : own, theHub);
        }
      }
      await store.backup(copy);
      await store.openSession(openingOf('anna'));
    })();
    stageRestore(copy, file);
    await using restored = await open(file);
    expect((await restored.desktops()).map((d) => [d.state, d.fault?.code])).toEqual(
      ['building', 'booting', 'ready', 'retiring'].map(() => ['quarantined', 'restored']),
    );
    expect((await restored.openSession(openingOf('bert'))).kind).toBe('waiting');
    expect((await restored.audit({ limit: 1 }))[0]).toMatchObject({
      act: 'store.restored',
      details: { quarantined: 4, unconfirmed: 0, forgotten: 3 },
    });
  });

  test('what is no backup is refused with the reason, and the store stays', async () => {
    const file = newPlace();
    await using store = await open(file);
    expect(() => stageRestore(import.meta.filename, file)).toThrow(/cannot be restored: .*not a database/);
    expect(() => stageRestore('/nowhere/at.all', file)).toThrow(/cannot be restored: .*no such file/);
    expect(store.health().ok).toBe(true);
  });
});
