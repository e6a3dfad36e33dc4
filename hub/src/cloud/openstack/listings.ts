import { Fault, MINUTE, type Clock, type Log } from '@anyseat/base';
import { deadlineIn, listServers, unlessAborted } from '@anyseat/openstack';
import type { Listing } from '../cloud.ts';
import type { Cells } from './cells.ts';
import type { Eyes } from './eyes.ts';
import { cloudServer } from './serverState.ts';

/** Pages have deadlines of their own; twenty slow ones together must end as well. */
const ALL_PAGES_MS = 5 * MINUTE;

/** Listings of servers by tag, each between two looks at the cells. */
export class Listings {
  readonly #eyes: Eyes;
  readonly #cells: Cells;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pageSize: number | undefined;
  readonly #underWay = new Map<string, Promise<Listing>>();
  readonly #stop = new AbortController();
  #lastDoubts = '';

  constructor(options: { eyes: Eyes; cells: Cells; clock: Clock; log: Log; pageSize: number | undefined }) {
    this.#eyes = options.eyes;
    this.#cells = options.cells;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#pageSize = options.pageSize;
  }

  /** Whoever asks while a listing of the same tag is under way gets that one: `startedAt` says how old it is. */
  shared(tag: string, signal: AbortSignal | undefined): Promise<Listing> {
    let listing = this.#underWay.get(tag);
    if (!listing) {
      listing = this.fresh(tag, this.#stop.signal).finally(() => this.#underWay.delete(tag));
      this.#underWay.set(tag, listing);
    }
    return signal ? unlessAborted(listing, signal) : listing;
  }

  /**
   * A cell that is down is left out of the pages without a word, so a listing is complete only when every cell answered
   * before and after it, and the pages themselves left no doubt. (A cell that was away for just the time between is not
   * noticed; nothing is held to be gone before a look at it by id says so.)
   */
  async fresh(tag: string, signal: AbortSignal | undefined): Promise<Listing> {
    using deadline = deadlineIn(ALL_PAGES_MS, this.#clock, signal);
    try {
      return await this.#listing(tag, deadline.signal);
    } catch (error) {
      if (!deadline.late) throw error;
      throw new Fault(
        'cloud-unreachable',
        'transient',
        `no whole listing within ${ALL_PAGES_MS / MINUTE} minutes`,
        {
          cause: error,
        },
      );
    }
  }

  /** Those under way end with this reason. */
  async close(reason: Error): Promise<void> {
    this.#stop.abort(reason);
    await Promise.allSettled(this.#underWay.values());
  }

  async #listing(tag: string, signal: AbortSignal): Promise<Listing> {
    const startedAt = this.#clock.now();
    const before = await this.#cells.look(signal);
    const list = await this.#eyes.see(
      (session, projectId) =>
        listServers(session.compute, { tags: [tag], projectId, pageSize: this.#pageSize }, signal),
      signal,
    );
    const after = before === 'allUp' ? await this.#cells.look(signal) : before;
    const doubts = [
      ...list.doubts,
      ...(after === 'someDown' ? ['a cell is down'] : []),
      ...(after === 'unknowable' ? ['whether a cell is down cannot be known'] : []),
    ];
    this.#tell(doubts);
    // The filter is Nova's; that it was applied is seen here.
    const servers = list.servers.filter((server) => server.tags.includes(tag)).map(cloudServer);
    return { servers, complete: doubts.length === 0, startedAt };
  }

  #tell(doubts: readonly string[]): void {
    const text = doubts.join('; ');
    if (text === this.#lastDoubts) return;
    this.#lastDoubts = text;
    if (text === '') this.#log.info('listings are complete again');
    else this.#log.warn({ doubts }, 'listings are not complete');
  }
}
