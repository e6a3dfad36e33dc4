import type { Log } from '@anyseat/base';
import type { Effect, ViewerNews } from '../common/seat.ts';
import type { Viewer, ViewerRun } from './viewer/viewer.ts';

/** The one place on the screen: at most one viewer, and the next only when the one before is off it. */
export class ViewerSlot implements AsyncDisposable {
  readonly #viewer: Viewer;
  readonly #log: Log;
  readonly #hear: (run: string, news: ViewerNews) => void;
  #wanted: string | undefined;
  #showing: ViewerRun | undefined;
  #over: Promise<void>;

  /** @param ready what has to be on the screen before the first viewer, which stands above what was there before it */
  constructor(
    viewer: Viewer,
    log: Log,
    hear: (run: string, news: ViewerNews) => void,
    ready: Promise<void> = Promise.resolve(),
  ) {
    this.#viewer = viewer;
    this.#log = log;
    this.#hear = hear;
    this.#over = ready;
  }

  /** Shows this desktop, once whatever was there is gone; not at all if it is no longer wanted by then. */
  open({ run, display, viewer, session }: Extract<Effect, { do: 'open' }>): void {
    this.allow(run);
    this.#over = this.#over.then(async () => {
      if (this.#wanted !== run) return;
      this.#log.info({ session: session.id, desktop: session.desktop.name }, 'the viewer starts');
      this.#showing = this.#viewer.show(
        display,
        session.desktop.name,
        (news) => this.#hear(run, news),
        viewer,
      );
      await this.#showing.over;
      this.#showing = undefined;
    });
  }

  /** Only this run may be on the screen; any other is taken off. */
  allow(run: string | undefined): void {
    if (this.#wanted === run) return;
    this.#wanted = run;
    this.#showing?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.allow(undefined);
    await this.#over;
  }
}
