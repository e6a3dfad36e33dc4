import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestLook } from '@anyseat/minicloud';
import { newSecret } from '@anyseat/base';
import { root } from '../../../installer/src/commands.ts';
import { difference, readPicture, type Display, type Picture } from './display.ts';
import { waitFor } from './waitFor.ts';

/** The example desktop's screen. */
const GUEST = { width: 720, height: 400 };
/** Scaling blurs letters; another picture differs by three times as much. */
const ALIKE = 0.06;

/** What a guest draws, by its QEMU, without any viewer. */
export async function guestPicture(guest: GuestLook): Promise<Picture> {
  const file = join(tmpdir(), `anyseat-guest-${newSecret()}.png`);
  try {
    await guest.screendump(file);
    return await readPicture(file, GUEST);
  } finally {
    rmSync(file, { force: true });
  }
}

/** Resolves when the display shows the guest's picture; in vain, what is on both is kept in var/test-pictures. */
export async function showsPictureOf(display: Display, guest: GuestLook): Promise<void> {
  const alike = async () => difference(await display.picture(GUEST), await guestPicture(guest)) < ALIKE;
  await waitFor("the guest's picture on the display", alike, 60_000).catch(async (error: unknown) => {
    const kept = join(root, 'var/test-pictures');
    mkdirSync(kept, { recursive: true });
    await display.screenshot(join(kept, 'display.png'));
    await guest.screendump(join(kept, 'guest.png'));
    throw error;
  });
}
