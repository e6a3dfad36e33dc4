import { expect, test } from 'vitest';
import { cloudFault } from './faults.ts';
import { allPages, type Page } from './pages.ts';

const badMarker = () => cloudFault('cloud-refused-order', 'marker not found', { fields: { status: 400 } });

/** A service with these ids, this many a page; what it is asked is kept. */
function service(ids: readonly string[], size: number) {
  const asked: (string | undefined)[] = [];
  const page = (marker: string | undefined): Promise<Page<{ id: string }>> => {
    asked.push(marker);
    const from = marker === undefined ? 0 : ids.indexOf(marker) + 1;
    const items = ids.slice(from, from + size).map((id) => ({ id }));
    return Promise.resolve({ items, next: items.length === size });
  };
  return { asked, page };
}

const idOf = (item: { id: string }) => item.id;
const ids = (items: readonly { id: string }[]) => items.map((item) => item.id).join('');

test('an exactly full last page is followed by an empty one, and then it is the end', async () => {
  const { asked, page } = service(['a', 'b', 'c', 'd'], 2);
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ ids: ids(all.items), doubts: all.doubts, asked }).toEqual({
    ids: 'abcd',
    doubts: [],
    asked: [undefined, 'b', 'd'],
  });
});

test('without a next address it goes on all the same, where only an empty page is proof of the end', async () => {
  const source = service(['a', 'b', 'c', 'd', 'e'], 2);
  const page = async (marker: string | undefined) => ({ ...(await source.page(marker)), next: false });
  expect(ids((await allPages({ page, idOf, end: 'emptyPage' })).items)).toBe('abcde');
  expect(ids((await allPages({ page, idOf, end: 'noNext' })).items)).toBe('ab');
});

test('a marker that vanished begins the listing anew, and nothing is listed twice', async () => {
  const source = service(['a', 'b', 'c'], 1);
  let vanish = true;
  const page = (marker: string | undefined) => {
    if (marker === 'b' && vanish) {
      vanish = false;
      return Promise.reject(badMarker());
    }
    return source.page(marker);
  };
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ ids: ids(all.items), doubts: all.doubts }).toEqual({ ids: 'abc', doubts: [] });
});

test('a marker that vanishes every time ends the listing with a doubt', async () => {
  const source = service(['a', 'b', 'c'], 1);
  let tries = 0;
  const page = (marker: string | undefined) => {
    if (marker !== 'a') return source.page(marker);
    tries++;
    return Promise.reject(badMarker());
  };
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ ...all, tries }).toEqual({
    items: [],
    doubts: ['the listing had to be begun anew too often'],
    tries: 3,
  });
});

test('a service that gives the same page for ever is left with a doubt', async () => {
  const page = () => Promise.resolve({ items: [{ id: 'a' }, { id: 'b' }], next: true });
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ ids: ids(all.items), doubts: all.doubts }).toEqual({ ids: 'ab', doubts: ['a page repeated'] });
});

test('a server that moved from one page to the next meanwhile is listed once', async () => {
  const given = [['a', 'b'], ['b', 'c'], []];
  const page = () => Promise.resolve({ items: given.shift()!.map((id) => ({ id })), next: true });
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ ids: ids(all.items), doubts: all.doubts }).toEqual({ ids: 'abc', doubts: [] });
});

test('any other fault is the listing’s', async () => {
  const page = () => Promise.reject(cloudFault('cloud-refused-order', 'no', { fields: { status: 400 } }));
  await expect(allPages({ page, idOf, end: 'emptyPage' })).rejects.toThrow('no');
});

test('a service that always has one more page is left with a doubt', async () => {
  let pages = 0;
  const page = () => {
    const from = pages++ * 1000;
    const items = Array.from({ length: 1000 }, (_, i) => ({ id: String(from + i) }));
    return Promise.resolve({ items, next: true });
  };
  const all = await allPages({ page, idOf, end: 'emptyPage' });
  expect({ pages, doubts: all.doubts }).toEqual({ pages: 101, doubts: ['more than 100000 without an end'] });
});
