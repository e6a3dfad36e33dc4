import { MINUTE, SECOND } from '@anyseat/base';
import type { Dice } from './dice.ts';
import type { DirectoryModel } from './directoryModel.ts';
import type { ThinClient } from './thinClient.ts';
import type { VirtualTime } from './virtualTime.ts';

export interface PersonDeps {
  time: VirtualTime;
  dice: Dice;
  directory: DirectoryModel;
  seats: readonly ThinClient[];
  /** Who sits where. */
  places: Map<ThinClient, Person>;
  trace: (what: string) => void;
  /** The picture is gone, and it was not this person's doing. */
  onLoss: (person: Person, seat: ThinClient) => void;
  /** This person says that a desktop of this name is broken. */
  onComplaint: (desktop: string) => void;
  /** False when everybody is to sit down for good. */
  isRestless: () => boolean;
}

const LOOK_MS = 500;
/** How many have something to complain of while they work, and how many sit there and touch nothing for minutes. */
const COMPLAINS = 0.12;
const IDLES = 0.15;

/**
 * Somebody who works here: sits down somewhere, logs in, works a while, and leaves in one of the ways in which people
 * leave. Knows nothing of hubs; sees a screen.
 */
export class Person {
  readonly user: string;
  readonly #deps: PersonDeps;
  at: ThinClient | undefined;
  /** When this person last asked for a desktop, and where: the hub may move the session there. */
  readonly askedAt = new Map<ThinClient, number>();
  /** Wants a desktop and has none yet, since this time. */
  wantsSince: number | undefined;

  constructor(user: string, deps: PersonDeps) {
    this.user = user;
    this.#deps = deps;
  }

  /** Until the world ends. */
  async live(): Promise<void> {
    const { time, dice } = this.#deps;
    await time.sleep(dice.between(1, 60) * SECOND);
    for (;;) {
      const seat = this.#sitDown();
      if (seat && (await this.#getDesktop(seat))) await this.#work(seat);
      await time.sleep(dice.between(1, this.#deps.isRestless() ? 60 : 5) * SECOND);
    }
  }

  #sitDown(): ThinClient | undefined {
    const { dice, seats, places } = this.#deps;
    if (this.at) return this.at;
    const free = seats.filter((s) => s.isOn && !places.has(s));
    if (free.length === 0) return undefined;
    const seat = dice.one(free);
    places.set(seat, this);
    this.at = seat;
    return seat;
  }

  #getUp(): void {
    if (this.at) this.#deps.places.delete(this.at);
    this.at = undefined;
    this.wantsSince = undefined;
  }

  /** False when it was given up. */
  async #getDesktop(seat: ThinClient): Promise<boolean> {
    const { time, dice, directory } = this.#deps;
    const patience = dice.between(20 * SECOND, 4 * MINUTE);
    const since = time.now;
    this.wantsSince = since;
    let typed = -Infinity;
    for (;;) {
      if (!seat.isOn) return this.#giveUp();
      const { session } = seat.seat;
      switch (session.kind) {
        case 'onDesktop':
          if (session.session.person.user === this.user) {
            this.wantsSince = undefined;
            return true;
          }
          // Somebody has left theirs open here: they are logged off, as anybody would.
          seat.intend('logOff');
          break;
        case 'viewerEnded':
          if (session.session.person.user !== this.user) seat.intend('logOff');
          else this.#afterItsEnd(seat);
          break;
        case 'login':
          if (time.now - typed > 3 * SECOND) {
            typed = time.now;
            this.askedAt.set(seat, time.now);
            seat.touch();
            this.#deps.trace(`${this.user} logs in at ${seat.name}`);
            seat.logIn(this.user, directory.type(!this.#deps.isRestless() || dice.happens(0.95)));
          }
          break;
        case 'loggingIn':
        case 'questioned':
        case 'queued':
          if (session.ask.user !== this.user) seat.intend('cancel');
          else if (this.#deps.isRestless() && time.now - since > patience) {
            this.#deps.trace(`${this.user} walks away from ${seat.name}`);
            seat.intend('cancel');
            return this.#giveUp();
          }
          break;
        case 'starting':
        case 'newPassword':
        case 'changingPassword':
          break;
        default:
          session satisfies never;
      }
      await time.sleep(LOOK_MS);
    }
  }

  /** The picture of one's own desktop is gone: back to it, another one, or home. */
  #afterItsEnd(seat: ThinClient): void {
    const { dice, isRestless } = this.#deps;
    // They look at it for a while.
    if (!dice.happens(0.15)) return;
    const what = isRestless() ? dice.fraction() : 0;
    if (what < 0.75) seat.intend('backToDesktop');
    else if (what < 0.85) this.#complain(seat);
    else seat.intend('logOff');
  }

  /** “My desktop is broken”, and yes to the question whether that is meant; some find that it was not. */
  #complain(seat: ThinClient): void {
    const { dice, trace, onComplaint } = this.#deps;
    seat.intend('wantReplacement');
    const { session } = seat.seat;
    if ((session.kind !== 'onDesktop' && session.kind !== 'viewerEnded') || session.isSure !== false) return;
    if (session.session.person.user !== this.user || dice.happens(0.1)) return seat.intend('cancel');
    trace(`${this.user} says that ${session.session.desktop.name} is broken`);
    onComplaint(session.session.desktop.name);
    seat.intend('confirm');
  }

  #giveUp(): false {
    this.#getUp();
    return false;
  }

  async #work(seat: ThinClient): Promise<void> {
    const { time, dice, trace } = this.#deps;
    const from = time.now;
    const works = from + dice.between(20 * SECOND, 5 * MINUTE);
    const complainsAt = dice.happens(COMPLAINS) ? dice.between(from, works) : Infinity;
    const idlesFrom = dice.happens(IDLES) ? dice.between(from, works) : Infinity;
    const until = idlesFrom < works ? idlesFrom + dice.between(MINUTE, 4 * MINUTE) : works;
    let complained = false;
    while (time.now < until || !this.#deps.isRestless()) {
      if (time.now < idlesFrom || !this.#deps.isRestless()) seat.touch();
      await time.sleep(LOOK_MS);
      if (!complained && time.now >= complainsAt && this.#deps.isRestless()) {
        complained = true;
        this.#complain(seat);
      }
      // Something took the picture: back to it.
      if (!seat.isOn || seat.showing?.person !== this.user) {
        this.#deps.onLoss(this, seat);
        return;
      }
    }
    const how = dice.fraction();
    if (how < 0.5) {
      trace(`${this.user} logs off at ${seat.name}`);
      seat.intend('logOff');
      this.#getUp();
    } else if (how < 0.65) {
      trace(`${this.user} closes the window at ${seat.name}`);
      seat.closeViewer();
      if (dice.happens(0.5)) this.#getUp();
    } else if (how < 0.9) {
      trace(`${this.user} goes from ${seat.name} with everything open`);
      this.#getUp();
    }
  }
}
