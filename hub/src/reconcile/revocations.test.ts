import { Fault, MINUTE, silentLog } from '@anyseat/base';
import type { AllocatorSpec } from '@anyseat/protocol';
import { expect, test } from 'vitest';
import { emptyCatalogue } from '../domain/catalogue.ts';
import type { Person, Standing } from '../domain/person.ts';
import type { Session, SessionId } from '../domain/session.ts';
import { Revocations } from './revocations.ts';

const person = (id: string): Person => ({
  id,
  directory: 'local',
  user: id,
  displayName: id,
  dn: '',
  groups: [],
  attributes: {},
});
const sessionOf = (id: string): Session =>
  ({
    id,
    state: 'connected',
    person: id,
    user: id,
    allocator: 'a',
    startedAt: 0,
    pools: [],
  }) as unknown as Session;

/** Some people at work; a clock that only the test moves; a directory that says what the test likes. */
function world(people: readonly string[], revoked?: Partial<NonNullable<AllocatorSpec['revoked']>>) {
  let now = 1_000_000;
  const live = new Map(people.map((id) => [id, sessionOf(id)]));
  const says = new Map<string, Standing | Error>();
  const asked: string[] = [];
  const ended: string[] = [];
  const unmatched = new Set<string>();
  const spec = {
    revoked: { barred: 'end', unmatched: 'keep', afterMinutes: 5, ...revoked },
  } as AllocatorSpec;
  const rule = { name: 'a', revision: 1, spec, author: 'x', changedAt: 0 };
  const revocations = new Revocations({
    store: {
      sessions: () => Promise.resolve([...live.values()]),
      endSession: (id: SessionId) => {
        const session = live.get(id);
        live.delete(id);
        return Promise.resolve(session);
      },
    },
    look: (id) => {
      asked.push(id);
      const said = says.has(id) ? says.get(id) : { person: person(id), barred: undefined };
      return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
    },
    stillServed: ({ person: id }) => !unmatched.has(id),
    catalogue: () => ({ ...emptyCatalogue, allocators: new Map([['a', rule]]) }),
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: () => Promise.reject(new Error('not slept in this test')),
      after: () => ({ [Symbol.dispose]: () => undefined }),
    },
    log: silentLog,
    everyMs: 10 * MINUTE,
    onEnded: ({ user }, end) => ended.push(`${user} ${end}`),
  });
  const pass = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      now += MINUTE;
      await revocations.round();
    }
    return ended.splice(0);
  };
  const disabled = (id: string): Standing => ({ person: person(id), barred: 'account-disabled' });
  return { revocations, says, asked, unmatched, pass, disabled, session: (id: string) => live.get(id)! };
}

test('everybody is looked at once in an interval, spread over it', async () => {
  const w = world(['a', 'b', 'c', 'd', 'e']);
  await w.revocations.round();
  expect(w.asked).toEqual([]);
  await w.pass(10);
  expect(w.asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  await w.pass(10);
  expect(w.asked.length).toBe(10);
});

test('somebody disabled works on for as long as the policy says, and whoever is enabled again goes on working', async () => {
  const w = world(['a', 'b']);
  w.says.set('a', w.disabled('a')).set('b', undefined);
  await w.revocations.round();
  expect(await w.pass(9)).toEqual([]);
  w.says.delete('b');
  expect([await w.pass(3), await w.pass(20)]).toEqual([['a access-ended'], []]);
});

test('somebody who left a group is kept, or not, as the policy says', async () => {
  const kept = world(['a']);
  const let_go = world(['a'], { unmatched: 'end', afterMinutes: 0 });
  for (const w of [kept, let_go]) w.unmatched.add('a');
  expect([await kept.pass(60), await let_go.pass(12)]).toEqual([[], ['a access-ended']]);
});

test('a policy that keeps the disabled keeps them', async () => {
  const w = world(['a'], { barred: 'keep' });
  w.says.set('a', w.disabled('a'));
  expect(await w.pass(60)).toEqual([]);
});

test('a directory that does not answer changes nothing', async () => {
  const w = world(['a']);
  w.says.set('a', new Fault('directory-unavailable', 'transient', 'down'));
  expect(await w.pass(60)).toEqual([]);
  w.says.set('a', w.disabled('a'));
  expect(await w.pass(20)).toEqual(['a access-ended']);
});

test('a directory that disowns a tenth of the people at work is not believed, until it comes to its senses', async () => {
  const people = Array.from({ length: 40 }, (_, i) => `p${i}`);
  const w = world(people, { afterMinutes: 0 });
  for (const id of people.slice(0, 39)) w.says.set(id, undefined);
  // Before anything can be compared, the first few are believed: they could be leavers.
  const first = await w.pass(12);
  expect(first.length).toBeLessThan(5);
  expect(await w.pass(60)).toEqual([]);
  for (const id of people.slice(2)) w.says.delete(id);
  expect((await w.pass(30)).length).toBeLessThan(3);
});

test('who comes back is let in again, unless they lost access; when the directory is down, always', async () => {
  const w = world(['a', 'b', 'c']);
  w.says.set('b', w.disabled('b')).set('c', new Fault('directory-unavailable', 'transient', 'down'));
  const seen = [];
  for (const id of ['a', 'b', 'c']) seen.push(await w.revocations.mayComeBack(w.session(id)));
  expect([seen, await w.pass(1)]).toEqual([[true, false, true], ['b access-ended']]);
});
