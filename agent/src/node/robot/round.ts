import { isFault, messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import type { Grant } from '@anyseat/protocol';
import { catalogue } from '@anyseat/words';
import type { PageState } from '../../common/bridge.ts';
import type { AnswerFrame } from '../../common/seat.ts';
import { Core } from '../core.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { boundOf, doSteps, untilPicture, untilRest, type Echo } from './echo.ts';
import { inWords, resultOf, type Report } from './report.ts';
import type { Scenario } from './scenario.ts';
import type { Screen } from './screen.ts';
import { failed, Stages, type Why } from './stages.ts';

export interface RobotDeps {
  clock: Clock;
  log: Log;
  version: string;
  password: string;
  /** Opens where the desktop is shown. */
  openScreen: (signal: AbortSignal) => Promise<Screen>;
  /** What shows it there. */
  viewerOn: (screen: Screen) => Viewer;
  /** Somebody ends the round. */
  stop: AbortSignal;
}

/**
 * One round: logs in, waits for the desktop, proves by a picture that it answers a key, and logs off. Whatever goes wrong is
 * in the report. A session that was granted is logged off in any case, as far as there is a hub to tell.
 */
export async function runRound(scenario: Scenario, deps: RobotDeps): Promise<Report> {
  const { clock, log } = deps;
  const startedAt = clock.now();
  const from = clock.monotonic();
  const stages = new Stages(clock, scenario, deps.stop);
  const round = new Round(scenario, deps, stages);
  let why: Why | undefined;
  try {
    await round.run();
  } catch (error) {
    why = whyOf(error);
    log.warn({ ...why, cause: messageOf(error) }, 'the round failed');
  }
  const stage = stages.done.at(-1)?.name;
  return {
    robot: 1,
    result: resultOf(stages.done, why),
    ...(why && stage ? { stage } : {}),
    ...(why ? inWords(why, { language: scenario.language, now: startedAt }) : {}),
    startedAt,
    tookMs: Math.round(clock.monotonic() - from),
    user: scenario.user,
    ...round.seen,
    stages: stages.done,
  };
}

/** A code that the catalogue knows says why; anything else is a fault of the robot's own. */
function whyOf(error: unknown): Why {
  if (isFault(error) && error.code in catalogue) return { code: error.code, fields: error.fields };
  return { code: 'robot-bug', fields: { why: messageOf(error) } };
}

class Round {
  readonly #scenario: Scenario;
  readonly #deps: RobotDeps;
  readonly #stages: Stages;
  /** For the report. */
  seen: Partial<Report> = {};
  #core!: Core;
  readonly #hearers = new Set<(frame: AnswerFrame) => void>();

  constructor(scenario: Scenario, deps: RobotDeps, stages: Stages) {
    this.#scenario = scenario;
    this.#deps = deps;
    this.#stages = stages;
  }

  async run(): Promise<void> {
    const { clock, log, version } = this.#deps;
    await using opened = new AsyncDisposableStack();
    const screen = opened.use(await this.#openScreen());
    this.#core = opened.use(
      new Core({
        config: this.#scenario,
        viewer: this.#deps.viewerOn(screen),
        hear: (frame) => this.#hear(frame),
        clock,
        log,
        version,
      }),
    );
    await this.#greet();
    try {
      await this.#logIn();
      await this.#work(screen);
    } catch (error) {
      // The desktop goes back; why the round failed is what is told.
      await this.#leave().catch((cause: unknown) => log.warn({ why: messageOf(cause) }, 'not logged off'));
      throw error;
    }
    await this.#stages.run('logoff', () => this.#leave());
  }

  #openScreen(): Promise<Screen> {
    return this.#stages.run('screen', async (signal) => {
      try {
        return await this.#deps.openScreen(signal);
      } catch (error) {
        throw failed('robot-no-screen', { why: messageOf(error) });
      }
    });
  }

  /** Until the hub serves this seat. A robot that was killed has a session left, which is over first. */
  async #greet(): Promise<void> {
    this.#core.intend({ type: 'logOff' });
    const late = (): Why => hubTrouble(this.#core.page);
    const { place } = await this.#stages.run('hub', (signal) => this.#page(isServed, signal), late);
    this.seen = { ...this.seen, seat: place.seat ?? '', site: place.site?.title ?? '' };
  }

  async #logIn(): Promise<void> {
    const { user } = this.#scenario;
    this.#core.intend({ type: 'login', user, password: this.#deps.password });
    const asked = ({ screen }: PageState) => {
      if (screen.kind === 'login')
        throw failed(screen.notice?.code ?? 'login-interrupted', screen.notice?.fields);
      if (screen.kind === 'questioned') throw failed(screen.question.code, screen.question.fields);
      return screen.kind === 'loggingIn' ? undefined : screen;
    };
    const first = await this.#stages.run('login', (signal) => this.#page(asked, signal));
    if (first.kind === 'queued') {
      const late = (): Why => {
        const { screen } = this.#core.page;
        return {
          code: 'robot-still-queued',
          fields: screen.kind === 'queued' ? { place: screen.place } : {},
        };
      };
      const served = (page: PageState) => {
        const screen = asked(page);
        return screen?.kind === 'queued' ? undefined : screen;
      };
      await this.#stages.run('desktop', (signal) => this.#page(served, signal), late);
    }
    await this.#stages.run('viewer', (signal) =>
      this.#page((page) => (onDesktop(page) ? page.screen : undefined), signal),
    );
  }

  async #work(screen: Screen): Promise<void> {
    const { clock } = this.#deps;
    const seconds = this.#stages.bound('picture');
    await this.#onDesktop(
      'picture',
      (signal) => untilPicture(screen, clock, signal),
      () => ({
        code: 'robot-no-picture',
        fields: { seconds },
      }),
    );
    let share = 0;
    const restless = await this.#onDesktop(
      'rest',
      (signal) => untilRest(screen, clock, signal, (now) => (share = now)),
      () => ({ code: 'robot-restless', fields: { percent: Math.round(share * 100) } }),
    );
    const { steps } = this.#scenario;
    const boundMs = this.#stages.bound('echo') * SECOND;
    const echoes = await this.#onDesktop(
      'echo',
      (signal) => doSteps(steps, screen, restless, { clock, boundMs, signal }),
      undefined,
      boundOf(steps, this.#stages.bound('echo')),
    );
    this.#tell(echoes);
  }

  #tell(echoes: readonly Echo[]): void {
    const times = echoes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    const slowestMs = times.at(-1)!;
    this.seen.echo = { letters: times.length, medianMs: times[Math.floor(times.length / 2)]!, slowestMs };
    this.#stages.judge('echo', slowestMs);
  }

  /** A stage on the desktop: it has failed as soon as the desktop is off the screen. */
  #onDesktop<T>(
    name: 'picture' | 'rest' | 'echo',
    work: (signal: AbortSignal) => Promise<T>,
    late?: () => Why,
    seconds?: number,
  ) {
    return this.#stages.run(
      name,
      (signal) => {
        const gone = this.#page((page) => (onDesktop(page) ? undefined : page), signal);
        return Promise.race([work(signal), gone.then((page) => Promise.reject(failed(page.screen.kind)))]);
      },
      late,
      seconds,
    );
  }

  /** Logs off, and waits until the hub has heard it. */
  async #leave(): Promise<void> {
    const { session } = this.seen;
    const { kind } = this.#core.page.screen;
    this.#core.intend({ type: 'cancel' });
    if (session === undefined || kind === 'login') return;
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const hearer = (frame: AnswerFrame) => {
      if (frame.type === 'release' && frame.sessionId === session) resolve();
    };
    this.#hearers.add(hearer);
    this.#core.intend({ type: 'logOff' });
    const enough = AbortSignal.timeout(this.#stages.bound('logoff') * SECOND);
    const late = new Promise<never>((_, reject) =>
      enough.addEventListener('abort', () => reject(failed('robot-late')), { once: true }),
    );
    await Promise.race([heard, late]).finally(() => this.#hearers.delete(hearer));
  }

  /** The first state of the page, from now on, of which `look` makes something; or what it throws. */
  #page<T>(look: (page: PageState) => T | undefined, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        try {
          const found = look(this.#core.page);
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error);
        }
        listening[Symbol.dispose]();
      };
      const listening = this.#core.onPage(check);
      const onEnd = () => {
        listening[Symbol.dispose]();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onEnd, { once: true });
      if (signal.aborted) onEnd();
      else check();
    });
  }

  #hear(frame: AnswerFrame): void {
    if (frame.type === 'grant') this.#granted(frame);
    for (const hearer of this.#hearers) hearer(frame);
  }

  #granted({ sessionId, desktop, tookMs }: Grant): void {
    const { name, pool } = desktop;
    this.seen = {
      ...this.seen,
      session: sessionId,
      desktop: name,
      pool,
      ...(tookMs ? { hubMs: tookMs } : {}),
    };
  }
}

/** True on the desktop; false on the way there. @throws Fault when the desktop is gone from the screen */
function onDesktop({ screen }: PageState): boolean {
  if (screen.kind === 'viewerEnded') throw failed(screen.end);
  if (screen.kind === 'login')
    throw failed(screen.notice?.code ?? 'login-interrupted', screen.notice?.fields);
  return screen.kind === 'onDesktop';
}

/** The page when somebody may log in here. */
function isServed(page: PageState): PageState | undefined {
  return page.hub.phase === 'online' && page.screen.kind === 'login' ? page : undefined;
}

/** Why nobody may. */
function hubTrouble({ screen }: PageState): Why {
  if (screen.kind === 'approval') return { code: 'tc-not-approved', fields: {} };
  if (screen.kind === 'noSeat') return { code: 'no-seat', fields: {} };
  if (screen.kind === 'rejected') return { code: screen.code, fields: {} };
  return { code: 'no-hub', fields: {} };
}
