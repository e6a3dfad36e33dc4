import type { Client, Screens, XTest } from 'x11';
import { openX11 } from '../viewer/openX11.ts';
import { pictureOf } from '../viewer/pictureOfScreen.ts';
import { Keyboard } from './keys.ts';
import type { Picture } from './picture.ts';
import type { Screen } from './screen.ts';

const FIRST_BUTTON = 1;

/**
 * An X screen as a robot uses it: keys and pointer by the XTEST extension, pictures by GetImage. The picture has no pointer
 * in it unless the desktop draws it.
 *
 * @throws Error (rejects) when the screen cannot be reached, has no XTEST, or points of another size than four bytes
 */
export async function openX11Screen(display: string): Promise<Screen> {
  // Whoever waits for an answer when the server goes is told so.
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => undefined);
  const screens = await openX11(display, (error) => reject(error ?? new Error('the X server is gone')));
  const { client } = screens;
  try {
    const xtest = await Promise.race([xtestOf(client), lost]);
    const keyboard = await Promise.race([keyboardOf(screens), lost]);
    const look = () => Promise.race([pictureOf(screens), lost]);
    await look();
    return screenOf(display, screens, { xtest, keyboard, look });
  } catch (error) {
    client.stream?.destroy();
    throw error;
  }
}

function screenOf(
  display: string,
  { client, screen: [{ root, pixel_width, pixel_height }] }: Screens,
  { xtest, keyboard, look }: { xtest: XTest; keyboard: Keyboard; look: () => Promise<Picture> },
): Screen {
  const fake = (type: number, detail: number) => xtest.FakeInput(type, detail, 0, root, 0, 0);
  return {
    display,
    look,
    move: (x, y) =>
      xtest.FakeInput(
        xtest.MotionNotify,
        0,
        0,
        root,
        Math.round(x * (pixel_width - 1)),
        Math.round(y * (pixel_height - 1)),
      ),
    click: () => {
      fake(xtest.ButtonPress, FIRST_BUTTON);
      fake(xtest.ButtonRelease, FIRST_BUTTON);
    },
    press: (key) => {
      const codes = 'letter' in key ? keyboard.codesOfLetter(key.letter) : keyboard.codesOfName(key.name);
      for (const code of codes) fake(xtest.KeyPress, code);
      for (const code of codes.toReversed()) fake(xtest.KeyRelease, code);
    },
    [Symbol.asyncDispose]: async () => {
      client.stream?.destroy();
    },
  };
}

function xtestOf(client: Client): Promise<XTest> {
  return new Promise((resolve, reject) => {
    client.require('xtest', (error, extension) => {
      if (error) reject(error);
      else resolve(extension);
    });
  });
}

function keyboardOf({ client, min_keycode, max_keycode }: Screens): Promise<Keyboard> {
  return new Promise((resolve, reject) => {
    client.GetKeyboardMapping(min_keycode, max_keycode - min_keycode + 1, (error, rows) => {
      if (error) reject(error);
      else resolve(new Keyboard(min_keycode, rows));
      return true;
    });
  });
}
