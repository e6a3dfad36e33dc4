import type { Actor } from '../domain/audit.ts';
import type { Release, RolledOut, Rollout } from '../domain/rollout.ts';

/** The part of the store that releases of the agent, and their way to the seats, are kept in. */
export interface UpdateStore {
  /** The newest first. */
  releases(): Promise<Release[]>;
  /** One that is there is as it was. */
  addRelease(release: Omit<Release, 'addedAt'>, by: Actor): Promise<Release>;
  /** The last one, whatever became of it. */
  rollout(): Promise<Rollout | undefined>;
  /** @throws Fault `update-running` (refused) while there is one that has not ended */
  startRollout(
    plan: Pick<Rollout, 'version' | 'rings' | 'atOnce' | 'soakMs' | 'mostFailed'>,
    by: Actor,
  ): Promise<Rollout>;
  /** Undefined, and nothing is changed, when it has ended or is not in state `from` any more. */
  moveRollout(
    id: number,
    from: Rollout['state'],
    change: Partial<Pick<Rollout, 'state' | 'ring' | 'throughAt' | 'why'>>,
    by: Actor,
  ): Promise<Rollout | undefined>;
  rolledOut(rollout: number): Promise<RolledOut[]>;
  /** Takes the place of what was known of this TC in this rollout; an ending with its row in the audit. */
  recordRolledOut(rollout: number, news: Omit<RolledOut, 'at' | 'tries'>): Promise<void>;
}
