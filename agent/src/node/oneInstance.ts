import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { Fault } from '@anyseat/base';
import { ownFolder } from './atomicFile.ts';

/**
 * Holds this box for one agent: two with one key would push each other off the hub in turn. The lock is a name in the
 * kernel (an abstract Unix socket, unix(7)), which is free again the moment its holder dies, however it dies.
 *
 * @throws Fault `already-running` (terminal)
 */
export async function holdBox(stateDir: string): Promise<AsyncDisposable> {
  const path = realpathSync(ownFolder(stateDir));
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(`\0anyseat-agent-${name}`, resolve);
  }).catch((cause: unknown) => {
    throw new Fault('already-running', 'terminal', `another agent runs with the state in ${path}`, { cause });
  });
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}
