import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '@anyseat/base';
import { root } from '../../../installer/src/commands.ts';
import { freePort } from '../../../installer/src/freePort.ts';
import { ServerProcess } from './serverProcess.ts';

const STAND_WITHIN_MS = 120_000;

export interface HubOptions {
  /** Its state is in `state` there. */
  folder: string;
  tls: boolean;
  directories?: readonly unknown[];
  clouds?: Record<string, unknown>;
  nodeArgs?: readonly string[];
  standingLinks?: { most: number; perSecond: number };
  /** Where it tells its metrics; any free one without it. */
  watchPort?: number;
  /** Where it listens; any free one without it. */
  port?: number;
}
/** The hub as its users start it, on loopback: a process that logs to a file, at its usual level. */
export async function startHub(options: HubOptions): Promise<ServerProcess> {
  const { folder, tls } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'hub.yaml');
  writeFileSync(
    config,
    stringify({
      name: 'bench-hub',
      stateDir: join(folder, 'state'),
      listen: { host: '127.0.0.1', port, tls: tls ? 'self-signed' : 'off' },
      operator: {
        socket: join(folder, 'hub.sock'),
        watch: { port: options.watchPort ?? 0 },
        console: 'off',
      },
      ...(options.standingLinks ? { standingLinks: options.standingLinks } : {}),
      clouds: options.clouds ?? {},
      directories: options.directories ?? [],
    }),
  );
  return new ServerProcess({
    port,
    args: [join(root, 'hub/src/main.ts'), '--config', config],
    nodeArgs: options.nodeArgs ?? [],
    logFile: join(folder, 'hub.log'),
  });
}

/** Waits until the hub tells that so many links stand. */
export async function untilLinksStand(watchPort: number, count: number): Promise<void> {
  const until = systemClock.monotonic() + STAND_WITHIN_MS;
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${watchPort}/metrics`)).text();
    const stand = Number(/^anyseat_standing_links (\d+)$/m.exec(text)?.[1] ?? 0);
    if (stand === count) return;
    if (systemClock.monotonic() > until) throw new Error(`${stand} of ${count} links stand`);
    await systemClock.sleep(250);
  }
}

export const hubUrl = (hub: ServerProcess, tls: boolean): string =>
  `${tls ? 'wss' : 'ws'}://127.0.0.1:${hub.port}`;
