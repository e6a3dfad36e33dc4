import type { SessionId } from '../domain/session.ts';
import { swapSite } from './swap.ts';
import { tcNamed } from './tcActs.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** At which site something happens that an operator asks for; undefined when it is at none. */
export type ActSite = (asked: Asked, deps: OperatorDeps) => Promise<string | undefined>;

/** Where a thin client stands. */
export const ofTc: ActSite = async (asked, deps) => {
  const { seat } = await tcNamed(asked, deps);
  return seat === undefined ? undefined : deps.keeper.current.seats.get(seat)?.spec.site;
};

/** Where the person of a session sits. */
export const ofSession: ActSite = async ({ params }, { store }) =>
  (await store.session(params['id'] as SessionId))?.site;

/** Where the person sits whose desktop is to be swapped. */
export const ofSwap: ActSite = swapSite;
