import { isFault, messageOf, MINUTE, SECOND, type Clock, type Log } from '@anyseat/base';
import type { AllocatorSpec } from '@anyseat/protocol';
import { theHub } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { AuthRefusal, Person, Standing } from '../domain/person.ts';
import type { Session, SessionEnd, SessionId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { Rounds } from './rounds.ts';

export interface RevocationsDeps {
  store: Pick<Store, 'sessions' | 'endSession'>;
  /** As of all directories. */
  look: (person: string, signal: AbortSignal) => Promise<Standing>;
  stillServed: (session: Session, person: Person) => boolean;
  catalogue: () => Catalogue;
  clock: Clock;
  log: Log;
  /** How often each session's person is looked at, ms. */
  everyMs: number;
  /** On the screen of the session, or taken back. `at` is monotonic. */
  warn?: (session: Session, warning: { code: string; at: number } | undefined) => void;
  /** A session is over: its TC is told, its pool is looked at. */
  onEnded: (session: Session, end: SessionEnd) => void;
}

/** What the directory says of the person of a session. `barred` and `gone` are one to the policy. */
export type Finding =
  { is: 'served' } | { is: 'unmatched' } | { is: 'barred'; why: AuthRefusal } | { is: 'gone' };

type Revoked = NonNullable<AllocatorSpec['revoked']>;

/** All live sessions are read for it. */
const ROUND_MS = 10 * SECOND;
/** How long a look may take, and how long one may that a person waits for. */
const LOOK_MS = 10 * SECOND;
const COME_BACK_MS = SECOND;
/** While something is wrong with a person, or with the directory, it is looked at again so soon. */
const AGAIN_MS = MINUTE;
/** So many of the people at work disabled at once are no leavers but a directory that is broken or half restored. */
const MASS = 0.1;
const MASS_LEAST = 5;

interface Seen {
  dueAt: number;
  finding: Finding | undefined;
  /** Since when, monotonic ms, it is one that ends sessions. */
  revokedAt: number | undefined;
}

/**
 * Looks at intervals, and when somebody comes back to their session, whether the directory would still let its person in
 * and its allocator still serve them. Whether a running session then ends, and when, is the allocator's policy. A directory
 * that does not answer changes nothing, and one that disowns a tenth of the people at work is not believed.
 */
export class Revocations implements AsyncDisposable {
  readonly #deps: RevocationsDeps;
  readonly #rounds: Rounds;
  readonly #seen = new Map<SessionId, Seen>();
  /** When sessions were ended in the last interval: who was revoked is still one of them. */
  #endings: number[] = [];
  #isMass = false;
  #hasSaidNever = false;

  constructor(deps: RevocationsDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: Math.min(ROUND_MS, deps.everyMs / 4),
      failed: 'the look at what has become of people failed',
      round: () => this.round(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  /** Everybody whose turn it is, one after the other. */
  async round(): Promise<void> {
    const { store, clock } = this.#deps;
    const sessions = await store.sessions({ live: true });
    this.#remember(sessions);
    for (const session of sessions) {
      if (this.#rounds.signal.aborted) return;
      if (this.#seen.get(session.id)!.dueAt > clock.monotonic()) continue;
      await this.#lookAt(session, LOOK_MS);
      await this.#endIfOver(session, false);
    }
  }

  /**
   * Whether somebody who comes back may have their desktop again. Waits a second at most for the directory, and lets them
   * have it when that does not answer.
   */
  async mayComeBack(session: Session): Promise<boolean> {
    await this.#lookAt(session, COME_BACK_MS);
    return !(await this.#endIfOver(session, true));
  }

  /** New sessions are a whole interval away: the directory was asked at their login. After a start, spread over one. */
  #remember(sessions: readonly Session[]): void {
    const { clock, everyMs } = this.#deps;
    const live = new Set(sessions.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!live.has(id)) this.#seen.delete(id);
    for (const [i, { id, startedAt }] of sessions.entries()) {
      if (this.#seen.has(id)) continue;
      const isNew = clock.now() - startedAt < 10 * SECOND;
      const inMs = isNew ? everyMs : (everyMs * (i + 1)) / sessions.length;
      this.#seen.set(id, { dueAt: clock.monotonic() + inMs, finding: undefined, revokedAt: undefined });
    }
  }

  async #lookAt(session: Session, withinMs: number): Promise<void> {
    const { clock, everyMs, log } = this.#deps;
    const seen = this.#seenOf(session);
    try {
      const finding = await this.#find(session, withinMs);
      if (finding.is !== 'served' && finding.is !== seen.finding?.is)
        log.warn(
          { session: session.id, user: session.user, finding },
          'somebody at work has lost their access',
        );
      seen.finding = finding;
      seen.dueAt = clock.monotonic() + (finding.is === 'served' ? everyMs : Math.min(everyMs, AGAIN_MS));
    } catch (error) {
      // No news is no reason to do anything; without a service account there never is any.
      const never = isFault(error, 'directory-cannot-search');
      if (never && !this.#hasSaidNever) {
        this.#hasSaidNever = true;
        log.warn({ why: messageOf(error) }, 'people at work are not looked at again');
      }
      seen.dueAt = clock.monotonic() + (never ? everyMs : Math.min(everyMs, AGAIN_MS));
      log.debug({ session: session.id, why: messageOf(error) }, 'what has become of somebody is not known');
    }
    if (!this.#ends(seen, session)) seen.revokedAt = undefined;
    else seen.revokedAt ??= clock.monotonic();
  }

  async #find(session: Session, withinMs: number): Promise<Finding> {
    const { clock, look, stillServed } = this.#deps;
    const limit = new AbortController();
    using _ = clock.after(withinMs, () => limit.abort(new Error('no answer in time')));
    const standing = await look(session.person, AbortSignal.any([limit.signal, this.#rounds.signal]));
    if (standing === undefined) return { is: 'gone' };
    if (standing.barred !== undefined) return { is: 'barred', why: standing.barred };
    return { is: stillServed(session, standing.person) ? 'served' : 'unmatched' };
  }

  #ends({ finding }: Seen, session: Session): boolean {
    const { barred, unmatched } = this.#policyOf(session);
    if (finding === undefined || finding.is === 'served') return false;
    return (finding.is === 'unmatched' ? unmatched : barred) === 'end';
  }

  /** Ends it if it is to end and its time has come; who comes back has no time left. */
  async #endIfOver(session: Session, atOnce: boolean): Promise<boolean> {
    const { store, clock, log, onEnded } = this.#deps;
    const seen = this.#seenOf(session);
    if (seen.revokedAt === undefined || this.#isMassNow()) {
      this.#deps.warn?.(session, undefined);
      return false;
    }
    const afterMs = atOnce ? 0 : this.#policyOf(session).afterMinutes * MINUTE;
    const leftMs = seen.revokedAt + afterMs - clock.monotonic();
    if (leftMs > 0) {
      this.#deps.warn?.(session, { code: 'access-ends-soon', at: seen.revokedAt + afterMs });
      seen.dueAt = Math.min(seen.dueAt, clock.monotonic() + leftMs);
      return false;
    }
    // Whoever was granted it anew meanwhile was judged anew.
    const { id, tc, generation } = session;
    const ended = await store.endSession(id, 'access-ended', theHub, { tc, generation });
    if (!ended) return false;
    this.#endings.push(clock.monotonic());
    log.warn(
      { session: ended.id, user: ended.user, finding: seen.finding },
      'session ended: its person lost access',
    );
    onEnded(ended, 'access-ended');
    return true;
  }

  /** Said once when it begins and once when it is over. */
  #isMassNow(): boolean {
    const { clock, everyMs } = this.#deps;
    this.#endings = this.#endings.filter((at) => at > clock.monotonic() - everyMs);
    const all = [...this.#seen.values()].filter(({ finding }) => finding !== undefined);
    const looked = all.length + this.#endings.length;
    const revoked = all.filter(({ revokedAt }) => revokedAt !== undefined).length + this.#endings.length;
    const isMass = revoked >= MASS_LEAST && revoked > looked * MASS;
    if (isMass && !this.#isMass)
      this.#deps.log.error(
        { people: revoked, of: looked },
        'the directory disowns so many people at work that it is not believed: no session is ended',
      );
    if (!isMass && this.#isMass) this.#deps.log.info('the directory is believed again');
    this.#isMass = isMass;
    return isMass;
  }

  #policyOf(session: Session): Revoked {
    return this.#deps.catalogue().allocators.get(session.allocator)?.spec.revoked ?? usual;
  }

  #seenOf(session: Session): Seen {
    let seen = this.#seen.get(session.id);
    if (!seen) {
      seen = { dueAt: this.#deps.clock.monotonic(), finding: undefined, revokedAt: undefined };
      this.#seen.set(session.id, seen);
    }
    return seen;
  }
}

/** Of an allocator that says nothing, or is no more. */
const usual: Revoked = { barred: 'end', unmatched: 'keep', afterMinutes: 5 };
