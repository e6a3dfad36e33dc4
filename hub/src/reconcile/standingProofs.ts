import { MINUTE, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { standingLink, StandingLink } from '@anyseat/spice';
import type { Cloud } from '../cloud/cloud.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { isFree, type Desktop, type DesktopId, type Endpoint } from '../domain/desktop.ts';
import type { Store } from '../store/store.ts';
import { Doubts } from './doubts.ts';
import { Lanes } from './lanes.ts';
import { displayOf, provesDisplay, resolveEndpoint } from './proof.ts';

export interface StandingDeps {
  store: Pick<Store, 'desktop' | 'desktops' | 'recordDesktop'>;
  clouds: ReadonlyMap<string, Cloud>;
  catalogue: () => Catalogue;
  /** How many links stand at most, and how many are made a second. */
  settings: { most: number; perSecond: number };
  link: typeof standingLink;
  clock: Clock;
  log: Log;
  /** A desktop of this pool is ready no more. */
  lookAtPool: (pool: string) => void;
}

/** A link to one desktop, or the making of one. */
interface Entry {
  readonly desktop: DesktopId;
  opening: Promise<StandingLink | undefined>;
  link: StandingLink | undefined;
  to: { serverId: string; endpoint: Endpoint } | undefined;
  /** Somebody was given the desktop, and the link with it. */
  taken: boolean;
  /** Nobody wants it any more. */
  dropped: boolean;
}

const PASS_EVERY_MS = 30 * SECOND;
const PASS_SOON_MS = SECOND;
const TICK_MS = 50;
const OPENING_AT_ONCE = 16;
const OPEN_WITHIN_MS = 2 * SECOND;
const RESOLVE_WITHIN_MS = SECOND;
const ANSWER_WITHIN_MS = SECOND;
const AGAIN_AFTER_MS = MINUTE;
const LONGEST_AGAIN_MS = 15 * MINUTE;
/**
 * Links that stand to desktops that are ready and nobody holds, so that the proof before a grant (rule 12) is one question
 * over a connection that proved who is there long before. Taking a link ends it: a person's own viewer is never met by ours.
 *
 * **Never to a held desktop (rule 13).** An entry is in the map before the store is asked whether the desktop is ready, and
 * whoever is given a desktop takes its entry after the claim is committed. So a claim either comes before the question,
 * which then says no, or finds the entry and waits for it.
 *
 * A link that ends by itself is a reason to look, without throwing anybody out: a desktop that does not answer is not ready
 * any more. Nothing else follows from it: without a link the grant makes a full one, as it always could.
 */
export class StandingProofs implements AsyncDisposable {
  readonly #deps: StandingDeps;
  readonly #entries = new Map<DesktopId, Entry>();
  readonly #again = new Map<DesktopId, { at: number; ms: number }>();
  readonly #lanes = new Lanes();
  readonly #doubts: Doubts;
  #queue: DesktopId[] = [];
  #opening = 0;
  #credit = 0;
  #ticking: Disposable | undefined;
  #passing: { at: number; timer: Disposable } | undefined;
  #stopped = false;

  constructor(deps: StandingDeps) {
    this.#deps = deps;
    const mayBeLinked = (desktop: Desktop) => this.#mayBeLinked(desktop);
    this.#doubts = new Doubts({
      ...deps,
      lanes: this.#lanes,
      mayBeLinked,
      standing: () => this.#entries.size,
    });
  }

  get size(): number {
    let size = 0;
    for (const { link } of this.#entries.values()) if (link) size++;
    return size;
  }

  /** Desktops may have become ready, or cease to be. */
  look(): void {
    this.#passIn(PASS_SOON_MS);
  }

  /**
   * Whether this very desktop answers over a link that stands, within a second. The link is over either way; call it once
   * the desktop is somebody's, before they are told.
   */
  async take(desktop: Pick<Desktop, 'id' | 'serverId' | 'endpoint'>): Promise<boolean> {
    const entry = this.#entries.get(desktop.id);
    if (!entry) return false;
    this.#entries.delete(desktop.id);
    this.#again.delete(desktop.id);
    entry.taken = true;
    const link = entry.link ?? (await entry.opening);
    if (!link) return false;
    const answered = leadsTo(entry, desktop) && (await link.answers(ANSWER_WITHIN_MS));
    link.close();
    return answered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#ticking?.[Symbol.dispose]();
    this.#passing?.timer[Symbol.dispose]();
    const openings = [...this.#entries.values()].map(({ opening }) => opening);
    for (const entry of this.#entries.values()) this.#drop(entry);
    await Promise.all(openings);
    await this.#lanes[Symbol.asyncDispose]();
  }

  #passIn(ms: number): void {
    if (this.#stopped || this.#deps.settings.most === 0) return;
    const now = this.#deps.clock.monotonic();
    const at = now + ms;
    // One that is late is planned anew: a machine that slept may have left its timer behind.
    if (this.#passing && this.#passing.at <= at && this.#passing.at >= now) return;
    this.#passing?.timer[Symbol.dispose]();
    const timer = this.#deps.clock.after(ms, () => {
      this.#passing = undefined;
      this.#lanes.run('look', () => this.#pass());
    });
    this.#passing = { at, timer };
  }

  /** Levels, not edges: which links there are to be is read anew from the store. */
  async #pass(): Promise<void> {
    const { store, clock, settings, log } = this.#deps;
    try {
      const free = (await store.desktops()).filter((desktop) => this.#mayBeLinked(desktop));
      const wanted = new Set(this.#nextFirst(free).slice(0, settings.most));
      for (const entry of this.#entries.values()) if (!wanted.has(entry.desktop)) this.#drop(entry);
      const now = clock.monotonic();
      for (const [id, { at }] of this.#again) if (!wanted.has(id) && at <= now) this.#again.delete(id);
      this.#queue = [...wanted].filter((id) => (this.#again.get(id)?.at ?? 0) <= now);
      this.#tick();
      log.debug({ wanted: wanted.size, stand: this.size }, 'the links that stand were gone through');
    } catch (error) {
      log.warn({ err: error }, 'the links that stand could not be gone through');
    }
    this.#passIn(PASS_EVERY_MS);
  }

  /** Those that are handed out next, of all pools alike, before those that are handed out later. */
  #nextFirst(free: readonly Desktop[]): DesktopId[] {
    const ranked = [...Map.groupBy(free, ({ pool }) => pool)].flatMap(([pool, own]) => {
      own.sort((a, b) => a.readyAt! - b.readyAt! || a.number - b.number);
      if (this.#deps.catalogue().pools.get(pool)?.spec.handOut === 'newest') own.reverse();
      return own.map(({ id }, rank) => ({ id, rank }));
    });
    return ranked.sort((a, b) => a.rank - b.rank).map(({ id }) => id);
  }

  #mayBeLinked(desktop: Desktop): boolean {
    if (!isFree(desktop) || desktop.session !== undefined) return false;
    if (desktop.serverId === undefined || desktop.endpoint === undefined) return false;
    const pool = this.#deps.catalogue().pools.get(desktop.pool);
    return pool !== undefined && provesDisplay(pool.spec.readiness);
  }

  #tick(): void {
    if (this.#ticking || this.#stopped || this.#queue.length === 0) return;
    const { clock, settings } = this.#deps;
    const aTick = (settings.perSecond * TICK_MS) / SECOND;
    this.#ticking = clock.after(TICK_MS, () => {
      this.#ticking = undefined;
      this.#credit = Math.min(this.#credit + aTick, Math.max(1, aTick));
      while (this.#credit >= 1 && this.#opening < OPENING_AT_ONCE && this.#queue.length > 0) {
        const id = this.#queue.shift()!;
        if (this.#entries.has(id)) continue;
        this.#credit--;
        this.#begin(id);
      }
      this.#tick();
    });
  }

  #begin(desktop: DesktopId): void {
    const opening = Promise.withResolvers<StandingLink | undefined>();
    const entry: Entry = {
      desktop,
      opening: opening.promise,
      link: undefined,
      to: undefined,
      taken: false,
      dropped: false,
    };
    this.#entries.set(desktop, entry);
    this.#opening++;
    this.#open(entry)
      .catch((error: unknown) => {
        this.#deps.log.warn({ desktop, err: error }, 'a link that was to stand could not be made');
        return undefined;
      })
      .then((link) => {
        this.#opening--;
        if (!link) this.#forget(entry);
        opening.resolve(link);
      }, opening.reject);
  }

  async #open(entry: Entry): Promise<StandingLink | undefined> {
    const { store, clouds, clock, link: openLink } = this.#deps;
    const desktop = await store.desktop(entry.desktop);
    if (!desktop || entry.dropped || !this.#mayBeLinked(desktop)) return undefined;
    const cloud = clouds.get(desktop.cloud);
    const { serverId, endpoint } = desktop as { serverId: string; endpoint: Endpoint };
    const display = cloud && displayOf(endpoint, cloud.spice);
    if (!display) return undefined;
    if (this.#again.has(entry.desktop) && !(await this.#isThereStill(cloud, serverId, endpoint))) {
      if (!entry.taken) this.#doubt(desktop.id, undefined);
      return undefined;
    }
    const stood = await openLink(display, { timeoutMs: OPEN_WITHIN_MS, clock });
    if (stood.outcome === 'standing' && stood.link.uuid === serverId.toLowerCase()) {
      if (entry.dropped) {
        stood.link.close();
        return undefined;
      }
      entry.to = { serverId, endpoint };
      entry.link = stood.link;
      stood.link.onEnd(() => this.#lost(entry));
      this.#deps.log.debug({ desktop: desktop.id }, 'a link stands');
      return stood.link;
    }
    let another: string | undefined;
    if (stood.outcome === 'standing') {
      another = `${stood.link.name || stood.link.uuid} answers there`;
      stood.link.close();
    }
    // That it could not be linked says little (a slow host, perhaps): it is looked at before anything is concluded.
    if (!entry.taken) this.#doubt(desktop.id, another);
    return undefined;
  }

  /** After a loss its port may be another's by now, who is not to be thrown out: the cloud is asked where it is. */
  async #isThereStill(cloud: Cloud, serverId: string, endpoint: Endpoint): Promise<boolean> {
    try {
      const found = await resolveEndpoint(cloud, serverId, this.#deps.clock, RESOLVE_WITHIN_MS);
      return isSamePlace(found, endpoint);
    } catch (error) {
      if (toFault(error).retry === 'bug') throw error;
      return false;
    }
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.desktop) === entry) this.#entries.delete(entry.desktop);
  }

  #drop(entry: Entry): void {
    entry.dropped = true;
    this.#forget(entry);
    entry.link?.close();
  }

  #lost(entry: Entry): void {
    if (this.#entries.get(entry.desktop) !== entry) return;
    this.#entries.delete(entry.desktop);
    this.#doubt(entry.desktop, undefined);
  }

  #doubt(desktop: DesktopId, why: string | undefined): void {
    if (this.#stopped) return;
    const ms = Math.min((this.#again.get(desktop)?.ms ?? AGAIN_AFTER_MS / 2) * 2, LONGEST_AGAIN_MS);
    this.#again.set(desktop, { at: this.#deps.clock.monotonic() + ms, ms });
    this.#doubts.add(desktop, why);
  }
}

const leadsTo = ({ to }: Entry, { serverId, endpoint }: Pick<Desktop, 'serverId' | 'endpoint'>): boolean =>
  to !== undefined &&
  to.serverId === serverId &&
  endpoint !== undefined &&
  isSamePlace(to.endpoint, endpoint);

const isSamePlace = (a: Endpoint, b: Endpoint): boolean =>
  a.host === b.host && a.port === b.port && a.tlsPort === b.tlsPort;
