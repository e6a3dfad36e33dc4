import { newSecret, SECOND, silentLog, type Clock } from '@anyseat/base';
import type { FromTc } from '@anyseat/protocol';
import { inOrder } from '../../common/inOrder.ts';
import { welcomeOf, type LinkNews } from '../../common/linkState.ts';
import {
  firstSeat,
  reportOf,
  tickAt,
  type AnswerFrame,
  type Effect,
  type Saying,
  type Seat,
  type SeatEvent,
  type World,
} from '../../common/seat.ts';
import { step } from '../../common/step.ts';
import type { LinkTimes } from '../hubLink/conversation.ts';
import type { Trust } from '../hubLink/dial.ts';
import type { Health } from '../health/health.ts';
import { HealthReporter } from '../healthReporter.ts';
import { HubLink } from '../hubLink/hubLink.ts';
import type { Identity } from '../identity.ts';
import type { Input } from '../input/input.ts';
import { seatNow, SeatReporter } from '../seatReporter.ts';
import type { Behaviour } from './behaviour.ts';
import { countIn, type Figures } from './figures.ts';
import type { Turns } from './turns.ts';

export interface FleetSeatOptions {
  number: number;
  url: string;
  fallbacks?: readonly string[];
  trust: Trust;
  identity: Identity;
  token: string | undefined;
  behaviour: Pick<Behaviour, 'people' | 'activity'>;
  /** Who works here; nobody without it. */
  person: { user: string; password: string } | undefined;
  figures: Figures;
  input: Input;
  health: Health;
  clock: Clock;
  version: string;
  /** Taken for the first connection already. */
  turns: Turns;
  /** Smaller for tests. */
  linkTimes?: Partial<LinkTimes>;
}

/** The session of a report that no session is behind; see `activity: always`. */
const NO_SESSION = 'fleet';

/**
 * A seat that decides as an agent does (`common`) and speaks as one (`hubLink`), with nobody before it: the picture is
 * claimed, nothing is written to a disk, and there is no page. Somebody comes, works, leaves, and comes again.
 */
export class FleetSeat implements AsyncDisposable {
  readonly #options: FleetSeatOptions;
  readonly #link: HubLink;
  readonly #reporter: SeatReporter;
  readonly #healthReporter: HealthReporter;
  readonly #happen = inOrder<SeatEvent>((event) => this.#deal(event));
  #seat: Seat;
  #password: { requestId: string; at: number } | undefined;
  #lastReport = '';
  #tick: Disposable | undefined;
  #viewer: Disposable | undefined;
  /** What the person does next. */
  #plan: Disposable | undefined;
  #begun = false;
  #hasTurn = true;
  #closing = false;

