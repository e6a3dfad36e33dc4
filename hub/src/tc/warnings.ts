import type { Clock } from '@anyseat/base';
import type { ToTcInput } from '@anyseat/protocol';
import type { Session, SessionId, TcId } from '../domain/session.ts';

/** Something that will happen to a session unless something changes: a code of the catalogue, and when (monotonic ms). */
export interface SessionWarning {
  code: string;
  at: number;
}

/** Who warns; each takes back only its own. */
export type WarningFrom = 'limits' | 'access' | 'drain';

/** The seat's line; a `Connection`. */
interface Line {
  readonly epoch: number;
  send(frame: ToTcInput): void;
}

interface Standing {
  tc: TcId;
  from: Map<WarningFrom, SessionWarning>;
  /** What the seat was told, over which connection. */
  told: { code: string; at: number; epoch: number } | undefined;
}

/**
 * What stands on people's screens of things to come. Of several warnings of a session the soonest is shown. In memory: after a
 * restart of the hub whoever warned warns anew.
 */
export class Warnings {
  readonly #clock: Clock;
  readonly #lineTo: (tc: TcId) => Line | undefined;
  readonly #standing = new Map<SessionId, Standing>();

  constructor(clock: Clock, lineTo: (tc: TcId) => Line | undefined) {
    this.#clock = clock;
    this.#lineTo = lineTo;
  }

  /** Puts a warning on the screen of a session, or takes it back. */
  set(session: Pick<Session, 'id' | 'tc'>, from: WarningFrom, warning: SessionWarning | undefined): void {
    const { id, tc } = session;
    const known = this.#standing.get(id);
    if (!known && !warning) return;
    const one: Standing = known?.tc === tc ? known : { tc, from: new Map(known?.from), told: undefined };
    this.#standing.set(id, one);
    if (warning) one.from.set(from, warning);
    else one.from.delete(from);
    this.#tell(id, one);
  }

  /** Sessions that are over are forgotten; seats that came back are told again. */
  look(live: ReadonlySet<SessionId>): void {
    for (const [id, one] of this.#standing) {
      if (live.has(id)) this.#tell(id, one);
      else this.#standing.delete(id);
    }
  }

  #tell(sessionId: SessionId, one: Standing): void {
    const line = this.#lineTo(one.tc);
    if (!line) return;
    const [soonest] = [...one.from.values()].toSorted((a, b) => a.at - b.at);
    if (!soonest) {
      this.#standing.delete(sessionId);
      if (one.told?.epoch === line.epoch) line.send({ type: 'warning', sessionId });
      return;
    }
    const { code, at } = soonest;
    const { told } = one;
    if (told?.code === code && told.at === at && told.epoch === line.epoch) return;
    one.told = { code, at, epoch: line.epoch };
    const inMs = Math.max(0, Math.round(at - this.#clock.monotonic()));
    line.send({ type: 'warning', sessionId, warning: { code, inMs } });
  }
}
