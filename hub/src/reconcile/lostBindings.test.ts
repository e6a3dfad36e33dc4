import { expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { Binding } from '../domain/binding.ts';
import { emptyCatalogue, type Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Session } from '../domain/session.ts';
import { LostBindings } from './lostBindings.ts';
import { Problems } from './problems.ts';

const bindingOf = (n: number, allocator?: string) =>
  ({ id: `bnd_${n}`, kind: 'user', key: `local:${n}`, desktop: `dt_${n}`, allocator }) as unknown as Binding;
const desktopOf = (n: number) =>
  ({
    id: `dt_${n}`,
    number: n,
    serverName: `office-${n}`,
    serverId: `srv-${n}`,
    cloud: 'c',
  }) as unknown as Desktop;

/** Three bound desktops; the third heals by itself. */
function world() {
  const problems = new Problems(systemClock);
  const bindings = [bindingOf(1, 'tells'), bindingOf(2), bindingOf(3, 'heals')];
  const missing = new Set<string>();
  const asked: string[] = [];
  const cloud = { saysGone: true, listed: true };
  const rule = (name: string, whenGone: 'tell' | 'new') => [name, { name, spec: { whenGone } }] as const;
  const lost = new LostBindings({
    store: {
      bindings: () => Promise.resolve(bindings),
      desktops: () => Promise.resolve([1, 2, 3].map(desktopOf)),
      sessions: () => Promise.resolve([{ person: 'local:1', user: 'anna' } as Session]),
    },
    catalogue: () =>
      ({
        ...emptyCatalogue,
        allocators: new Map([rule('tells', 'tell'), rule('heals', 'new')]),
      }) as unknown as Catalogue,
    problems,
    isListed: (_, id) => (cloud.listed ? !missing.has(id) : undefined),
    isGone: ({ id }) => {
      asked.push(id);
      return Promise.resolve(cloud.saysGone);
    },
    clock: systemClock,
    log: silentLog,
  });
  const told = async () => {
    await lost.look();
    return problems.list().map(({ kind, what, text }) => `${kind} ${what}: ${text}`);
  };
  return { bindings, missing, asked, cloud, told };
}

test('an operator is told of bound desktops that are gone, with whom they are missed by', async () => {
  const w = world();
  expect([await w.told(), w.asked]).toEqual([[], []]);
  for (const n of [1, 2, 3]) w.missing.add(`srv-${n}`);
  expect(await w.told()).toEqual([
    'binding-gone office-1: bound to user anna, who cannot log in with it',
    'binding-gone office-2: bound to user local:2, who cannot log in with it',
  ]);
  expect(w.asked).toEqual(['dt_1', 'dt_2']);
  w.bindings.shift();
  w.missing.delete('srv-2');
  expect(await w.told()).toEqual([]);
});

test('a server that is only left out of a listing, or of which nothing is known, is not told as gone', async () => {
  const w = world();
  w.missing.add('srv-1');
  w.cloud.saysGone = false;
  expect([await w.told(), w.asked]).toEqual([[], ['dt_1']]);
  w.cloud.saysGone = true;
  w.cloud.listed = false;
  expect([await w.told(), w.asked]).toEqual([[], ['dt_1']]);
});
