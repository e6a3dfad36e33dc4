import type { Clock } from '@anyseat/base';
import type { FromTc, Welcome } from '@anyseat/protocol';
import { welcomeOf } from '../common/linkState.ts';
import type { Seat } from '../common/seat.ts';
import type { Input, InputMeter } from './input/input.ts';

export interface SeatReporterDeps {
  input: Input;
  clock: Clock;
  send: (frame: FromTc) => void;
}

/** How a seat stands, as far as it matters to what it reports. */
export interface SeatNow {
  /** Of the connection that stands now. */
  welcome: Pick<Welcome, 'epoch' | 'reportEveryMs'> | undefined;
  /** The session whose picture is on the screen. */
  session: string | undefined;
}

export const seatNow = ({ link, session }: Seat): SeatNow => ({
  welcome: welcomeOf(link),
  session: session.kind === 'onDesktop' ? session.session.id : undefined,
});

/**
 * Tells the hub every so often what the person does: only while their desktop is on the screen, and from nothing that was
 * touched before. The first report of a connection comes at a random part of the interval, so that ten thousand seats which
 * came back together do not speak together.
 */
export class SeatReporter implements Disposable {
  readonly #deps: SeatReporterDeps;
  #now: SeatNow = { welcome: undefined, session: undefined };
  #meter: InputMeter | undefined;
  #timer: Disposable | undefined;

  constructor(deps: SeatReporterDeps) {
    this.#deps = deps;
  }

  /** The seat stands like this from now on. */
  follow(now: SeatNow): void {
    const before = this.#now;
    this.#now = now;
    if (before.session !== now.session) {
      this.#meter?.[Symbol.dispose]();
      this.#meter = now.session === undefined ? undefined : this.#deps.input.count();
    }
    const same = before.session === now.session && before.welcome?.epoch === now.welcome?.epoch;
    if (same && before.welcome?.reportEveryMs === now.welcome?.reportEveryMs) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (now.welcome && now.session !== undefined) this.#reportIn(Math.random() * now.welcome.reportEveryMs);
  }

  [Symbol.dispose](): void {
    this.follow({ welcome: undefined, session: undefined });
  }

  #reportIn(ms: number): void {
    this.#timer = this.#deps.clock.after(ms, () => this.#report());
  }

  #report(): void {
    const { welcome, session } = this.#now;
    if (!welcome || session === undefined) return;
    const reading = this.#meter?.read();
    if (reading) this.#deps.send({ type: 'activity', epoch: welcome.epoch, sessionId: session, ...reading });
    this.#reportIn(welcome.reportEveryMs);
  }
}
