import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, SECOND, spawnTied, type Clock, type Log } from '@anyseat/base';
import type { Display, ViewerSettings } from '@anyseat/protocol';
import { vvFile } from '@anyseat/spice';
import type { ViewerNews } from '../../common/seat.ts';
import { emptyStory, readViewerLine, viewerEndOf } from '../../common/viewerLines.ts';
import { ownFolder } from '../atomicFile.ts';
import type { Front } from './front.ts';
import { LET_GO_KEYS } from './letGo.ts';
import { Lines } from './lines.ts';
import type { LineWatch } from './lineWatch.ts';
import type { Viewer, ViewerRun } from './viewer.ts';

export interface RemoteViewerOptions {
  command: string;
  mode: 'kiosk' | 'window';
  connectMs: number;
  /** For its settings; see `agent.yaml`. */
  runDir: string;
  environment: NodeJS.ProcessEnv;
  /** Keeps the window in front in kiosk mode, from the picture on. */
  front?: Front;
  /** Finds out that an open desktop has gone silent. */
  watch?: LineWatch;
  clock: Clock;
  log: Log;
}

/** The main channel is gone before it opened: the reason may still be on its way on the other stream. */
const REASON_WITHIN_MS = 250;
/** The main channel is gone after it was open: the viewer ends by itself, or a migration brings a new channel. */
const ENDS_WITHIN_MS = 3 * SECOND;
const STOPS_WITHIN_MS = 1.5 * SECOND;
/** After the process is over its last lines come at once, unless a grandchild holds the streams open. */
const LAST_LINES_WITHIN_MS = 300;
const TAIL = 12;

/**
 * `remote-viewer` (virt-viewer 11), which answers a wrong ticket, a wrong certificate and a closed port with a dialog of
 * its own, in kiosk mode too, and waits for ever for a host that says nothing. So its lines are read, it is killed at
 * the first line of a failure, and after `connectMs` in any case. The connection goes in on standard input: no ticket
 * on the disk, none in `ps`. It dies with the agent.
 */
export class RemoteViewer implements Viewer {
  readonly #options: RemoteViewerOptions;

  constructor(options: RemoteViewerOptions) {
    this.#options = options;
  }

  show(
    display: Display,
    title: string,
    hear: (news: ViewerNews) => void,
    settings: ViewerSettings = {},
  ): ViewerRun {
    let vv: string;
    try {
      vv = vvFile(display, { title, usb: settings.usb === true, releaseCursor: LET_GO_KEYS });
    } catch (error) {
      this.#options.log.error({ why: messageOf(error) }, 'the hub granted a desktop that cannot be shown');
      return {
        over: Promise.resolve().then(() => hear({ state: 'ended', end: 'unreachable' })),
        stop: () => {},
      };
    }
    return new Run(vv, display, settings, this.#options, hear);
  }
}

class Run implements ViewerRun {
  readonly over: Promise<void>;
  readonly #options: RemoteViewerOptions;
  readonly #hear: (news: ViewerNews) => void;
  readonly #child: ChildProcess;
  readonly #startedAt: number;
  readonly #timers = new DisposableStack();
  readonly #tail: string[] = [];
  readonly #display: Display;
  readonly #ticket: string | undefined;
  #story = emptyStory;
  #stopped = false;
  #late = false;
  #silent = false;
  #doom: Disposable | undefined;

