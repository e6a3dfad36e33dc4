import type { Picture } from './picture.ts';

/** A screen with somebody before it: what a robot does on it, and sees. */
export interface Screen extends AsyncDisposable {
  /** `:7` */
  readonly display: string;
  look(): Promise<Picture>;
  /** In shares of the screen. */
  move(x: number, y: number): void;
  /** Presses the first button where the pointer is, and lets go. */
  click(): void;
  /**
   * Presses one letter, or a named key.
   *
   * @throws Fault `robot-no-key` (terminal)
   */
  press(key: { letter: string } | { name: string }): void;
}
