import { createHash } from 'node:crypto';
import { Fault, messageOf, MINUTE, type Clock, type Log } from '@anyseat/base';
import { theHub } from '../domain/audit.ts';
import type { Catalogue, Resource } from '../domain/catalogue.ts';
import type { RosterSpec } from '@anyseat/protocol';
import type { Store } from '../store/store.ts';
import { readSheetAside } from './readSheetAside.ts';

export interface RosterPullsDeps {
  store: Pick<Store, 'rosterSheets' | 'keepRosterSheet'>;
  catalogue: () => Catalogue;
  clock: Clock;
  log: Log;
  /** Another table is in force. */
  onBrought: () => void;
}

/** How pulling a roster went last. Epoch ms. */
export interface PullState {
  pulledAt: number | undefined;
  failure: { at: number; text: string } | undefined;
}

const MOST_BYTES = 32 * 1024 * 1024;
const LONGEST_MS = MINUTE;

/**
 * Pulls tables from where their rosters say. What does not come whole, or is wrong in any row, changes nothing: the table
 * before stays in force, and the failure is told until one comes that is good.
 */
export class RosterPulls implements AsyncDisposable {
  readonly #deps: RosterPullsDeps;
  readonly #stop = new AbortController();
  #pulling: Promise<void> = Promise.resolve();
  readonly #states = new Map<string, PullState & { url: string; nextAt: number }>();

  constructor(deps: RosterPullsDeps) {
    this.#deps = deps;
  }

  stateOf(roster: string): PullState | undefined {
    return this.#states.get(roster);
  }

  /** Pulls those that are due. Never throws: what fails is in its state. */
  look(): Promise<void> {
    return (this.#pulling = this.#pulling.then(() => this.#look()));
  }

  /** The same, for whoever does not wait for it. */
  soon(): void {
    this.look().catch((error: unknown) => this.#deps.log.error({ err: error }, 'pulling rosters failed'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub stops'));
    await this.#pulling;
  }

  async #look(): Promise<void> {
    const { catalogue, clock } = this.#deps;
    const { signal } = this.#stop;
    const { rosters } = catalogue();
    for (const name of this.#states.keys()) if (!rosters.has(name)) this.#states.delete(name);
    for (const roster of rosters.values()) {
      const { url, everyMinutes } = roster.spec;
      const known = this.#states.get(roster.name);
      if (url === undefined) this.#states.delete(roster.name);
      else if (known?.url !== url || known.nextAt <= clock.monotonic())
        await this.#pull(roster, url, everyMinutes, signal);
      if (signal.aborted) return;
    }
  }

  async #pull(
    { name, spec }: Resource<RosterSpec>,
    url: string,
    everyMinutes: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log, catalogue } = this.#deps;
    const before = this.#states.get(name);
    const state = { url, nextAt: clock.monotonic() + everyMinutes * MINUTE };
    try {
      const bytes = await fetchTable(url, signal);
      const sites = [...catalogue().sites.keys()];
      await this.#keep(name, bytes, { file: name, sites, site: spec.site }, signal);
      this.#states.set(name, { ...state, pulledAt: clock.now(), failure: undefined });
    } catch (error) {
      if (signal.aborted) return;
      const text = messageOf(error);
      log.warn({ roster: name, why: text }, 'a roster could not be pulled; the one before stays in force');
      const failure = { at: clock.now(), text };
      this.#states.set(name, { ...state, pulledAt: before?.pulledAt, failure });
    }
  }

  async #keep(
    roster: string,
    bytes: Uint8Array,
    reading: { file: string; sites: readonly string[]; site: string | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, onBrought } = this.#deps;
    const inForce = (await store.rosterSheets()).find((one) => one.roster === roster);
    if (inForce?.hash === createHash('sha256').update(bytes).digest('hex')) return;
    const { hash, facts, packed } = await readSheetAside({ bytes, packed: false, reading }, signal);
    await store.keepRosterSheet({ roster, hash, rows: facts.rows, packed }, theHub);
    onBrought();
  }
}

/** A table, bounded in time and size. Whoever answers with another address is not followed: an operator named this one. */
async function fetchTable(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const failed = (text: string, cause?: unknown) =>
    new Fault('roster-unreachable', 'transient', text, { cause });
  const until = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  let answer: Response;
  try {
    answer = await fetch(url, {
      redirect: 'manual',
      signal: until,
      headers: { accept: 'text/csv, text/plain' },
    });
  } catch (cause) {
    throw failed('its address does not answer', cause);
  }
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    throw failed(`its address answers ${answer.status}`);
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of answer.body) {
      bytes += part.length;
      if (bytes > MOST_BYTES) throw failed(`its table is larger than ${MOST_BYTES / 1024 / 1024} MiB`);
      parts.push(part);
    }
  } catch (cause) {
    throw cause instanceof Fault ? cause : failed('its table did not come whole', cause);
  }
  return Buffer.concat(parts);
}
