import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openLog } from '@anyseat/base';
import { openScreen, screenMissing } from '../viewer/screen.fixture.ts';
import { until } from '../waiting.fixture.ts';
import { hearMenuKey } from './menuKey.ts';

const run = promisify(execFile);
const missing = existsSync('/usr/bin/xdotool') ? screenMissing : 'xdotool is not installed';

test('the chord is heard, and other keys open nothing', async (context) => {
  if (missing) context.skip(missing);
  await using screen = await openScreen({ managed: false });
  const environment = { ...process.env, DISPLAY: screen.display };
  let opened = 0;
  using _heard = hearMenuKey(
    { environment, log: openLog({ name: 'menu', level: 'silent' }) },
    () => opened++,
  );
  const press = (...keys: string[]) =>
    run(
      'xdotool',
      keys.flatMap((key) => ['key', key]),
      { env: environment },
    );
  const isHeard = () => opened > 0;
  while (!isHeard()) {
    await press('ctrl+alt+Home');
    // One that came before it listened is lost; one that is heard is not late by as much.
    await until(isHeard, 3000).catch(() => undefined);
  }
  const before = opened;
  await press('Home', 'ctrl+Home', 'alt+Home', 'a', 'ctrl+alt+Delete', 'ctrl+alt+Home');
  await until(() => opened > before);
  expect(opened).toBe(before + 1);
});

test('without a screen the chord opens nothing, and that is said', async () => {
  const lines: { why?: string }[] = [];
  const log = openLog({
    name: 'menu',
    destination: { write: (line) => lines.push(JSON.parse(line) as object) },
  });
  using _heard = hearMenuKey({ environment: {}, log }, () => undefined);
  await until(() => lines.length > 0);
  expect(lines).toMatchObject([{ why: 'there is no X screen' }]);
});
