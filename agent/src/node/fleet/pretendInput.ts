import type { Clock } from '@anyseat/base';
import type { Input } from '../input/input.ts';

/** Of somebody who talks and types now and then. */
const A_SECOND = { keys: 0.8, clicks: 0.3, wheel: 0.2, moves: 9 };

/** Input that nobody made, of about the size that people make. */
export function pretendInput(clock: Clock): Input {
  return {
    count: () => {
      let since = clock.monotonic();
      return {
        read: () => {
          const overMs = Math.round(clock.monotonic() - since);
          since = clock.monotonic();
          const some = (perSecond: number) => Math.round((overMs / 1000) * perSecond * 2 * Math.random());
          return {
            overMs,
            keys: some(A_SECOND.keys),
            clicks: some(A_SECOND.clicks),
            wheel: some(A_SECOND.wheel),
            moves: some(A_SECOND.moves),
            idleMs: Math.round(Math.random() * 2000),
          };
        },
        [Symbol.dispose]: () => undefined,
      };
    },
  };
}
