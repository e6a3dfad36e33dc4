import type { Screens } from 'x11';
import type { Picture } from '../robot/picture.ts';
import { openX11 } from './openX11.ts';

const WHOLE_POINTS = 2;
const ALL_PLANES = 0xffffffff;
const BYTES = 4;

/** What is on the whole of a screen now, all its monitors. @throws Error (rejects) when the screen cannot be reached */
export async function pictureOfScreen(display: string): Promise<Picture> {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => undefined);
  const screens = await openX11(display, (error) => reject(error ?? new Error('the X server is gone')));
  try {
    return await Promise.race([pictureOf(screens), lost]);
  } finally {
    screens.client.stream?.destroy();
  }
}

/** @throws Error (rejects) when its points are of another size than four bytes */
export function pictureOf({
  client,
  screen: [{ root, pixel_width: width, pixel_height: height }],
}: Screens): Promise<Picture> {
  return new Promise((resolve, reject) => {
    client.GetImage(WHOLE_POINTS, root, 0, 0, width, height, ALL_PLANES, (error, image) => {
      const bytes = width * height * BYTES;
      if (error) reject(error);
      else if (image.data.length < bytes) reject(new Error('the screen has points of less than four bytes'));
      else {
        const points = new Uint32Array(width * height);
        new Uint8Array(points.buffer).set(image.data.subarray(0, bytes));
        resolve({ width, height, points });
      }
      return true;
    });
  });
}
