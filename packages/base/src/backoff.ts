/** How long to wait before the n-th try, n from 0: full jitter, so that ten thousand that failed together do not come back together. */
export function backoffMs(
  attempt: number,
  options: { firstMs: number; mostMs: number },
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(random() * ceiling);
}
