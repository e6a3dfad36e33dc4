import { MINUTE, SECOND } from '@anyseat/base';

/**
 * Why a pool makes no desktops just now. It keeps serving what it has.
 *
 * - `quota`: the project may have no more.
 * - `no-valid-host`: no host takes another one.
 * - `bad-image`, `bad-flavor`, `no-network`: what the specification names is not there, or is no good.
 * - `refused-order`: the cloud refuses the order for another reason.
 * - `no-permission`: the credentials, or the cloud's settings, do not allow it.
 * - `cloud-away`: no answer, or one that says later.
 * - `boots-fail`: desktops are made, and do not become ready.
 */
export type TroubleKind =
  | 'quota'
  | 'no-valid-host'
  | 'bad-image'
  | 'bad-flavor'
  | 'no-network'
  | 'refused-order'
  | 'no-permission'
  | 'cloud-away'
  | 'boots-fail';

interface TroubleRule {
  /** In an operator's words, before the cloud's own. */
  words: string;
  /** What to do about it, where somebody can. */
  advice: string;
  firstWaitMs: number;
  longestWaitMs: number;
  /** What shows that it is over: an order that was taken, a server that runs, a desktop that is ready. */
  overAt: 'taken' | 'running' | 'ready';
}

export const troubleRules: Readonly<Record<TroubleKind, TroubleRule>> = {
  quota: {
    words: 'the project’s quota is used up',
    advice: 'raise it, or lower floors',
    firstWaitMs: 30 * SECOND,
    longestWaitMs: 10 * MINUTE,
    overAt: 'running',
  },
  'no-valid-host': {
    words: 'no host takes another desktop',
    advice: 'hosts are full, disabled or down, or none fits the flavor',
    firstWaitMs: MINUTE,
    longestWaitMs: 10 * MINUTE,
    overAt: 'running',
  },
  'bad-image': {
    words: 'its image cannot be used',
    advice: 'look at it in Glance',
    firstWaitMs: MINUTE,
    longestWaitMs: 5 * MINUTE,
    overAt: 'taken',
  },
  'bad-flavor': {
    words: 'its flavor cannot be used',
    advice: 'look at it in Nova',
    firstWaitMs: MINUTE,
    longestWaitMs: 5 * MINUTE,
    overAt: 'taken',
  },
  'no-network': {
    words: 'its network cannot be used',
    advice: 'look at it in Neutron, and at its free addresses',
    firstWaitMs: 30 * SECOND,
    longestWaitMs: 5 * MINUTE,
    overAt: 'running',
  },
  'refused-order': {
    words: 'the cloud refuses the order',
    advice: 'change the pool',
    firstWaitMs: MINUTE,
    longestWaitMs: 10 * MINUTE,
    overAt: 'taken',
  },
  'no-permission': {
    words: 'the hub may not make desktops in this cloud',
    advice: 'look at its credentials',
    firstWaitMs: 30 * SECOND,
    longestWaitMs: 5 * MINUTE,
    overAt: 'taken',
  },
  'cloud-away': {
    words: 'the cloud does not answer',
    advice: '',
    firstWaitMs: 10 * SECOND,
    longestWaitMs: 2 * MINUTE,
    overAt: 'taken',
  },
  'boots-fail': {
    words: 'desktops are made and do not become ready',
    advice: 'look at one of them: anyseat get desktops --state broken',
    firstWaitMs: 30 * SECOND,
    longestWaitMs: 10 * MINUTE,
    overAt: 'ready',
  },
};

/** How long to leave the cloud alone after the how-many-th time in a row. */
export function waitMs(kind: TroubleKind, times: number): number {
  const { firstWaitMs, longestWaitMs } = troubleRules[kind];
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(times - 1, 10));
}

/** What an order that was refused at once says. The adapter tells what it is `about`, where Nova's answer does. */
export function refusalKind(fault: {
  code: string;
  fields: { about?: unknown; type?: unknown };
}): TroubleKind {
  const { about, type } = fault.fields;
  if (type === 'IpAddressGenerationFailure') return 'no-network';
  if (fault.code === 'cloud-quota') return 'quota';
  if (fault.code === 'cloud-unreachable' || fault.code === 'cloud-busy') return 'cloud-away';
  if (fault.code === 'cloud-refused-order') {
    if (about === 'image') return 'bad-image';
    if (about === 'flavor') return 'bad-flavor';
    return about === 'network' ? 'no-network' : 'refused-order';
  }
  return 'no-permission';
}

/**
 * What the fault of a server in ERROR says about more than this one server. Nova gives a number (500 for nearly all) and
 * English words (nova/conductor/manager.py, nova/compute/manager.py); an interrupted build has neither.
 */
export function buildFaultKind(
  fault: { code: number; message: string } | undefined,
): Extract<TroubleKind, 'quota' | 'no-valid-host' | 'no-network'> | undefined {
  if (!fault) return undefined;
  if (fault.code === 413 || /quota exceeded|over a limit|maximum number of ports/i.test(fault.message))
    return 'quota';
  if (/no valid host was found|exhausted all hosts/i.test(fault.message)) return 'no-valid-host';
  if (
    /failed to allocate the network|no more ip addresses|no fixed ip|virtual interface/i.test(fault.message)
  )
    return 'no-network';
  return undefined;
}
