import { expect, test } from 'vitest';
import { Fault, HOUR, silentLog, type Clock } from '@anyseat/base';
import type { Person } from '../domain/person.ts';
import { PeopleKnown } from './peopleKnown.ts';

const person = (user: string, department?: string): Person => ({
  id: `d:${user}`,
  directory: 'd',
  user,
  displayName: user,
  dn: '',
  groups: [],
  attributes: department === undefined ? {} : { Department: [department] },
});

function setUp() {
  const time = { passed: 0 };
  const seen: { id: number; person: Person }[] = [];
  const asked: string[] = [];
  const people = new PeopleKnown({
    store: {
      peopleSeen: (after, limit) => Promise.resolve(seen.filter(({ id }) => id > after).slice(0, limit)),
    },
    find: (user) => {
      asked.push(user);
      if (user === 'twice') return Promise.reject(new Fault('person-ambiguous', 'refused', 'two of them'));
      if (user === 'later') return Promise.reject(new Fault('directory-unavailable', 'transient', 'down'));
      return Promise.resolve(user.startsWith('no') ? undefined : person(user));
    },
    clock: { monotonic: () => time.passed } as Clock,
    log: silentLog,
  });
  const ask = (...users: string[]) => people.ask(users, new AbortController().signal);
  return { people, ask, seen, asked, time };
}

test('people are known as they were seen last, page by page, and by whatever case they are written in', async () => {
  const { people, seen } = setUp();
  for (let id = 1; id <= 1200; id++) seen.push({ id, person: person(`user.${id}`, 'old') });
  await people.learn();
  seen.push({ id: 1201, person: person('user.7', 'new') });
  await people.learn();
  expect([people.known('USER.7')?.attributes, people.departmentOf('d:user.7')]).toEqual([
    { Department: ['new'] },
    'new',
  ]);
  expect([
    people.departmentOf('d:user.1200'),
    people.departmentOf('d:nobody'),
    people.known('nobody'),
  ]).toEqual(['old', '', undefined]);
});

test('who was never seen is asked for once in half a day; sooner after a directory that was down', async () => {
  const { people, ask, seen, asked, time } = setUp();
  seen.push({ id: 1, person: person('seen') });
  await people.learn();
  expect(await ask('seen', 'anna', 'nobody', 'twice', 'later')).toBe(true);
  expect([asked.sort(), people.known('anna')?.id, people.known('nobody'), people.known('twice')]).toEqual([
    ['anna', 'later', 'nobody', 'twice'],
    'd:anna',
    null,
    undefined,
  ]);
  time.passed = HOUR;
  expect(await ask('anna', 'nobody', 'twice', 'later')).toBe(false);
  expect(asked.filter((user) => user === 'later').length).toBe(2);
  expect(asked.length).toBe(5);
  time.passed = 13 * HOUR;
  await ask('nobody');
  expect(asked.length).toBe(6);
});
