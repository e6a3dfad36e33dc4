import { DAY } from '@anyseat/base';
import { expect, test } from 'vitest';
import { takeInventory, type Inventory, type KnownInventory } from './inventory.ts';

const box = (...headsets: string[]): Inventory => ({
  model: 'T1',
  macs: ['02:00:00:00:00:01'],
  displays: ['HDMI-A-1'],
  usb: [{ name: 'Keyboard', kind: 'input' }, ...headsets.map((name) => ({ name, kind: 'audio' as const }))],
  audio: [],
});
const known = (inventory: Inventory, missing: KnownInventory['missing'] = []): KnownInventory => ({
  inventory,
  at: 0,
  missing,
});
const gone = { name: 'Jabra', since: 100 };

test.each<[string, KnownInventory | undefined, Inventory, number, unknown]>([
  ['a new box misses nothing', undefined, box(), 5, { lost: [], back: [], missing: [] }],
  [
    'a headset that is gone is missing',
    known(box('Jabra')),
    box(),
    100,
    { lost: ['Jabra'], back: [], missing: [gone] },
  ],
  [
    'it is missing for as long as it is gone',
    known(box(), [gone]),
    box(),
    5000,
    { lost: [], back: [], missing: [gone] },
  ],
  [
    'it is back when it is back',
    known(box(), [gone]),
    box('Jabra'),
    5000,
    { lost: [], back: ['Jabra'], missing: [] },
  ],
  [
    'another one takes its place',
    known(box(), [gone]),
    box('Poly'),
    5000,
    { lost: [], back: [], missing: [] },
  ],
  [
    'a change from one to another at once is no loss',
    known(box('Jabra')),
    box('Poly'),
    100,
    { lost: [], back: [], missing: [] },
  ],
  [
    'of two alike one is missing',
    known(box('Jabra', 'Jabra')),
    box('Jabra'),
    100,
    { lost: ['Jabra'], back: [], missing: [gone] },
  ],
  ['after a week nobody misses it', known(box(), [gone]), box(), 100 + 7 * DAY, { missing: [] }],
  [
    'a keyboard that is gone is told by its person',
    known({ ...box(), usb: [{ name: 'Keyboard', kind: 'input' }] }),
    { ...box(), usb: [] },
    9,
    { lost: [], missing: [] },
  ],
])('%s', (_name, before, now, at, expected) => {
  const { known: after, lost, back } = takeInventory(before, now, at);
  expect({ lost, back, missing: after.missing }).toMatchObject(expected as object);
  expect(after.inventory).toBe(now);
});
