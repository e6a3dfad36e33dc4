import type { PageState } from '../../common/bridge.ts';

/** Over the channel between the agent and the Electron that it started (child_process IPC). */
export type ToElectron = { type: 'state'; state: PageState };
export type FromElectron =
  /** As the page said it; the agent checks it. */
  | { type: 'intent'; intent: unknown }
  /** A page was loaded and listens; it wants the present state. */
  | { type: 'hello' }
  /** The page is gone. */
  | { type: 'gone' };

/** Channels between Electron's main process and its page; preload.cts has them by heart. */
export const STATE_CHANNEL = 'anyseat:state';
export const INTENT_CHANNEL = 'anyseat:intent';
export const HELLO_CHANNEL = 'anyseat:hello';

export const PAGE_SCHEME = 'anyseat';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://page`;
