import { MINUTE, type Clock, type Log } from '@anyseat/base';
import type { Session } from '@anyseat/openstack';
import { isDenied } from './portFault.ts';

const REFUSED_FOR_MS = 5 * MINUTE;

/** Looking with whoever sees more: the admin, who sees hosts; the member while there is none, or the admin is refused. */
export class Eyes {
  readonly #member: Session;
  readonly #admin: Session | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  #refusedUntil = 0;

  constructor(member: Session, admin: Session | undefined, clock: Clock, log: Log) {
    this.#member = member;
    this.#admin = admin;
    this.#clock = clock;
    this.#log = log;
  }

  /** The second argument of `look` is the member's project, where the admin lives in another. */
  async see<T>(
    look: (session: Session, projectId: string | undefined) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const admin = this.#admin;
    if (!admin || this.#clock.monotonic() < this.#refusedUntil) return look(this.#member, undefined);
    const ours = await this.#member.compute.whoami(signal);
    try {
      const theirs = await admin.compute.whoami(signal);
      return await look(admin, ours.projectId === theirs.projectId ? undefined : ours.projectId);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.#refusedUntil = this.#clock.monotonic() + REFUSED_FOR_MS;
      this.#log.warn({ err: error }, 'the admin credentials are refused; hosts are not seen');
      return look(this.#member, undefined);
    }
  }
}
