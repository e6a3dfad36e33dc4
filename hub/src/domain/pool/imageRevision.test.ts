import { expect, test } from 'vitest';
import { imageToUse, mayFreeze, type ImageRevision } from './imageRevision.ts';

const image = (revision: number, how: { proved?: true; frozenAt?: number } = {}): ImageRevision => ({
  image: `i${revision}`,
  revision,
  seenAt: revision,
  provedAt: how.proved ? revision : undefined,
  frozen: how.frozenAt === undefined ? undefined : { at: 1, specRevision: how.frozenAt, text: 'blue screen' },
});

test.each<[what: string, current: string | undefined, revisions: ImageRevision[], used: string | undefined]>([
  ['what the name stands for', 'i2', [image(1, { proved: true }), image(2)], 'i2'],
  ['what is not recorded yet as well', 'i3', [image(1, { proved: true })], 'i3'],
  ['nothing while that is not known', undefined, [image(1, { proved: true })], undefined],
  [
    'the newest proved one while it is frozen',
    'i4',
    [image(1, { proved: true }), image(2, { proved: true }), image(3), image(4, { frozenAt: 7 })],
    'i2',
  ],
  [
    'not one that is frozen itself',
    'i2',
    [image(1, { proved: true, frozenAt: 7 }), image(2, { frozenAt: 7 })],
    'i2',
  ],
  ['another specification is a new try', 'i2', [image(1, { proved: true }), image(2, { frozenAt: 6 })], 'i2'],
])('%s', (_what, current, revisions, used) => {
  expect(imageToUse(current, revisions, 7)).toBe(used);
});

test.each<[what: string, revisions: ImageRevision[], may: boolean]>([
  ['with another that was proved', [image(1, { proved: true }), image(2)], true],
  ['not the only one', [image(2)], false],
  ['not when the other never was proved either', [image(1), image(2)], false],
  [
    'not one that was proved itself: it is not the image’s fault',
    [image(1, { proved: true }), image(2, { proved: true })],
    false,
  ],
])('an image may be frozen %s', (_what, revisions, may) => {
  expect(mayFreeze('i2', revisions, 7)).toBe(may);
});
