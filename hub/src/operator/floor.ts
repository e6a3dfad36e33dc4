import { SECOND, type Clock } from '@anyseat/base';
import type { FloorAnswer, FloorSeat, InputView, SeatSpec } from '@anyseat/protocol';
import type { Catalogue, Resource } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import { seatState } from '../domain/seatState.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import type { Store } from '../store/store.ts';
import { nameOf } from './views.ts';

export interface FloorDeps {
  store: Pick<Store, 'tcs' | 'sessions' | 'desktops'>;
  catalogue: () => Catalogue;
  online: () => ReadonlySet<TcId>;
  /** What the person of a session does, as their seat said last. */
  inputOf: (session: Session) => InputView | undefined;
  clock: Clock;
}

/** A look at ten thousand seats is work; it rests so many times as long as it took, so that logins go first. */
const REST_TIMES = 20;
/** What changes is seen within two seconds all the same. */
const LONGEST_REST = 1.5 * SECOND;

/**
 * All seats as they are, for the map. Any number of consoles share one look, and are told what changed since theirs: ten of
 * them cost the hub what one does.
 */
export class Floor {
  readonly #deps: FloorDeps;
  /** Another one of these, and every mark of before is worth nothing. */
  #era = 0;
  #version = 0;
  #seats = new Map<string, { seat: FloorSeat; text: string; version: number }>();
  #sites = '';
  #coming: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #restUntil = -Infinity;

  constructor(deps: FloorDeps) {
    this.#deps = deps;
    this.#era = deps.clock.now();
  }

  /** As it is now or a moment later, never as it was before it was asked for. */
  async answer(since: string | undefined): Promise<FloorAnswer> {
    await (this.#coming ??= this.#next());
    const [era, version] = (since ?? '').split('.').map(Number);
    const whole = era !== this.#era || version === undefined || !(version <= this.#version);
    const all = [...this.#seats.values()];
    const { sites } = this.#deps.catalogue();
    return {
      mark: `${this.#era}.${this.#version}`,
      whole,
      sites: [...sites.values()].map(({ name, spec: { title, timeZone } }) => ({ name, title, timeZone })),
      seats: (whole ? all : all.filter((one) => one.version > version)).map(({ seat }) => seat),
    };
  }

  async #next(): Promise<void> {
    const { clock } = this.#deps;
    await this.#reading.catch(() => undefined);
    const rest = this.#restUntil - clock.monotonic();
    if (rest > 0) await clock.sleep(rest);
    // Whoever asks from here on may have seen something that this look does not see any more.
    this.#coming = undefined;
    await (this.#reading = this.#look());
  }

  async #look(): Promise<void> {
    const { clock } = this.#deps;
    const began = clock.monotonic();
    this.#take(await seatsNow(this.#deps));
    const took = clock.monotonic() - began;
    this.#restUntil = clock.monotonic() + Math.min(LONGEST_REST, took * REST_TIMES);
  }

  #take(seats: readonly FloorSeat[]): void {
    const { sites } = this.#deps.catalogue();
    const names = JSON.stringify(
      [...sites.values()].map(({ name, spec }) => [name, spec.title, spec.timeZone]),
    );
    const same =
      names === this.#sites &&
      seats.length === this.#seats.size &&
      seats.every(({ name }) => this.#seats.has(name));
    if (!same) {
      this.#era += 1;
      this.#seats.clear();
      this.#sites = names;
    }
    this.#version += 1;
    for (const seat of seats) {
      const text = JSON.stringify(seat);
      if (this.#seats.get(seat.name)?.text === text) continue;
      this.#seats.set(seat.name, { seat, text, version: this.#version });
    }
  }
}

async function seatsNow({ store, catalogue, online, inputOf }: FloorDeps): Promise<FloorSeat[]> {
  const tcs = (await store.tcs()).filter((tc) => tc.state === 'enrolled');
  const tcAt = new Map(tcs.map((tc) => [tc.seat, tc]));
  const sessions = await store.sessions({ live: true });
  const sessionAt = new Map(sessions.map((session) => [session.seat, session]));
  const held = new Set(sessions.map(({ desktop }) => desktop));
  const desktops = new Map(
    (await store.desktops()).filter(({ id }) => held.has(id)).map((one) => [one.id, one]),
  );
  const here = online();
  return [...catalogue().seats.values()].map((seat) => {
    const tc = tcAt.get(seat.name);
    const session = sessionAt.get(seat.name);
    const desktop = session?.desktop === undefined ? undefined : desktops.get(session.desktop);
    const isOnline = tc !== undefined && here.has(tc.id);
    const idleMs = session && inputOf(session)?.idleMs;
    return floorSeat(seat, { tc, isOnline, session, desktop, idleMs });
  });
}

/** What stands at a seat, and who is logged in there. */
export interface AtSeat {
  tc: Tc | undefined;
  isOnline: boolean;
  session: Session | undefined;
  desktop: Desktop | undefined;
  idleMs: number | undefined;
}

export function floorSeat({ name, spec }: Resource<SeatSpec>, at: AtSeat): FloorSeat {
  const { tc, isOnline, session, desktop, idleMs } = at;
  const room = spec.tags['floor'] ?? spec.tags['room'];
  return {
    name,
    site: spec.site,
    label: spec.label,
    ...(room === undefined ? {} : { room }),
    ...(spec.row === undefined ? {} : { row: spec.row }),
    ...(spec.column === undefined ? {} : { column: spec.column }),
    state: seatState({ hasTc: tc !== undefined, online: isOnline, session, desktop, idleMs }),
    ...(tc ? { tc: tc.fingerprint, address: tc.address } : {}),
    ...(session
      ? {
          since: session.stateSince,
          user: session.user,
          displayName: session.displayName,
          session: session.id,
        }
      : tc && !isOnline
        ? { since: tc.lastSeenAt }
        : {}),
    ...(desktop ? { desktop: nameOf(desktop) } : {}),
  };
}
