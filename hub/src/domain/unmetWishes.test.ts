import { expect, test } from 'vitest';
import { resourceFile } from '@anyseat/protocol';
import { emptyCatalogue, type Catalogue } from './catalogue.ts';
import { unmetWishes } from './unmetWishes.ts';

const pool = (cloud: string) => ({ title: 'P', image: 'i', flavor: 'f', floor: 0, ceiling: 1, cloud });
const file = resourceFile.parse({
  pools: { old: pool('zed'), young: pool('new'), unknown: pool('dark') },
  allocators: {
    a: {
      title: 'A',
      match: { users: ['a'] },
      pools: ['young'],
      sitePools: { x: ['old'] },
      viewer: { usb: true, audio: true },
    },
    b: { title: 'B', match: { users: ['b'] }, pools: ['young', 'unknown'], viewer: { usb: true } },
    c: { title: 'C', default: true, pools: ['old'], viewer: { audio: false, monitors: 1 } },
  },
});
const all = (specs: object) =>
  new Map(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { name, revision: 1, spec, author: 'x', changedAt: 0 },
    ]),
  );

test('what is wished for and cannot be had is told with its place, and what nobody knows is not', () => {
  const catalogue = {
    ...emptyCatalogue,
    pools: all(file.pools),
    allocators: all(file.allocators),
  } as Catalogue;
  const gives = (cloud: string) => ({ zed: false, new: true })[cloud];
  expect(
    unmetWishes(catalogue, gives).map(({ name, path, text }) => [name, path.join('.'), text.slice(0, 50)]),
  ).toEqual([
    ['a', 'viewer.audio', 'cloud zed cannot give desktops sound: Nova does fr'],
    ['a', 'viewer.usb', 'cloud zed cannot give desktops USB redirection: No'],
  ]);
});
