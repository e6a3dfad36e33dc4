import { SECOND, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Desktop } from '../domain/desktop.ts';
import { hostDoubts, type CloudHost } from '../domain/hosts.ts';
import { isLive, type Session, type TcId } from '../domain/session.ts';
import { cloudSaysLost, seatLostIt } from '../domain/swapByRule.ts';
import type { Store } from '../store/store.ts';
import { answers } from './proof.ts';
import { Rounds } from './rounds.ts';

export interface LostDesktopsDeps {
  store: Pick<Store, 'sessionsAway' | 'session' | 'desktop'>;
  clouds: ReadonlyMap<string, Cloud>;
  hostsOf: (cloud: Cloud) => readonly CloudHost[] | undefined;
  online: () => ReadonlySet<TcId>;
  clock: Clock;
  log: Log;
  /** As its pool's policy lets it. */
  swap: (session: Session, desktop: Desktop, reason: string) => Promise<unknown>;
}

const EVERY_MS = 5 * SECOND;
const ASK_WITHIN_MS = 2 * SECOND;

/**
 * Looks after people whose viewer lost its desktop: where the cloud says as well that it is gone, and it does not answer, they
 * are given another one without asking for it. The cloud's word alone moves nobody (rule 11): only sessions whose seat said so
 * are looked at. A guest that was shut down from inside was shut down by its person, and is left alone until they come back.
 */
export class LostDesktops implements AsyncDisposable {
  readonly #deps: LostDesktopsDeps;
  readonly #rounds: Rounds;

  constructor(deps: LostDesktopsDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      failed: 'somebody’s desktop that is lost could not be looked at',
      round: () => this.look(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  async look(): Promise<void> {
    const { store, online } = this.#deps;
    const here = online();
    // Of one that was locked, or whose seat is silent, nobody waits for the picture.
    const lost = (await store.sessionsAway()).filter(
      (s) => seatLostIt(s) && here.has(s.tc) && s.secretHash !== undefined,
    );
    for (const session of lost) {
      if (this.#rounds.signal.aborted) return;
      await this.#rounds.attempt(() => this.#lookAt(session), { session: session.id });
    }
  }

  async #lookAt(session: Session): Promise<void> {
    const { store, clouds, hostsOf, clock, swap } = this.#deps;
    const desktop = session.desktop && (await store.desktop(session.desktop));
    const cloud = desktop && clouds.get(desktop.cloud);
    if (!cloud || desktop.serverId === undefined || desktop.session !== session.id) return;
    const limit = AbortSignal.any([this.#rounds.signal, AbortSignal.timeout(ASK_WITHIN_MS)]);
    const server = await cloud.server(desktop.serverId, limit);
    if (server !== 'gone' && server.state === 'stopped') return;
    const doubts = hostDoubts(hostsOf(cloud) ?? []);
    const reason = cloudSaysLost(server, doubts.get(desktop.host ?? ''));
    if (reason === undefined) return;
    if (desktop.endpoint && (await answers(desktop.endpoint, cloud.spice, clock)).ok) return;
    // They may have come back, or logged off, while the cloud was asked.
    const now = await store.session(session.id);
    if (now && isLive(now) && seatLostIt(now) && now.desktop === desktop.id) await swap(now, desktop, reason);
  }
}
