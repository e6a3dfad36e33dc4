import { systemClock } from '@anyseat/base';
import type { Client, XTest } from 'x11';
import { openX11 } from '../../../agent/src/node/viewer/openX11.ts';
import { answerParent } from './childProgram.ts';

const EVERY_MS = 10;
/** Keycode of a letter on every PC keyboard. */
const LETTER = 38;

answerParent({
  /** So many events a second by XTEST: nine movements, and a key that goes down and up. Returns how many there were. */
  touch: async ({ perSecond, forMs }: { perSecond: number; forMs: number }) => {
    const { client, screen } = await openX11(process.env['DISPLAY']!, () => undefined);
    const test = await new Promise<XTest>((resolve, reject) => {
      client.require('xtest', (error, extension) => {
        if (error) reject(error);
        else resolve(extension);
      });
    });
    const { root } = screen[0];
    const from = systemClock.monotonic();
    let done = 0;
    for (let passedMs = 0; passedMs < forMs; passedMs = systemClock.monotonic() - from) {
      const due = Math.floor((Math.min(passedMs, forMs) / 1000) * perSecond);
      for (; done < due; done++) one(test, root, done);
      await systemClock.sleep(EVERY_MS);
    }
    await settled(client, root);
    client.stream?.destroy();
    return done;
  },
});

function one(test: XTest, root: number, number: number): void {
  if (number % 10 === 8) test.FakeInput(test.KeyPress, LETTER, 0, 0, 0, 0);
  else if (number % 10 === 9) test.FakeInput(test.KeyRelease, LETTER, 0, 0, 0, 0);
  else test.FakeInput(test.MotionNotify, 0, 0, root, 100 + (number % 300), 100 + (number % 200));
}

/** The server answers in order: whatever was asked before is done. */
const settled = (client: Client, root: number): Promise<unknown> =>
  new Promise((resolve) => {
    client.GetProperty(0, root, 1, 0, 0, 1, (_error, value) => {
      resolve(value);
      return true;
    });
  });
