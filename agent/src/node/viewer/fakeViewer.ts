import type { Display, ViewerEnd, ViewerSettings } from '@anyseat/protocol';
import type { ViewerNews } from '../../common/seat.ts';
import type { Viewer, ViewerRun } from './viewer.ts';

/**
 * A viewer without a screen, for tests and for headless agents in great number: it connects at once (or when told) and
 * ends when told or stopped.
 */
export class FakeViewer implements Viewer {
  /** Every desktop that was ever shown, in order. */
  readonly shown: FakeRun[] = [];
  /** Whether a desktop has its picture as soon as it is shown. */
  connects = true;

  show(
    display: Display,
    title: string,
    hear: (news: ViewerNews) => void,
    settings?: ViewerSettings,
  ): FakeRun {
    const run = new FakeRun(display, title, hear, settings);
    this.shown.push(run);
    if (this.connects) run.connect();
    return run;
  }

  /** What is on the screen now. */
  get current(): FakeRun | undefined {
    return this.shown.findLast((run) => !run.isOver);
  }
}

export class FakeRun implements ViewerRun {
  readonly display: Display;
  readonly title: string;
  readonly settings: ViewerSettings | undefined;
  readonly over: Promise<void>;
  isOver = false;
  readonly #hear: (news: ViewerNews) => void;
  readonly #end: () => void;

  constructor(
    display: Display,
    title: string,
    hear: (news: ViewerNews) => void,
    settings: ViewerSettings | undefined,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.display = display;
    this.title = title;
    this.settings = settings;
    this.over = promise;
    this.#end = resolve;
    this.#hear = hear;
    hear({ state: 'connecting' });
  }

  connect(tookMs = 1): void {
    this.#hear({ state: 'connected', tookMs });
  }

  end(end: ViewerEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#hear({ state: 'ended', end });
    this.#end();
  }

  stop(): void {
    this.end('stopped-by-agent');
  }
}
