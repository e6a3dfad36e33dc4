import { messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import type { TcCommand, UpdateReport } from '@anyseat/protocol';
import { theHub } from '../domain/audit.ts';
import {
  endingOf,
  planRollout,
  type Release,
  type Rollout,
  type RolloutTc,
  type RolloutWorld,
} from '../domain/rollout.ts';
import { isLive, type TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import type { ReleaseFiles } from '../tc/releaseFiles.ts';
import type { TcCommands } from '../tc/tcCommands.ts';
import { Rounds } from './rounds.ts';

export interface RolloutsDeps {
  store: Store;
  files: Pick<ReleaseFiles, 'has' | 'ticketFor'>;
  tcCommands: Pick<TcCommands, 'ask'>;
  /** Of the connection of this TC that is served now. */
  epochOf: (tc: TcId) => number | undefined;
  online: () => ReadonlySet<TcId>;
  clock: Clock;
  log: Log;
}

const LOOK_EVERY_MS = 10 * SECOND;
/** After somebody said something; ten thousand may say it at once. */
const SOON_MS = SECOND;
const ANSWERS_WITHIN_MS = 15 * SECOND;

/**
 * Brings a release of the agent to the seats, as `planRollout` says. Safe at any time, after any crash: what is offered is written
 * down before, what a seat says of itself is said again at each connection, and to be told twice changes nothing.
 */
export class Rollouts implements AsyncDisposable {
  readonly #deps: RolloutsDeps;
  readonly #says = new Map<TcId, UpdateReport>();
  readonly #rounds: Rounds;
  #soon: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: RolloutsDeps) {
    this.#deps = deps;
    const { clock, log } = deps;
    this.#rounds = new Rounds({
      clock,
      log,
      restMs: LOOK_EVERY_MS,
      failed: 'an update of the agents could not be carried on',
      round: () => this.#inTurn(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#soon?.[Symbol.dispose]();
    await this.#rounds[Symbol.asyncDispose]();
    await this.#looking.catch(() => undefined);
  }

  /** What a thin client says of its own program. */
  onReport(says: UpdateReport, { tc, epoch }: { tc: { id: TcId }; epoch: number }): void {
    if (says.epoch !== epoch) return;
    this.#says.set(tc.id, says);
    this.soon();
  }

  /** Looks in a moment: somebody wants something, or said something. */
  soon(): void {
    this.#soon ??= this.#deps.clock.after(SOON_MS, () => {
      this.#soon = undefined;
      this.#inTurn().catch((error: unknown) =>
        this.#deps.log.warn({ why: messageOf(error) }, 'an update of the agents could not be carried on'),
      );
    });
  }

  /** As it said over the connection that stands. */
  saysOf(tc: TcId): UpdateReport | undefined {
    const says = this.#says.get(tc);
    return says?.epoch === this.#deps.epochOf(tc) ? says : undefined;
  }

  /** Everything that a rollout is decided by. */
  async world(rollout: Rollout): Promise<RolloutWorld> {
    const { store, online, clock } = this.#deps;
    const was = new Map((await store.rolledOut(rollout.id)).map((one) => [one.tc, one]));
    const live = await store.sessions({ live: true });
    const inUse = new Set(live.filter(isLive).map(({ tc }) => tc));
    const here = online();
    const tcs = (await store.tcs())
      .filter(({ state }) => state === 'enrolled')
      .map((tc): RolloutTc => {
        const says = this.saysOf(tc.id);
        return { tc, online: here.has(tc.id), says, inUse: inUse.has(tc.id), was: was.get(tc.id) };
      });
    return { rollout, tcs, now: clock.now() };
  }

  /** One look after the other: two at once would offer the same twice. */
  #inTurn(): Promise<void> {
    const next = this.#looking.catch(() => undefined).then(() => this.#look());
    this.#looking = next;
    return next;
  }

  async #look(): Promise<void> {
    if (this.#rounds.signal.aborted) return;
    const { store } = this.#deps;
    const rollout = await store.rollout();
    if (!rollout || rollout.state === 'done' || rollout.state === 'stopped') return;
    let world = await this.world(rollout);
    for (const one of world.tcs) {
      const ending = endingOf(one, rollout, world.now);
      if (ending) await store.recordRolledOut(rollout.id, { tc: one.tc.id, ...ending });
    }
    world = await this.world(rollout);
    const { offer, start, move } = planRollout(world);
    if (move) await store.moveRollout(rollout.id, rollout.state, move, theHub);
    const releases = (await store.releases()).filter(({ version }) => version === rollout.version);
    // Each takes as long as the slowest of them, at most: they are asked side by side.
    await Promise.all([
      ...offer.map((tc) => this.#offer(tc, rollout, releases)),
      ...start.map((tc) => this.#start(tc, rollout)),
    ]);
  }

  async #offer(tc: TcId, rollout: Rollout, releases: readonly Release[]): Promise<void> {
    const { store, files } = this.#deps;
    const arch = this.saysOf(tc)?.arch;
    const release = releases.find((one) => one.arch === 'all' || one.arch === arch);
    if (!release || !files.has(release)) {
      const text = release
        ? 'the hub has the file of this release no more: add it again'
        : `there is no release for ${arch}`;
      return store.recordRolledOut(rollout.id, { tc, state: 'failed', text });
    }
    await store.recordRolledOut(rollout.id, { tc, state: 'offered', text: '' });
    const { manifest, signature, sha256 } = release;
    const offer = { manifest, signature, ticket: files.ticketFor(sha256) };
    return this.#tell(tc, rollout, { do: 'update', version: rollout.version, offer });
  }

  async #start(tc: TcId, rollout: Rollout): Promise<void> {
    await this.#deps.store.recordRolledOut(rollout.id, { tc, state: 'starting', text: '' });
    return this.#tell(tc, rollout, { do: 'update', version: rollout.version });
  }

  async #tell(tc: TcId, rollout: Rollout, command: TcCommand): Promise<void> {
    const { store, tcCommands, log } = this.#deps;
    const { signal } = this.#rounds;
    try {
      const how = { by: theHub, until: 'accepted', waitMs: ANSWERS_WITHIN_MS, signal } as const;
      const { state, text = '' } = await tcCommands.ask(tc, command, how);
      if (state === 'refused') await store.recordRolledOut(rollout.id, { tc, state: 'failed', text });
    } catch (error) {
      // It went away meanwhile: it says how it stands when it is back.
      log.info({ tc, why: messageOf(error) }, 'a thin client could not be told of an update');
    }
  }
}
