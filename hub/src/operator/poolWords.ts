import { MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import { troubleRules } from '../domain/pool/trouble.ts';
import type { PoolReport } from '../reconcile/pools.ts';

/** What a pool is doing and what happens next, in a sentence that an operator understands. */
export function poolWords(pool: {
  spec: PoolSpec;
  report: PoolReport;
  ready: number;
  onTheirWay: number;
  waiting: number;
  /** All desktops of the pool, whatever their state. */
  all: number;
  now: number;
}): string {
  const { spec, report, ready, onTheirWay, waiting } = pool;
  const { trouble } = report;
  if (report.failure) return `cannot look at its cloud: ${report.failure}`;
  if (trouble) {
    const seconds = Math.max(0, Math.ceil((trouble.retryAt - pool.now) / SECOND));
    const next = seconds > 0 ? `tries again in ${seconds} s` : 'tries again now';
    const { words, advice } = troubleRules[trouble.kind];
    const often = trouble.times > 1 ? `, after ${trouble.times} tries` : '';
    const what = advice === '' ? words : `${words}: ${advice}`;
    return `makes no desktops: ${trouble.text} (${what}); ${next}${often}. It serves the ${ready} that are ready.`;
  }
  const missing = Math.max(0, spec.floor + waiting - ready);
  if (missing === 0) return 'full';
  if (pool.all >= spec.ceiling && onTheirWay < missing) {
    return `at its ceiling: ${ready} ready of ${spec.floor} wanted, and ${pool.all} of ${spec.ceiling} desktops there are`;
  }
  return `filling: ${ready} ready of ${spec.floor + waiting} wanted, ${onTheirWay} on their way${pace(report)}`;
}

/** Why it goes slower than it could. */
function pace({ paused, slowForMs }: PoolReport): string {
  const why = [
    paused === undefined ? '' : `nothing new until a host has caught up: ${paused}`,
    slowForMs > 0 ? `slowly for another ${Math.ceil(slowForMs / MINUTE)} min: its cloud was away` : '',
  ].filter((text) => text !== '');
  return why.length > 0 ? `; ${why.join('; ')}` : '';
}
