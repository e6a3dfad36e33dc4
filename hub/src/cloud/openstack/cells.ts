import { isFault, MINUTE, type Clock } from '@anyseat/base';
import { lookByServers, lookByServices, type CellsLook, type Session } from '@anyseat/openstack';
import { isDenied } from './portFault.ts';

const FULL_FOR_MS = 10 * MINUTE;

/**
 * Whether every cell of the cloud answers. First by the project's own brief listing, which any credential may ask and which
 * tells of cell 0 too; in projects of more servers than one page holds (1000) by the compute services, which the admin
 * credential may list. Where neither can tell it is unknowable, and no listing is complete.
 */
export class Cells {
  readonly #member: Session;
  readonly #admin: Session | undefined;
  readonly #clock: Clock;
  #fullUntil = 0;

  constructor(member: Session, admin: Session | undefined, clock: Clock) {
    this.#member = member;
    this.#admin = admin;
    this.#clock = clock;
  }

  /** An error of the cloud's own on the way is no answer either: Nova says 500 where a cell fails in an unusual way. */
  async look(signal: AbortSignal | undefined): Promise<CellsLook> {
    try {
      return await this.#look(signal);
    } catch (error) {
      if (isFault(error, 'cloud-unreachable') && Number(error.fields['status']) >= 500) return 'unknowable';
      throw error;
    }
  }

  async #look(signal: AbortSignal | undefined): Promise<CellsLook> {
    if (this.#clock.monotonic() >= this.#fullUntil) {
      const seen = await lookByServers(this.#member.compute, signal);
      if (seen !== 'unknowable') return seen;
      this.#fullUntil = this.#clock.monotonic() + FULL_FOR_MS;
    }
    try {
      return await lookByServices((this.#admin ?? this.#member).compute, signal);
    } catch (error) {
      if (isDenied(error)) return 'unknowable';
      throw error;
    }
  }
}
