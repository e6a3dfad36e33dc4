import { join } from 'node:path';
import { freePort } from '../../../installer/src/freePort.ts';
import { ServerProcess } from './serverProcess.ts';

/** The floor of whatever has to do with connections; plain without a certificate. Its log goes to `folder`, its port is any free one. */
export async function startBareServer(
  folder: string,
  tls?: { certFile: string; keyFile: string },
  at?: number,
): Promise<ServerProcess> {
  const port = at ?? (await freePort());
  const file = join(import.meta.dirname, 'bareServerProgram.ts');
  const own = tls ? ['--cert', tls.certFile, '--key', tls.keyFile] : [];
  return new ServerProcess({
    port,
    args: [file, '--port', String(port), ...own],
    logFile: join(folder, 'bare.log'),
  });
}
