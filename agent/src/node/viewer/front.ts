/** Keeps the windows of a program in front of all others, on the screen that the agent stands on. */
export interface Front {
  /**
   * Brings the windows of this process in front, and back there whenever another window became the active one, until disposed.
   * Whoever wants the page in front disposes this first. Never throws: where a screen cannot be arranged, nothing is done.
   */
  keep(pid: number): Disposable;
}
