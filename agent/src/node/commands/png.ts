import { crc32, deflateSync } from 'node:zlib';
import type { Picture } from '../robot/picture.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Bits a colour that are kept: a desktop's flat areas and letters are read as well in 5 as in 8, and take half the room. */
const KEPT = 0xf8;
const UP = 2;

/** As a PNG file (ISO 15948), of points 0x00RRGGBB: true colour, each line as the difference from the one above it. */
export function png({ width, height, points }: Picture): Buffer {
  const line = width * 3 + 1;
  const data = Buffer.alloc(line * height);
  for (let y = 0; y < height; y++) {
    data[y * line] = UP;
    for (let x = 0; x < width; x++) {
      const point = points[y * width + x]!;
      const above = y === 0 ? 0 : points[(y - 1) * width + x]!;
      for (let i = 0; i < 3; i++) {
        const shift = 16 - 8 * i;
        data[y * line + 1 + x * 3 + i] = ((point >> shift) & KEPT) - ((above >> shift) & KEPT);
      }
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(data, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Half as wide and high: each point the mean of four. */
export function halved({ width, height, points }: Picture): Picture {
  const half = { width: width >> 1, height: height >> 1 };
  const smaller = new Uint32Array(half.width * half.height);
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const at = 2 * y * width + 2 * x;
      const four = [points[at]!, points[at + 1]!, points[at + width]!, points[at + width + 1]!];
      let mean = 0;
      for (const shift of [0, 8, 16])
        mean |= (four.reduce((sum, point) => sum + ((point >> shift) & 0xff), 0) >> 2) << shift;
      smaller[y * half.width + x] = mean;
    }
  }
  return { ...half, points: smaller };
}

/** As large as fits into so many bytes. */
export function pngWithin(picture: Picture, mostBytes: number): Buffer {
  for (let fitting = picture; ; fitting = halved(fitting)) {
    const file = png(fitting);
    if (file.length <= mostBytes || fitting.width < 64) return file;
  }
}
