import { SECOND, type Clock } from '@anyseat/base';

/** A browser that is not up by then keeps nobody from their desktop. */
const PATIENCE_MS = 5 * SECOND;

/**
 * When the login page is on the screen for the first time. Two windows that fill the screen lie in the order in which they
 * came: an agent that takes up a session at its start must let the page come before the viewer (seen: after an agent was
 * killed under a session, the page lay above the desktop one time in four).
 */
export class FirstPage {
  /** Resolves once a page is connected, when there will be none, or when patience is over. */
  readonly up: Promise<void>;
  readonly #resolve: () => void;

  constructor(expected: boolean, clock: Clock) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.up = promise;
    this.#resolve = resolve;
    if (!expected) resolve();
    else clock.after(PATIENCE_MS, resolve);
  }

  /** So many pages are connected now. */
  count(pages: number): void {
    if (pages > 0) this.#resolve();
  }
}
