import type { Clock, Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub, type Actor } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import { hostDoubts, type CloudHost } from '../domain/hosts.ts';
import { whyNotByRule } from '../domain/swapByRule.ts';
import { swapPolicyOf } from '../domain/swap.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { Store, SwapOrder, Swapped } from '../store/store.ts';
import type { WaitingLine } from './waitingLine.ts';

export interface SwapDeps {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  catalogue: () => Catalogue;
  line: WaitingLine;
  clock: Clock;
  log: Log;
  /** The compute hosts of a cloud as last seen; undefined while nothing is known. */
  hostsOf: (cloud: Cloud) => readonly CloudHost[] | undefined;
  lookAtPool: (pool: string) => void;
  /** The session's viewer is to end, and why. */
  release: (tc: TcId, session: Session, code: string, fields: Readonly<Record<string, string>>) => void;
  /** A desktop came into quarantine: its console log is to be kept. */
  onQuarantined: () => void;
}

/**
 * Takes a desktop for broken. The seat of whoever was on it is told, unless it is the one that asks, and comes for the
 * other one by itself; the pool makes another. Asked again it does the same: a seat that missed the word hears it once more.
 */
export async function swapDesktop(order: SwapOrder, by: Actor, deps: SwapDeps): Promise<Swapped> {
  const swapped = await deps.store.swapDesktop(order, by);
  if (swapped.kind !== 'swapped') return swapped;
  const { swap, session, again } = swapped;
  const { desktop, pool, to, origin, reason } = swap;
  if (!again)
    deps.log[origin === 'drain' ? 'info' : 'warn'](
      { desktop, pool, to, session: session?.id, origin, reason },
      'a desktop was swapped',
    );
  if (session?.swap && origin !== 'person') deps.release(session.tc, session, 'swapped', {});
  for (const name of new Set([pool, ...(session?.pools ?? [])])) deps.lookAtPool(name);
  deps.line.serve();
  deps.onQuarantined();
  return swapped;
}

/** Why a held desktop that does not answer is lost, by what the cloud says; undefined: it does not say so. */
export function lostBy(
  desktop: Desktop,
  failed: { verdict: 'look-again' | 'broken' | 'unknown'; text: string },
  { clouds, hostsOf }: Pick<SwapDeps, 'clouds' | 'hostsOf'>,
): string | undefined {
  if (failed.verdict === 'broken') return failed.text;
  const cloud = clouds.get(desktop.cloud);
  const hosts = cloud && hostsOf(cloud);
  const doubt = hosts && desktop.host !== undefined ? hostDoubts(hosts).get(desktop.host) : undefined;
  return doubt?.kind === 'down' ? `${failed.text}; ${doubt.text}` : undefined;
}

/**
 * A desktop that seat and cloud agree is lost is swapped by rule, if its pool's policy lets that be. Undefined: it is not, and its
 * person keeps it.
 */
export async function swapByRule(
  session: Session,
  desktop: Desktop,
  reason: string,
  deps: SwapDeps,
): Promise<Extract<Swapped, { kind: 'swapped' }> | undefined> {
  const { catalogue, clouds, hostsOf, log } = deps;
  const cloud = clouds.get(desktop.cloud);
  const policy = swapPolicyOf(catalogue().pools.get(desktop.pool)?.spec);
  const why = whyNotByRule({ desktop, policy, hosts: cloud && hostsOf(cloud) });
  const about = { desktop: desktop.id, session: session.id, reason };
  if (why !== undefined) {
    log.warn({ ...about, why }, 'a desktop is lost, and is not swapped by rule');
    return undefined;
  }
  const { generation, state, tc } = session;
  const was = { session: session.id, generation, state, tc };
  const paces = { pool: policy.pool };
  const swapped = await swapDesktop(
    { desktop: desktop.id, origin: 'rule', reason, was, paces },
    theHub,
    deps,
  );
  if (swapped.kind === 'swapped') return swapped;
  log.warn({ ...about, why: swapped.kind }, 'a desktop is lost, and is not swapped by rule');
  return undefined;
}
