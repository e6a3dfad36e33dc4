import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { ViewerSettings } from '@anyseat/protocol';
import type { ViewerNews } from '../../common/seat.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import { RemoteViewer } from './remoteViewer.ts';
import { openScreen, qemuMissing, screenMissing, startDesktop, type TestScreen } from './screen.fixture.ts';

/** SPICE's numbers of channels (spice-protocol, enums.h). */
const SOUND = 5;
const USB = 9;
const missing = screenMissing ?? qemuMissing;

let folder: string;
let screen: TestScreen | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-given-'));
  if (!missing) screen = await openScreen();
});
afterAll(async () => {
  await screen?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

/** The channels that QEMU has open, as it says itself (QMP, query-spice). */
async function channels(socketPath: string): Promise<Set<number>> {
  const socket = connect(socketPath);
  using _ = { [Symbol.dispose]: () => socket.destroy() };
  for (const execute of ['qmp_capabilities', 'query-spice']) socket.write(JSON.stringify({ execute }));
  for await (const line of createInterface({ input: socket })) {
    const { return: answer } = JSON.parse(line) as { return?: { channels?: { 'channel-type': number }[] } };
    if (answer && 'enabled' in answer)
      return new Set((answer.channels ?? []).map((channel) => channel['channel-type']));
  }
  throw new Error('QEMU hung up');
}

const DEVICES = [
  '-audiodev spice,id=sound -device intel-hda -device hda-duplex,audiodev=sound',
  '-device qemu-xhci -chardev spicevmc,name=usbredir,id=usb -device usb-redir,chardev=usb',
];

const cases: [what: string, settings: ViewerSettings, has: number[]][] = [
  ['sound and no USB device, as long as nothing is said', {}, [SOUND]],
  ['no sound where it is switched off', { audio: false }, []],
  ['USB devices where they are asked for', { usb: true, audio: true, monitors: 1 }, [SOUND, USB]],
];
for (const [what, settings, has] of cases)
  test(`a desktop is given ${what}`, { timeout: 60_000 }, (context) => {
    if (missing) context.skip(missing);
    return given(settings, has);
  });

async function given(settings: ViewerSettings, has: readonly number[]): Promise<void> {
  const qmp = join(folder, 'qmp');
  await using desktop = await startDesktop(undefined, [
    ...DEVICES.flatMap((some) => some.split(' ')),
    '-qmp',
    `unix:${qmp},server=on,wait=off`,
  ]);
  const viewer = new RemoteViewer({
    command: 'remote-viewer',
    mode: 'kiosk',
    connectMs: 20_000,
    runDir: folder,
    environment: { ...process.env, DISPLAY: screen!.display },
    clock: systemClock,
    log: silentLog,
  });
  const inbox = new Inbox<ViewerNews>();
  const run = viewer.show(
    { kind: 'spice', host: '127.0.0.1', port: desktop.port },
    'seat-00001',
    (news) => inbox.put(news),
    settings,
  );
  try {
    await inbox.take((news) => news.state === 'connected', 'the picture');
    // Inputs and cursor (3, 4) are asked for with the rest, when the main channel has told which there are.
    let seen = new Set<number>();
    await until(async () => {
      seen = await channels(qmp);
      return [1, 2, 3, 4, ...has].every((one) => seen.has(one));
    });
    expect([SOUND, USB].filter((one) => seen.has(one))).toEqual(has);
  } finally {
    run.stop();
    await run.over;
  }
}
