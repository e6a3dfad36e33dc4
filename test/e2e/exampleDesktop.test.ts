import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';
import { buildGuest, root } from '@anyseat/installer';
import { expect, test } from 'vitest';

const QEMU = '/usr/bin/qemu-system-x86_64';
/** The background of the guest's screen, which is nowhere on a BIOS's. */
const BLUE = Buffer.of(0, 0, 0xa8);

test('the example desktop shows its name, echoes keys, keeps still meanwhile, and minds the power button', async (ctx) => {
  if (!existsSync(QEMU)) {
    ctx.skip('qemu-system-x86 is not installed');
    return;
  }
  const guest = await buildGuest({ into: `${root}var/guest` });
  if ('missing' in guest) {
    ctx.skip(guest.missing);
    return;
  }
  await using desktop = startDesktop(guest.kernel, guest.initrd, 'anyseat.name=travel-07');

  const fresh = await desktop.screenWhen((screen) => screen.ink > 5000 && screen.isBlue);
  // As long as a viewer would look at it: no blinking cursor, no clock, no late word of the kernel.
  await systemClock.sleep(1500);
  expect((await desktop.screen()).picture.equals(fresh.picture)).toBe(true);

  await desktop.type('hallo');
  const typed = await desktop.screenWhen((screen) => screen.ink > fresh.ink + 60);
  await desktop.type('\n');
  // The answer says the word again, and a new prompt stands below it.
  await desktop.screenWhen((screen) => screen.ink > typed.ink + 300);

  await desktop.command('system_powerdown');
  expect(await desktop.over).toEqual({ code: 0, signal: null });
});

interface Screen {
  picture: Buffer;
  /** Pixels that are not background. */
  ink: number;
  isBlue: boolean;
}

function startDesktop(kernel: string, initrd: string, append: string) {
  const directory = mkdtempSync(join(tmpdir(), 'anyseat-desktop-'));
  const child = spawnTied(
    QEMU,
    [
      '-machine pc,accel=tcg -cpu qemu64 -m 96 -nodefaults -no-user-config -device qxl-vga -display none'.split(
        ' ',
      ),
      ['-kernel', kernel, '-initrd', initrd, '-append', append, '-qmp', 'stdio'],
    ].flat(),
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers: (() => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const message = JSON.parse(line) as { return?: unknown; error?: unknown };
    if (message.return !== undefined || message.error !== undefined) answers.shift()?.();
  });
  const command = (execute: string, args: object = {}) =>
    new Promise<void>((resolve) => {
      answers.push(resolve);
      child.stdin!.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  const ready = command('qmp_capabilities');

  const screen = async (): Promise<Screen> => {
    await ready;
    const filename = join(directory, 'screen.ppm');
    await command('screendump', { filename });
    const picture = readFileSync(filename).subarray(15);
    let ink = 0;
    for (let at = 0; at + 3 <= picture.length; at += 3) {
      if (!picture.subarray(at, at + 3).equals(BLUE)) ink++;
    }
    return { picture, ink, isBlue: picture.subarray(-3).equals(BLUE) };
  };
  return {
    command,
    screen,
    over: ended(child),
    /** The first screen that is as wanted, and drawn to its end: the next one is the same. */
    async screenWhen(holds: (screen: Screen) => boolean): Promise<Screen> {
      let before: Screen | undefined;
      for (let i = 0; i < 300; i++) {
        const now = await screen();
        if (holds(now) && before?.picture.equals(now.picture)) return now;
        before = now;
        await systemClock.sleep(100);
      }
      throw new Error('waited half a minute in vain for the screen');
    },
    async type(text: string): Promise<void> {
      for (const char of text) {
        await command('send-key', { keys: [{ type: 'qcode', data: char === '\n' ? 'ret' : char }] });
        // QEMU holds a key down for 100 ms, and takes the next one afterwards.
        await systemClock.sleep(120);
      }
    },
    async [Symbol.asyncDispose]() {
      await stopChild(child);
      rmSync(directory, { recursive: true });
    },
  };
}
