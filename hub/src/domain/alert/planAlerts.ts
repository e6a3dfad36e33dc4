import { keyOf, type Alert, type Condition } from './alert.ts';
import { ruleOf, type AlertCode } from './alertRules.ts';

/** What cannot be seen now: what stood of it before goes on standing. Without `within`: anywhere. */
export interface Blind {
  readonly codes: readonly AlertCode[];
  readonly within?: string;
}

/** What is seen of everything that there are alerts for. */
export interface Seen {
  readonly conditions: readonly Condition[];
  readonly blind: readonly Blind[];
}

/** Since when a condition is there, and when it was last; monotonic ms. */
export interface Span {
  readonly since: number;
  readonly lastSeen: number;
}
export type Spans = ReadonlyMap<string, Span>;

export interface AlertPlan {
  readonly open: readonly Condition[];
  /** The figures in their sentences are others by now. */
  readonly change: readonly { readonly alert: Alert; readonly fields: Condition['fields'] }[];
  readonly resolve: readonly Alert[];
  readonly spans: Spans;
}

/**
 * Which alerts open, change and are over. What depends on something that is there does not open, and its time begins when
 * that is over; what was open before stays so. What comes and goes is told once: it has to be there for its delay, with
 * gaps of less than half of that, and gone for its time to clear. Pure.
 *
 * @param standing the open alerts
 * @param spans what this returned the last time
 * @param now monotonic ms
 * @param patience how many times as long as its rule says something has to be there
 */
export function planAlerts(
  standing: readonly Alert[],
  { conditions, blind }: Seen,
  spans: Spans,
  { now, patience }: { now: number; patience: number },
): AlertPlan {
  const present = new Map(conditions.map((one) => [keyOf(one), one]));
  const covers = coversOf(conditions);
  const isOpen = new Set(standing.map(keyOf));
  const next = new Map<string, Span>();
  const open: Condition[] = [];
  for (const [key, condition] of present) {
    if (isOpen.has(key)) next.set(key, { since: now, lastSeen: now });
    else if (!covers(condition)) {
      const since = spans.get(key)?.since ?? now;
      next.set(key, { since, lastSeen: now });
      if (now - since >= ruleOf(condition.code).visibleAfterMs * patience) open.push(condition);
    }
  }
  const change: { alert: Alert; fields: Condition['fields'] }[] = [];
  const resolve: Alert[] = [];
  for (const alert of standing) {
    const key = keyOf(alert);
    const condition = present.get(key);
    if (condition) {
      if (!isSame(condition.fields, alert.fields)) change.push({ alert, fields: condition.fields });
      continue;
    }
    // Of a hub that just started: it may be there still.
    const span = isBlind(alert, blind)
      ? { since: now, lastSeen: now }
      : (spans.get(key) ?? { since: now, lastSeen: now });
    if (now - span.lastSeen >= ruleOf(alert.code).clearAfterMs * patience) resolve.push(alert);
    else next.set(key, span);
  }
  for (const [key, span] of spans)
    if (!next.has(key) && !present.has(key) && !isOpen.has(key) && isGap(key, span, now, patience))
      next.set(key, span);
  return { open, change, resolve, spans: next };
}

/** Whether something that is there has it as its doing. */
function coversOf(conditions: readonly Condition[]): (condition: Condition) => boolean {
  const there = new Set(conditions.map(keyOf));
  return ({ code, about, within }) =>
    (ruleOf(code).dependsOn ?? []).some((parent) =>
      [about, ...within, 'hub'].some((whole) => there.has(`${parent} ${whole}`)),
    );
}

const isBlind = ({ code, about, within }: Condition, blind: readonly Blind[]): boolean =>
  blind.some(
    (one) =>
      one.codes.includes(code) &&
      (one.within === undefined || one.within === about || within.includes(one.within)),
  );

/** It was there a moment ago. */
const isGap = (key: string, { lastSeen }: Span, now: number, patience: number): boolean =>
  now - lastSeen < (ruleOf(key.slice(0, key.indexOf(' ')) as AlertCode).visibleAfterMs * patience) / 2;

const isSame = (a: Condition['fields'], b: Condition['fields']): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);