  constructor(options: FleetSeatOptions) {
    this.#options = options;
    const { clock, input, number, token, version } = options;
    this.#seat = firstSeat({ logoffs: [] }, this.#world());
    const send = (frame: FromTc) => this.#send(frame);
    this.#reporter = new SeatReporter({ input, clock, send });
    this.#healthReporter = new HealthReporter({
      health: options.health,
      clock,
      log: silentLog,
      roundTrip: () => this.#link.roundTrip(),
      clockOffsetMs: () => 0,
      send,
    });
    const machine = { hostName: `fleet-${number}`, model: 'fleet', macs: [] };
    this.#link = new HubLink({
      ...options,
      clock: this.#clockOfLink(),
      log: silentLog,
      introduce: () => ({ agentVersion: version, machine, ...(token === undefined ? {} : { token }) }),
      onNews: (news) => this.#onNews(news),
      onFrame: (frame) => this.#onFrame(frame),
      ...(options.linkTimes ? { times: options.linkTimes } : {}),
    });
  }

  /** Says nothing more and decides nothing more; the line stays. */
  hush(): void {
    this.#closing = true;
    for (const timer of [this.#tick, this.#viewer, this.#plan]) timer?.[Symbol.dispose]();
    this.#reporter[Symbol.dispose]();
    this.#healthReporter[Symbol.dispose]();
  }

  /** Lets the hub go; a session stays there, as when a box loses its power. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.hush();
    await this.#link[Symbol.asyncDispose]();
    this.#giveTurn();
  }

  /** The link pauses before each new connection; its pause is over when it is also this seat's turn. */
  #clockOfLink(): Clock {
    const { clock, turns } = this.#options;
    return {
      ...clock,
      sleep: async (ms, signal = new AbortController().signal) => {
        await clock.sleep(ms, signal);
        await turns.take(signal);
        this.#hasTurn = true;
      },
    };
  }

  #giveTurn(): void {
    if (this.#hasTurn) this.#options.turns.give();
    this.#hasTurn = false;
  }

  #onNews(news: LinkNews): void {
    const { figures, clock } = this.#options;
    const { totals } = figures;
    if (news.kind !== 'dialing') this.#giveTurn();
    const was = welcomeOf(this.#seat.link);
    if (news.kind === 'lost' && !was) countIn(totals.failedTries, news.trouble);
    if (news.kind === 'lost' && was) totals.lost++;
    // Told anew on the same connection: the seat was placed or renamed.
    if (news.kind === 'welcome' && was?.epoch !== news.welcome.epoch) {
      totals.welcomed++;
      figures.lastWelcomeAt = clock.now();
    }
    this.#happen({ kind: 'link', news });
    figures.online += Number(welcomeOf(this.#seat.link) !== undefined) - Number(was !== undefined);
    if (news.kind === 'welcome') this.#begin();
  }

  #onFrame(frame: AnswerFrame): void {
    const { figures, clock } = this.#options;
    figures.totals.heard++;
    if (frame.type === 'attached') {
      figures.totals.attached++;
      this.#lastReport = '';
    }
    if (frame.type === 'grant' && frame.requestId === this.#password?.requestId) {
      figures.granted(clock.monotonic() - this.#password.at);
      this.#password = undefined;
    }
    if (frame.type === 'refused') countIn(figures.totals.refused, frame.code);
    if (frame.type === 'release') figures.totals.released++;
    this.#happen({ kind: 'frame', frame });
  }

  #deal(event: SeatEvent): void {
    if (this.#closing) return;
    const before = this.#seat.session.kind;
    const { seat, effects } = step(this.#seat, event, this.#world());
    this.#seat = seat;
    for (const effect of effects) this.#perform(effect);
    this.#report();
    this.#reporter.follow(this.#now(seat));
    this.#healthReporter.follow(welcomeOf(seat.link));
    this.#setTick();
    this.#moved(before, seat.session.kind);
  }

  #perform(effect: Effect): void {
    if (effect.do === 'say') {
      this.#send(this.#whole(effect.frame));
      return;
    }
    const { clock, behaviour } = this.#options;
    const { run } = effect;
    this.#viewer?.[Symbol.dispose]();
    const tookMs = Math.round(behaviour.people.viewerMs);
    this.#viewer = clock.after(tookMs, () => {
      this.#happen({ kind: 'viewer', run, news: { state: 'connecting' } });
      this.#happen({ kind: 'viewer', run, news: { state: 'connected', tookMs } });
    });
  }

  #whole(frame: Saying): FromTc {
    const { person, figures, clock } = this.#options;
    if (frame.type === 'login') {
      // As an agent, which forgets the password with its first saying.
      const first = this.#password?.requestId !== frame.requestId;
      if (first) this.#password = { requestId: frame.requestId, at: clock.monotonic() };
      figures.totals.logins += Number(first);
      return { ...frame, password: first ? person!.password : '', language: 'en' };
    }
    if (frame.type === 'logoff') figures.totals.logoffs++;
    if (frame.type === 'changePassword') throw new Error('nobody here changes a password');
    return frame.type === 'resume' || frame.type === 'replace' ? { ...frame, language: 'en' } : frame;
  }

  #report(): void {
    const epoch = welcomeOf(this.#seat.link)?.epoch;
    const state = reportOf(this.#seat);
    if (epoch === undefined || state === undefined) return;
    const report: FromTc = { type: 'viewer', epoch, ...state };
    const text = JSON.stringify(report);
    if (text === this.#lastReport) return;
    this.#lastReport = text;
    this.#send(report);
  }

  #send(frame: FromTc): void {
    countIn(this.#options.figures.totals.said, frame.type);
    this.#link.send(frame);
  }

  #now(seat: Seat) {
    const now = seatNow(seat);
    return this.#options.behaviour.activity === 'always'
      ? { ...now, session: now.session ?? NO_SESSION }
      : now;
  }

  #setTick(): void {
    this.#tick?.[Symbol.dispose]();
    const at = tickAt(this.#seat);
    if (at === undefined) return;
    const inMs = Math.max(0, at - this.#options.clock.monotonic());
    this.#tick = this.#options.clock.after(inMs, () => this.#happen({ kind: 'tick' }));
  }

  /** The person comes for the first time. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#comeIn(Math.random() * this.#options.behaviour.people.arriveSeconds * SECOND);
  }

  #comeIn(ms: number): void {
    const { person } = this.#options;
    if (!person) return;
    this.#next(ms, () => {
      const intent = { type: 'login', user: person.user, requestId: newSecret() } as const;
      this.#happen({ kind: 'intent', intent });
    });
  }

  /** The person goes on with the day as the seat goes on with the session. */
  #moved(before: Seat['session']['kind'], after: Seat['session']['kind']): void {
    if (before === after) return;
    const { figures, behaviour } = this.#options;
    const { workSeconds, awaySeconds } = behaviour.people;
    figures.working += Number(after === 'onDesktop') - Number(before === 'onDesktop');
    if (after === 'onDesktop')
      this.#next(workSeconds * SECOND * (0.75 + Math.random() / 2), () =>
        this.#happen({ kind: 'intent', intent: { type: 'logOff' } }),
      );
    // Whoever is asked something says no, and comes again.
    else if (after === 'questioned')
      this.#next(0, () => this.#happen({ kind: 'intent', intent: { type: 'cancel' } }));
    else if (after === 'login' || after === 'newPassword') this.#comeIn(awaySeconds * SECOND);
  }

  #next(ms: number, act: () => void): void {
    this.#plan?.[Symbol.dispose]();
    this.#plan = this.#options.clock.after(ms, act);
  }

  #world(): World {
    const { clock } = this.#options;
    return { now: clock.now(), monotonic: clock.monotonic(), newId: newSecret, random: Math.random };
  }
}
