import type { Grant } from '@anyseat/protocol';
import { PASSWORD } from '../../e2e/parts/smallSite.ts';
import { SeatClient } from '../../e2e/parts/seatClient.ts';

/** Where the hub is now, or undefined while there is none. */
export type WhereIsTheHub = () => string | undefined;

let requests = 0;
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/**
 * Somebody at a seat whose agent does what an agent does when things go wrong: connects again, asks the same again, types
 * the password anew when that is asked for, says what it has to say until it was heard.
 */
export class PersistentPerson implements AsyncDisposable {
  readonly user: string;
  readonly #where: WhereIsTheHub;
  readonly #key: SeatClient['key'];
  readonly #onFrame: () => void;
  #seat: SeatClient | undefined;
  #until = 0;
  /** Every grant that arrived here, oldest first. */
  readonly granted: Grant[] = [];
  /** Why a login was refused, oldest first. */
  readonly refused: string[] = [];

  /** @param onFrame called for each frame that is sent or received; what it throws cuts the connection */
  constructor(
    user: string,
    where: WhereIsTheHub,
    key: SeatClient['key'],
    onFrame: () => void = () => undefined,
  ) {
    this.user = user;
    this.#where = where;
    this.#key = key;
    this.#onFrame = onFrame;
  }

  /** Logs in, whatever it takes. */
  async logIn(withinMs = 120_000): Promise<Grant> {
    this.#until = performance.now() + withinMs;
    let requestId = this.#newRequest();
    let password = PASSWORD;
    for (;;) {
      const seat = await this.#connected();
      this.#say(seat, { type: 'login', requestId, user: this.user, password, language: 'en' });
      const answer = await this.#heard(seat, () =>
        seat.frames.find((f) => (f.type === 'grant' || f.type === 'refused') && f.requestId === requestId),
      );
      if (answer?.type === 'grant') {
        this.granted.push(answer);
        return answer;
      }
      if (answer === undefined) {
        // The line is gone: the same question on the next one, the password is forgotten.
        password = '';
      } else {
        if (answer.type === 'refused') this.refused.push(answer.code);
        requestId = this.#newRequest();
        password = PASSWORD;
        await pause();
      }
    }
  }

  /** The picture is there: said until the hub has kept it. */
  async see(
    { sessionId, generation }: Grant,
    isKept: () => Promise<boolean>,
    withinMs = 120_000,
  ): Promise<void> {
    this.#until = performance.now() + withinMs;
    let told: SeatClient | undefined;
    while (!(await isKept())) {
      const seat = await this.#connected();
      if (seat !== told) {
        const { epoch } = await seat.welcome();
        this.#say(seat, { type: 'viewer', epoch, sessionId, generation, state: 'connected', tookMs: 1 });
        told = seat;
      }
      await pause();
      this.#goOn('the picture to be known');
    }
  }

  /** Logs off: said until the hub has said that it is so. */
  async logOff({ sessionId, resumeSecret: secret }: Grant, withinMs = 120_000): Promise<void> {
    this.#until = performance.now() + withinMs;
    for (;;) {
      const seat = await this.#connected();
      const requestId = this.#newRequest();
      // A release of this session may have come before: at a move to another seat, from which the person is back by now.
      const from = seat.frames.length;
      this.#say(seat, { type: 'logoff', requestId, sessionId, secret });
      const answer = await this.#heard(seat, () =>
        seat.frames
          .slice(from)
          .find(
            (f) =>
              (f.type === 'release' && f.sessionId === sessionId) ||
              (f.type === 'refused' && f.requestId === requestId),
          ),
      );
      if (answer?.type === 'release') return;
      await pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seat?.[Symbol.asyncDispose]();
  }

  async #connected(): Promise<SeatClient> {
    for (;;) {
      this.#goOn('a connection');
      if (this.#seat && !this.#seat.closed) return this.#seat;
      const url = this.#where();
      if (url !== undefined) {
        try {
          const seat = await SeatClient.connect(url, { key: this.#key, patienceMs: 2000 });
          const heard = seat.frames.push.bind(seat.frames);
          seat.frames.push = (...frames) => {
            if (this.#counts(seat)) heard(...frames);
            return seat.frames.length;
          };
          await seat.welcome(2000);
          this.#seat = seat;
          return seat;
        } catch {
          // Nobody there, or not yet.
        }
      }
      await pause();
    }
  }

  #say(seat: SeatClient, frame: Parameters<SeatClient['send']>[0]): void {
    if (seat.closed || !this.#counts(seat)) return;
    seat.send(frame);
  }

  #counts(seat: SeatClient): boolean {
    try {
      this.#onFrame();
      return true;
    } catch {
      seat.drop();
      return false;
    }
  }

  /** What was looked for, or undefined when the line is gone before. */
  async #heard<T>(seat: SeatClient, look: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || seat.closed) return found;
      this.#goOn('an answer');
      await pause();
    }
  }

  #goOn(what: string): void {
    if (performance.now() > this.#until)
      throw new Error(`${this.user} waited for ${what}, in vain; refused: ${this.refused.join(', ')}`);
  }

  #newRequest(): string {
    return `${this.user}-${process.pid}-${++requests}`;
  }
}
