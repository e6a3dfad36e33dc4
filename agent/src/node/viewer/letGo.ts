import type { Client, Screens, XTest } from 'x11';
import { messageOf, type Clock, type Log } from '@anyseat/base';
import { openX11 } from './openX11.ts';

/** What the connection file tells the viewer to let go of keyboard and pointer by. */
export const LET_GO_KEYS = 'shift+f12';
/** X11/keysymdef.h: Shift_L, F12. */
const SYMBOLS = [0xffe1, 0xffc9];
/** Somebody may hold other keys down just now, and then it is another chord. */
const TRIES = 40;
const BETWEEN_MS = 150;
const ALREADY_GRABBED = 1;
const ASYNCHRONOUS = 1;
const NOW = 0;

export interface LetGoOptions {
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  log: Log;
  /** So many keys are about to be pressed by us: nobody touched them. */
  onOwnKeys: (count: number) => void;
}

/**
 * Makes the viewer let go of keyboard and pointer, which it keeps when another window comes above it while the pointer is
 * the guest's (a guest without SPICE's agent): whatever stands there could not be clicked away. Tries until it has, or it is
 * disposed. Never throws.
 */
export function letGo(options: LetGoOptions): Disposable {
  const stop = new AbortController();
  tryAll(options, stop.signal).catch((error: unknown) =>
    options.log.debug({ why: messageOf(error) }, 'the viewer was not made to let go'),
  );
  return { [Symbol.dispose]: () => stop.abort(new Error('not wanted any more')) };
}

async function tryAll({ environment, clock, onOwnKeys }: LetGoOptions, signal: AbortSignal): Promise<void> {
  const { DISPLAY } = environment;
  if (!DISPLAY) throw new Error('there is no X screen');
  const screens = await openX11(DISPLAY, () => undefined);
  const { client, screen } = screens;
  const { root } = screen[0];
  using _closed = { [Symbol.dispose]: () => client.stream?.destroy() };
  const [xtest, codes] = [await xtestOf(client), await codesOf(screens)];
  for (let tries = 0; tries < TRIES && !signal.aborted && !client.stream?.destroyed; tries++) {
    if ((await grab(client, root)) !== ALREADY_GRABBED) {
      client.UngrabKeyboard(NOW);
      await clock.sleep(BETWEEN_MS, signal);
      return;
    }
    onOwnKeys(codes.length);
    for (const code of codes) xtest.FakeInput(xtest.KeyPress, code, 0, root, 0, 0);
    for (const code of codes.toReversed()) xtest.FakeInput(xtest.KeyRelease, code, 0, root, 0, 0);
    await clock.sleep(BETWEEN_MS, signal);
  }
}

const grab = (client: Client, root: number): Promise<number> =>
  new Promise((resolve) => {
    client.GrabKeyboard(root, 1, NOW, ASYNCHRONOUS, ASYNCHRONOUS, (error, status) => {
      resolve(error ? 0 : status);
      return true;
    });
  });

const xtestOf = (client: Client): Promise<XTest> =>
  new Promise((resolve, reject) => {
    client.require('xtest', (error, extension) => {
      if (error) reject(error);
      else resolve(extension);
    });
  });

function codesOf({ client, min_keycode, max_keycode }: Screens): Promise<number[]> {
  return new Promise((resolve, reject) => {
    client.GetKeyboardMapping(min_keycode, max_keycode - min_keycode + 1, (error, rows) => {
      const codes = error ? [] : SYMBOLS.map((symbol) => rows.findIndex(([first]) => first === symbol));
      if (error) reject(error);
      else if (codes.some((at) => at < 0)) reject(new Error('this keyboard has no F12'));
      else resolve(codes.map((at) => min_keycode + at));
      return true;
    });
  });
}
