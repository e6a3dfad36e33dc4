/**
 * How many desktops may boot on one compute host at once, learnt from how long they took there: one more after as many
 * boots as are allowed went as fast as ever, half as many after one that was slow. What a host can carry is nowhere to be
 * read: it is the disk's doing, and another machine's too.
 *
 * A boot is judged by the most that booted beside it. A slow one says something about the limit only if it was kept: those
 * that began under a higher limit, before the last cut, would cut once each for the same congestion.
 */
export interface HostPace {
  /** With its fraction: whole desktops are `allowedBy`. */
  readonly limit: number;
  /** How long an undisturbed boot takes here, by kind of desktop. */
  readonly usual: ReadonlyMap<string, Usual>;
}

/** `alone`: measured with nothing else booting, so it is what it takes here, however long that is. */
interface Usual {
  readonly ms: number;
  readonly alone: boolean;
}

export interface MeasuredBoot {
  /** Desktops of a kind take equally long to boot: a pool and its revision. */
  readonly kind: string;
  /** From the order to the proof. */
  readonly tookMs: number;
  /** The most that booted on its host at once while it did, itself included. */
  readonly most: number;
}

export interface PaceLimits {
  /** Where a host begins. */
  readonly start: number;
  /** What no host is given, however fast it is. */
  readonly most: number;
}

/** Slower than usual by this much is slow. Boots differ by a fifth by chance. */
export const SLOW = 1.5;
/** So much of the way a single boot that took longer moves what is usual: slowly, or congestion would become usual. */
const DRIFT = 0.02;
const DRIFT_ALONE = 0.25;

export const newPace = ({ start }: Pick<PaceLimits, 'start'>): HostPace => ({
  limit: start,
  usual: new Map(),
});

/** Whole desktops that may boot at once. */
export const allowedBy = (pace: Pick<HostPace, 'limit'>): number => Math.max(1, Math.floor(pace.limit));

/**
 * What one more boot teaches.
 *
 * @param elsewhereMs what is usual for this kind on the other hosts, if it was measured there
 */
export function afterBoot(
  pace: HostPace,
  boot: MeasuredBoot,
  limits: PaceLimits,
  elsewhereMs?: number,
): HostPace {
  const own = pace.usual.get(boot.kind);
  const usualMs = own?.alone ? own.ms : Math.min(own?.ms ?? Infinity, elsewhereMs ?? Infinity);
  const slow = boot.tookMs > SLOW * usualMs;
  const usual = new Map(pace.usual).set(boot.kind, learnt(own, boot));
  return { limit: limitAfter(pace, boot, slow, limits), usual };
}

function limitAfter(pace: HostPace, { most }: MeasuredBoot, slow: boolean, limits: PaceLimits): number {
  const allowed = allowedBy(pace);
  if (!slow) return most >= allowed ? Math.min(limits.most, pace.limit + 1 / allowed) : pace.limit;
  // Alone and slow: that is what it takes here.
  if (most > allowed || most === 1) return pace.limit;
  // Rounded up: three that were one too many are two, and one alone would leave half of such a host idle.
  return Math.ceil(Math.min(allowed, most) / 2);
}

function learnt(own: Usual | undefined, { tookMs, most }: MeasuredBoot): Usual {
  if (most === 1) {
    if (!own?.alone || tookMs < own.ms) return { ms: tookMs, alone: true };
    return { ms: own.ms + DRIFT_ALONE * (tookMs - own.ms), alone: true };
  }
  if (!own || tookMs < own.ms) return { ms: tookMs, alone: own?.alone ?? false };
  return { ms: own.ms + DRIFT * (tookMs - own.ms), alone: own.alone };
}

/** Cut for a while: the host was away, and everything on it begins again. */
export const afterAbsence = (pace: HostPace): HostPace => ({ ...pace, limit: Math.max(1, pace.limit / 4) });