  constructor(
    vv: string,
    display: Display,
    settings: ViewerSettings,
    options: RemoteViewerOptions,
    hear: (news: ViewerNews) => void,
  ) {
    this.#options = options;
    this.#hear = hear;
    this.#display = display;
    this.#ticket = display.password;
    this.#startedAt = options.clock.monotonic();
    const kiosk = options.mode === 'kiosk' ? ['--kiosk', '--kiosk-quit=on-disconnect'] : [];
    const silent = settings.audio === false ? ['--spice-disable-audio'] : [];
    this.#child = spawnTied(options.command, ['--debug', ...kiosk, ...silent, '-'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...options.environment,
        LC_ALL: 'C.UTF-8',
        XDG_CONFIG_HOME: settingsFolder(options.runDir, settings),
      },
    });
    // A viewer that ends before it has read all is told by its end.
    this.#child.stdin?.on('error', () => {});
    this.#child.stdin?.end(vv);
    this.#child.once('spawn', () => hear({ state: 'connecting' }));
    this.#timers.use(
      options.clock.after(options.connectMs, () => {
        if (this.#story.opened) return;
        this.#late = true;
        this.#kill();
      }),
    );
    this.over = this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#child.kill('SIGTERM');
    this.#killAfter(STOPS_WITHIN_MS);
  }

  async #follow(): Promise<void> {
    const { promise: exited, resolve } = Promise.withResolvers<{
      code: number | null;
      signal: string | null;
    }>();
    const streams = [this.#child.stdout, this.#child.stderr].map((stream) => this.#read(stream));
    this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    // It could not be started at all; `exit` does not come then.
    this.#child.once('error', () => resolve({ code: 127, signal: null }));
    const how = await exited;
    const { promise: patience, resolve: impatient } = Promise.withResolvers<void>();
    this.#timers.use(this.#options.clock.after(LAST_LINES_WITHIN_MS, impatient));
    await Promise.race([Promise.all(streams), patience]);
    this.#timers.dispose();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    const end = viewerEndOf(this.#story, {
      ...how,
      stopped: this.#stopped,
      late: this.#late,
      silent: this.#silent,
    });
    const fine = end === 'stopped-by-agent' || end === 'closed-by-person';
    this.#options.log[fine ? 'info' : 'warn'](
      { end, ...how, ...(fine ? {} : { said: this.#tail }) },
      'the viewer ended',
    );
    this.#hear({ state: 'ended', end });
  }

  /** Resolves when the stream is over. */
  #read(stream: Readable | null): Promise<void> {
    const lines = new Lines((line) => this.#onLine(line));
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => lines.push(text));
    return new Promise((resolve) => {
      stream?.once('close', () => {
        lines.end();
        resolve();
      });
      if (!stream) resolve();
    });
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    this.#tail.push(this.#ticket ? line.replaceAll(this.#ticket, '[secret]') : line);
    if (this.#tail.length > TAIL) this.#tail.shift();
    const before = this.#story;
    this.#story = readViewerLine(before, line);
    if (this.#story.opened && !before.opened) this.#onOpened();
    if (this.#story.failure) this.#kill();
    else if (this.#story.gone !== before.gone) this.#onGone(this.#story.gone);
  }

  #onOpened(): void {
    const tookMs = Math.round(this.#options.clock.monotonic() - this.#startedAt);
    this.#options.log.info({ tookMs }, 'the desktop is on the screen');
    const { front, mode } = this.#options;
    // The page says "open" behind it; whatever comes in front of it now keeps a person from their work.
    if (mode === 'kiosk' && front && !this.#timers.disposed) this.#timers.use(front.keep(this.#child.pid!));
    this.#watch();
    this.#hear({ state: 'connected', tookMs });
  }

  #watch(): void {
    const { watch } = this.#options;
    if (!watch || this.#timers.disposed) return;
    this.#timers.use(
      watch.watch(this.#display, () => {
        this.#silent = true;
        this.#kill();
      }),
    );
  }

  #onGone(gone: boolean): void {
    this.#doom?.[Symbol.dispose]();
    if (gone) this.#doom = this.#killAfter(this.#story.opened ? ENDS_WITHIN_MS : REASON_WITHIN_MS);
  }

  #killAfter(ms: number): Disposable | undefined {
    if (this.#timers.disposed) return undefined;
    return this.#timers.use(this.#options.clock.after(ms, () => this.#kill()));
  }

  #kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Closing the window asks nothing; around a picture of another shape it is black, not the grey of dialogs. */
const settingsFiles = (settings: ViewerSettings): Readonly<Record<string, string>> => ({
  'virt-viewer/settings': settingsText(settings),
  'gtk-3.0/gtk.css': 'notebook, notebook > stack, notebook > stack > * { background: #000; }\n',
});

/**
 * virt-viewer(1), "CONFIGURATION": a mapping that names a screen that is not there is not taken, and the desktop is on all
 * there are.
 */
export function settingsText({ monitors, clipboard }: ViewerSettings): string {
  const shares = clipboard === undefined ? [] : [`share-clipboard=${clipboard}`];
  const screens = Array.from({ length: monitors ?? 0 }, (_, i) => `${i + 1}:${i + 1}`);
  const mapping = screens.length === 0 ? [] : ['[fallback]', `monitor-mapping=${screens.join(';')}`];
  return ['[virt-viewer]', 'ask-quit=false', ...shares, ...mapping, ''].join('\n');
}

/** A configuration folder of its own: nothing that a person changed in an earlier session counts. */
function settingsFolder(runDir: string, settings: ViewerSettings): string {
  const folder = join(ownFolder(runDir), 'viewer');
  for (const [name, content] of Object.entries(settingsFiles(settings))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return folder;
}
