import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import x11, { type Screens } from 'x11';

/**
 * Connects to an X server of this machine. Questions that are open when it goes are never answered.
 *
 * @param display `:0`
 * @param onLost the server is gone, or talks nonsense; nothing happens after that
 * @throws Error (rejects) when it is none of this machine, or cannot be reached
 */
export async function openX11(display: string, onLost: (error?: Error) => void): Promise<Screens> {
  checkLocal(display);
  checkAuthority();
  return new Promise((resolve, reject) => {
    const client = x11.createClient({ display, shm: false, disableBigRequests: true }, (error, screens) => {
      if (error) reject(error);
      else resolve(screens);
    });
    client.on('error', (error: Error) => onLost(error));
    client.on('end', () => onLost());
  });
}

/** Where there is no socket, x11 tries TCP, and throws where nobody can catch it when the number makes no port (its xcore.js). */
function checkLocal(display: string): void {
  const number = /^:(\d+)(?:\.\d+)?$/.exec(display)?.[1];
  if (number === undefined) throw new Error(`${display} is no screen of this machine`);
  if (!existsSync(`/tmp/.X11-unix/X${number}`)) throw new Error(`there is no X server ${display}`);
}

/** x11 throws where nobody can catch it when this file is there and cannot be read (its handshake.js, `withCookie`). */
function checkAuthority(): void {
  const file = process.env['XAUTHORITY'] || join(homedir(), '.Xauthority');
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!statSync(file).isFile()) throw new Error(`${file} is not a file`);
}
