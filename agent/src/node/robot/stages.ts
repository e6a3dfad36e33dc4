import { Fault, SECOND, toFault, type Clock, type FaultFields } from '@anyseat/base';
import type { Scenario, StageName } from './scenario.ts';

/** How one stage went. */
export interface StageDone {
  name: StageName;
  /** Milliseconds, whole. */
  tookMs: number;
  ok: boolean;
  /** Went well, and took longer than its limit. */
  slow: boolean;
}

/** Why a stage failed: a code of the catalogue with its fields. */
export interface Why {
  code: string;
  fields: FaultFields;
}

/** What a stage throws to say why it failed. */
export function failed(code: string, fields: FaultFields = {}): Fault {
  return new Fault(code, 'transient', code, { fields });
}

/** Runs the stages of a round one after the other, each within its bound, and keeps how long they took. */
export class Stages {
  readonly done: StageDone[] = [];
  readonly #clock: Clock;
  readonly #scenario: Pick<Scenario, 'bounds' | 'slow'>;
  readonly #stop: AbortSignal;

  /** @param stop somebody ends the round before its end */
  constructor(clock: Clock, scenario: Pick<Scenario, 'bounds' | 'slow'>, stop: AbortSignal) {
    this.#clock = clock;
    this.#scenario = scenario;
    this.#stop = stop;
  }

  /** Seconds that this stage may take. */
  bound(name: StageName): number {
    return this.#scenario.bounds[name];
  }

  /**
   * @param work ends with its signal, whose reason says why the stage failed
   * @param late why the stage is not over when its time is; asked then
   * @param seconds its bound, where it is not the scenario's own
   * @throws Fault with a code of the catalogue
   */
  async run<T>(
    name: StageName,
    work: (signal: AbortSignal) => Promise<T>,
    late: () => Why = () => ({ code: 'robot-late', fields: {} }),
    seconds = this.bound(name),
  ): Promise<T> {
    const from = this.#clock.monotonic();
    const end = new AbortController();
    const onStop = () => end.abort(failed('robot-stopped'));
    this.#stop.addEventListener('abort', onStop, { once: true });
    if (this.#stop.aborted) onStop();
    using _bound = this.#clock.after(seconds * SECOND, () => {
      const { code, fields } = late();
      end.abort(failed(code, { seconds, ...fields }));
    });
    try {
      const value = await Promise.race([work(end.signal), endOf(end.signal)]);
      this.#keep(name, from, true);
      return value;
    } catch (error) {
      this.#keep(name, from, false);
      throw end.signal.aborted ? (end.signal.reason as Fault) : toFault(error);
    } finally {
      this.#stop.removeEventListener('abort', onStop);
      // Whatever of the work still waits has nothing to wait for.
      end.abort(failed('robot-stopped'));
    }
  }

  /** A stage that was timed elsewhere is slow by this measure. */
  judge(name: StageName, ms: number): void {
    const stage = this.done.findLast((one) => one.name === name);
    if (stage) stage.slow = this.#isSlow(name, ms);
  }

  #keep(name: StageName, from: number, ok: boolean): void {
    const ms = this.#clock.monotonic() - from;
    this.done.push({ name, tookMs: Math.round(ms), ok, slow: ok && this.#isSlow(name, ms) });
  }

  #isSlow(name: StageName, ms: number): boolean {
    const limit =
      name in this.#scenario.slow ? this.#scenario.slow[name as keyof Scenario['slow']] : undefined;
    return limit !== undefined && ms > limit * SECOND;
  }
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
