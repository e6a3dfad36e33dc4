import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';
import { bareLink } from './bareLink.ts';
import type { SpiceEndpoint } from './endpoint.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';

/** Why no QEMU can be started here; `undefined` when it can. */
export const qemuMissing = existsSync(QEMU) ? undefined : 'qemu-system-x86 is not installed';

/** A QEMU without a disk ("No bootable device" idles), with `spice` added to its `-spice` option. */
export async function startQemu(options: {
  args?: readonly string[];
  spice: (ports: { plain: number; tls: number }) => string;
  endpoint: (ports: { plain: number; tls: number }) => SpiceEndpoint;
}): Promise<SpiceEndpoint & AsyncDisposable> {
  const ports = { plain: await freePort(), tls: await freePort() };
  const child = spawnTied(
    QEMU,
    [
      '-machine pc,accel=tcg -cpu qemu64 -m 32 -nodefaults -no-user-config -device qxl-vga -display none'.split(
        ' ',
      ),
      ['-spice', `addr=127.0.0.1,${options.spice(ports)}`],
      options.args ?? [],
    ].flat(),
    { stdio: 'ignore' },
  );
  const stop = () => stopChild(child);
  const endpoint = options.endpoint(ports);
  const over = ended(child).then(() => 'over' as const);
  for (;;) {
    const { outcome } = await bareLink(endpoint);
    if (outcome !== 'unreachable') break;
    if ((await Promise.race([over, systemClock.sleep(25)])) === 'over') throw new Error('QEMU ended at once');
  }
  return { ...endpoint, [Symbol.asyncDispose]: stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
