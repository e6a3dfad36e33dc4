import type { Id } from '@anyseat/base';
import type { AlertCode, Severity } from './alertRules.ts';

export type AlertId = Id<'alert'>;

/** What stands in the sentences of an alert. */
export type AlertFields = Readonly<Record<string, string | number>>;

/**
 * Something is not as it should be, now. What it is about is a path: `site/nantong`, `host/default/cn-17`; `hub` is the
 * hub itself. `within` are the paths of what it is part of: a seat of its row and site, a host of its cloud.
 */
export interface Condition {
  readonly code: AlertCode;
  readonly about: string;
  readonly within: readonly string[];
  readonly fields: AlertFields;
}

/**
 * A condition that lasted, as it is kept. Of one code about one thing there is one that is open.
 *
 * - open: it is so, and nobody has said that they look after it.
 * - acknowledged: it is so, and somebody looks after it.
 * - silenced, until then: nobody is told, of this one nor of the next of its code about the same thing.
 * - resolved: it is so no more.
 */
export interface Alert extends Condition {
  readonly id: AlertId;
  readonly severity: Severity;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly acknowledged: { readonly at: number; readonly by: string } | undefined;
  readonly silence: Silence | undefined;
  /** Whether messages of it were written. */
  readonly told: boolean;
  readonly resolvedAt: number | undefined;
}

export interface Silence {
  /** Epoch ms. */
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

/** Of one code about one thing there is one. */
export const keyOf = ({ code, about }: Pick<Condition, 'code' | 'about'>): string => `${code} ${about}`;

export const isSilenced = ({ silence }: Pick<Alert, 'silence'>, now: number): boolean =>
  silence !== undefined && silence.until > now;
