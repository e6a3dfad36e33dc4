import { uIOhook } from 'uiohook-napi';
import { systemClock } from '@anyseat/base';

/**
 * Counts input by libuiohook (XRecord), and tells a few times a second, one line of JSON, what came since the last line. A
 * program of its own, because the hook ends its process where it finds no X server, or loses it. A key that is held
 * repeats here; so keys that are down are known until they are up, in here and nowhere else.
 */
const TELL_EVERY_MS = 200;

const down = new Set<number>();
const nothing = { keys: 0, clicks: 0, wheel: 0, moves: 0 };
let counts = { ...nothing };

uIOhook.on('keydown', ({ keycode }) => {
  if (!down.has(keycode)) counts.keys++;
  down.add(keycode);
});
uIOhook.on('keyup', ({ keycode }) => down.delete(keycode));
uIOhook.on('mousedown', () => counts.clicks++);
uIOhook.on('wheel', () => counts.wheel++);
uIOhook.on('mousemove', () => counts.moves++);
uIOhook.start();
process.stdout.write('{}\n');

for (;;) {
  await systemClock.sleep(TELL_EVERY_MS);
  if (Object.values(counts).every((count) => count === 0)) continue;
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  counts = { ...nothing };
}
