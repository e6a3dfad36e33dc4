/** Keeps the windows of a program in front of all others, on the screen that the agent stands on. */
export interface Front {
  /**
   * Brings the windows of this process in front, and back there whenever another window became the active one, until disposed.
   * Of several that are kept the last one is in front, and one that is kept `above` before all that are not. Never throws:
   * where a screen cannot be arranged, nothing is done.
   */
  keep(pid: number, above?: 'above'): Disposable;
}
