import x11, { type Client } from 'x11';
import { openX11 } from './openX11.ts';

/** The windows of a screen, as its window manager tells them on the root window (EWMH 1.5). */
export interface Windows extends Disposable {
  /** The one that has the keyboard; 0: none. */
  active(): Promise<number>;
  /** All, the lowest first. */
  stacked(): Promise<number[]>;
  /** The process that opened it, as that says itself; undefined: it does not, or the window is gone. */
  pidOf(window: number): Promise<number | undefined>;
  /** Asks the window manager to bring it in front and to give it the keyboard, as a pager asks. */
  activate(window: number): void;
}

/** EWMH "source indication": a pager acts for a person, so no manager holds the request for a stolen focus. */
const FROM_PAGER = 2;
const NAMES = ['_NET_SUPPORTED', '_NET_ACTIVE_WINDOW', '_NET_CLIENT_LIST_STACKING', '_NET_WM_PID'] as const;

/**
 * Connects to an X server. Questions that are open when it goes are never answered.
 *
 * @param display `:0`
 * @param onChange another window is active, or they stand in another order; also something else of the root changed
 * @param onLost the server is gone, or talks nonsense; nothing happens after that
 * @throws Error (rejects) when it is none of this machine, cannot be reached, or has no window manager that tells the active window
 */
export async function openWindows(
  display: string,
  onChange: () => void,
  onLost: (error?: Error) => void,
): Promise<Windows> {
  const { client, screen } = await openX11(display, onLost);
  const { root } = screen[0];
  try {
    const atoms = await Promise.all(NAMES.map((name) => atomOf(client, name)));
    const [supported, active, stacking, pid] = atoms as [number, number, number, number];
    const words = (window: number, property: number) => wordsOf(client, window, property);
    if (!(await words(root, supported)).includes(active))
      throw new Error('no window manager tells the active window');
    client.on('event', onChange);
    client.ChangeWindowAttributes(root, { eventMask: x11.eventMask.PropertyChange });
    return {
      active: async () => (await words(root, active))[0] ?? 0,
      stacked: () => words(root, stacking),
      pidOf: async (window) => (await words(window, pid))[0],
      activate: (window) => client.SendClientMessage(root, window, active, 32, [FROM_PAGER, 0, 0, 0, 0]),
      [Symbol.dispose]: () => client.stream?.destroy(),
    };
  } catch (error) {
    client.stream?.destroy();
    throw error;
  }
}

function atomOf(client: Client, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    client.InternAtom(false, name, (error, atom) => {
      if (error) reject(error);
      else resolve(atom);
      return true;
    });
  });
}

/** A property that is a list of numbers; empty where there is none, and of a window that is gone. */
function wordsOf(client: Client, window: number, property: number): Promise<number[]> {
  return new Promise((resolve) => {
    client.GetProperty(0, window, property, 0, 0, 1024, (error, value) => {
      if (error || value.format !== 32) resolve([]);
      else resolve(Array.from({ length: value.data.length / 4 }, (_, n) => value.data.readUInt32LE(n * 4)));
      return true;
    });
  });
}
