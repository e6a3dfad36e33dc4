import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { root } from '../../../installer/src/commands.ts';
import { freePort, ServerProcess } from './serverProcess.ts';

export interface HubOptions {
  /** Its state is in `state` there. */
  folder: string;
  tls: boolean;
  directories?: readonly unknown[];
  clouds?: Record<string, unknown>;
  nodeArgs?: readonly string[];
}

/** The hub as its users start it, on loopback: a process that logs to a file, at its usual level. */
export async function startHub(options: HubOptions): Promise<ServerProcess> {
  const { folder, tls } = options;
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'hub.yaml');
  writeFileSync(
    config,
    stringify({
      name: 'bench-hub',
      stateDir: join(folder, 'state'),
      listen: { host: '127.0.0.1', port, tls: tls ? 'self-signed' : 'off' },
      operator: { socket: join(folder, 'hub.sock'), watch: { port: 0 } },
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

export const hubUrl = (hub: ServerProcess, tls: boolean): string =>
  `${tls ? 'wss' : 'ws'}://127.0.0.1:${hub.port}`;
