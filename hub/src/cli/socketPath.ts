import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from './terminal.ts';

export const SYSTEM_SOCKET = '/run/anyseat/hub.sock';
/** Where `npm start` has it, below the clone. */
export const CLONE_SOCKET = join('var', 'hub', 'hub.sock');

/** The hub's socket: as said, else ANYSEAT_SOCKET, else the one of `npm start` here, else the system's. */
export function socketPath(said: string | undefined, { env, cwd }: Pick<Terminal, 'env' | 'cwd'>): string {
  if (said !== undefined && said !== '') return said;
  const own = env['ANYSEAT_SOCKET'];
  if (own !== undefined && own !== '') return own;
  const here = join(cwd, CLONE_SOCKET);
  return existsSync(here) ? here : SYSTEM_SOCKET;
}
