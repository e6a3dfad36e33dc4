import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import { openScreen, screenMissing } from '../viewer/screen.fixture.ts';
import { until } from '../waiting.fixture.ts';
import { UiohookInput } from './uiohookInput.ts';

const run = promisify(execFile);
const missing =
  process.arch === 'x64'
    ? existsSync('/usr/bin/xdotool')
      ? screenMissing
      : 'xdotool is not installed'
    : 'uiohook-napi 1.5.5 is built for x86-64 only';

function countOn(display: string) {
  const said: { msg: string }[] = [];
  const log = openLog({
    name: 'input',
    destination: { write: (line) => said.push(JSON.parse(line) as { msg: string }) },
  });
  const input = new UiohookInput({
    environment: { ...process.env, DISPLAY: display },
    clock: systemClock,
    log,
  });
  return { meter: input.count(), said };
}

test('the second way counts the same: a key that is held once, the wheel apart from clicks', async (context) => {
  if (missing) context.skip(missing);
  await using screen = await openScreen({ managed: false });
  const { meter } = countOn(screen.display);
  using _meter = meter;
  await until(() => meter.read() !== undefined);
  const touch = (...args: string[]) =>
    run('xdotool', args, { env: { ...process.env, DISPLAY: screen.display } });
  const sum = { keys: 0, clicks: 0, wheel: 0, moves: 0 };
  const add = () => {
    const reading = meter.read();
    for (const key of ['keys', 'clicks', 'wheel', 'moves'] as const) sum[key] += reading?.[key] ?? 0;
    return sum;
  };
  // The hook begins to hear a moment after it said so.
  await until(async () => {
    await touch('key', 'F5');
    return add().keys > 0;
  });
  await until(() => (meter.read()?.idleMs ?? 0) > 700);
  Object.assign(sum, { keys: 0, clicks: 0, wheel: 0, moves: 0 });
  await touch(...'key a keydown b sleep 1.2 keyup b click 1 click 4 mousemove_relative 5 5'.split(' '));
  await until(() => add().moves > 0);
  expect({ ...sum, moves: undefined }).toEqual({ keys: 2, clicks: 1, wheel: 1, moves: undefined });
});

test('a hook that ends with its X server takes nobody along', async (context) => {
  if (missing) context.skip(missing);
  await using screen = await openScreen({ managed: false });
  const { meter, said } = countOn(screen.display);
  using _meter = meter;
  await until(() => meter.read() !== undefined);
  screen.kill();
  await until(() => said.length > 0);
  expect(said[0]).toMatchObject({ msg: 'input is not counted on this screen' });
});
