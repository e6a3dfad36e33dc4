import { MINUTE, type Clock } from '@anyseat/base';
import { problemRules, type Acceptable, type Problem, type ProblemKind } from '../domain/problem.ts';

const ACCEPTED_FOR_MS = 15 * MINUTE;

/** What does not come right by itself, until it has. Known to this hub alone, and found again after a restart. */
export class Problems {
  readonly #clock: Clock;
  readonly #open = new Map<string, Problem & { from: number }>();
  readonly #accepted = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is there, or there still. @param about an id: of one thing there is one problem of a kind */
  note(
    kind: ProblemKind,
    about: string,
    is: { cloud: string; what: string; text?: string; tried?: boolean },
  ): void {
    const key = `${kind} ${about}`;
    const before = this.#open.get(key);
    this.#open.set(key, {
      kind,
      cloud: is.cloud,
      what: is.what,
      since: before?.since ?? this.#clock.now(),
      from: before?.from ?? this.#clock.monotonic(),
      tries: (before?.tries ?? 0) + (is.tried ? 1 : 0),
      text: is.text ?? before?.text ?? '',
    });
  }

  /**
   * How long it had been there then, ms; undefined: it is not.
   * @param at when it was last seen, monotonic: what is handled now may have been seen long ago by a hub that stood still
   */
  ageMs(kind: ProblemKind, about: string, at = this.#clock.monotonic()): number | undefined {
    const problem = this.#open.get(`${kind} ${about}`);
    return problem && at - problem.from;
  }

  solved(kind: ProblemKind, about: string): void {
    this.#open.delete(`${kind} ${about}`);
  }

  /** All of a kind that are not about one of these are solved. */
  onlyThese(kind: ProblemKind, cloud: string, abouts: ReadonlySet<string>): void {
    for (const [key, problem] of this.#open)
      if (problem.kind === kind && problem.cloud === cloud && !abouts.has(key.slice(kind.length + 1)))
        this.#open.delete(key);
  }

  /** Those that an operator should know of, the oldest first. */
  list(): Problem[] {
    const now = this.#clock.monotonic();
    return [...this.#open.values()]
      .filter(({ kind, from }) => now - from >= problemRules[kind].visibleAfterMs)
      .sort((a, b) => a.from - b.from)
      .map(({ kind, cloud, what, since, tries, text }) => ({ kind, cloud, what, since, tries, text }));
  }

  /** An operator has looked, and what was held back for it may happen, for a quarter of an hour. */
  accept(kind: Acceptable, cloud: string): void {
    this.#accepted.set(`${kind} ${cloud}`, this.#clock.monotonic() + ACCEPTED_FOR_MS);
  }

  isAccepted(kind: Acceptable, cloud: string): boolean {
    return this.#clock.monotonic() < (this.#accepted.get(`${kind} ${cloud}`) ?? -Infinity);
  }
}
