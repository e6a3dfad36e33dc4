import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Picture } from '../robot/picture.ts';
import { halved, png, pngWithin } from './png.ts';

/** Reads back what `png` writes: one IDAT, every line by the one above. */
function read(file: Buffer): Picture {
  expect(file.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  expect([...file.subarray(24, 29)]).toEqual([8, 2, 0, 0, 0]);
  const length = file.readUInt32BE(33);
  expect(file.subarray(37, 41).toString()).toBe('IDAT');
  const data = inflateSync(file.subarray(41, 41 + length));
  const points = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const above = y === 0 ? 0 : points[(y - 1) * width + x]!;
      let point = 0;
      for (let i = 0; i < 3; i++) {
        const shift = 16 - 8 * i;
        const sum = (data[y * (width * 3 + 1) + 1 + x * 3 + i]! + (above >> shift)) & 0xff;
        point |= sum << shift;
      }
      points[y * width + x] = point;
    }
  }
  return { width, height, points };
}

/** Points that no compression makes smaller. */
function noise(width: number, height: number): Picture {
  let seed = 1;
  const points = Uint32Array.from({ length: width * height }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) & 0xf8f8f8;
  });
  return { width, height, points };
}

test('a picture is read back as it was, to five bits a colour', () => {
  const picture = noise(13, 7);
  expect(read(png(picture))).toEqual(picture);
});

test('half a picture has the means of its points', () => {
  const points = Uint32Array.of(0x000000, 0xff0000, 0x00ff00, 0x0000ff);
  expect(halved({ width: 2, height: 2, points })).toEqual({
    width: 1,
    height: 1,
    points: Uint32Array.of(0x3f3f3f),
  });
});

test('one that is too large is made smaller until it fits', () => {
  const file = pngWithin(noise(400, 300), 40_000);
  expect(file.length).toBeLessThanOrEqual(40_000);
  expect(read(file)).toMatchObject({ width: 100, height: 75 });
});
