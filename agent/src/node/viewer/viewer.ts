import type { Display, ViewerSettings } from '@anyseat/protocol';
import type { ViewerNews } from '../../common/seat.ts';

/** What shows a desktop on the screen. One adapter a program; another protocol is another adapter. */
export interface Viewer {
  /**
   * Shows a desktop. Never throws: whatever goes wrong is told as its end.
   *
   * @param title for window lists and scripts; the desktop's name
   * @param hear called with `connecting`, then `connected` at most once, and exactly once, last, with `ended`
   * @param settings what of the seat the desktop is given
   */
  show(
    display: Display,
    title: string,
    hear: (news: ViewerNews) => void,
    settings?: ViewerSettings,
  ): ViewerRun;
}

export interface ViewerRun {
  /** Resolves when nothing of it is on the screen any more, after `ended` was told. */
  readonly over: Promise<void>;
  /** Takes it off the screen. */
  stop(): void;
}
