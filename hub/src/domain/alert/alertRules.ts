import { MINUTE, SECOND } from '@anyseat/base';

export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

export interface AlertRule {
  readonly severity: Severity;
  /** It has to be so for this long before anybody is told. */
  readonly visibleAfterMs: number;
  /** It has to be over for this long before it counts as over. */
  readonly clearAfterMs: number;
  /** While one of these is there for what it is part of, it is that one's doing, and nobody is told of it. */
  readonly dependsOn?: readonly string[];
}

const rule = (
  severity: Severity,
  visibleAfterMs: number,
  dependsOn: readonly string[] = [],
  clearAfterMs = 2 * MINUTE,
): AlertRule => ({ severity, visibleAfterMs, clearAfterMs, dependsOn });

/** Everything that the hub raises an alert for. The sentences of each are in packages/words, under the same code. */
export const alertRules = {
  'store-failing': rule('error', 0),
  'disk-nearly-full': rule('error', MINUTE),
  'disk-low': rule('warning', 2 * MINUTE, ['disk-nearly-full']),
  'certificate-over': rule('error', 0),
  'certificate-ends': rule('warning', 0, ['certificate-over']),
  'directory-down': rule('error', 30 * SECOND),
  'password-guessing': rule('warning', 0),
  'cloud-down': rule('error', MINUTE),
  'cloud-incomplete': rule('warning', 2 * MINUTE, ['cloud-down']),
  'cloud-slow': rule('warning', 3 * MINUTE, ['cloud-down']),
  'cloud-service-down': rule('warning', 2 * MINUTE, ['cloud-down', 'hosts-many-down']),
  'quota-near': rule('warning', MINUTE, ['cloud-down']),
  'servers-failed': rule('warning', 5 * MINUTE, ['cloud-down']),
  'hosts-many-down': rule('error', MINUTE, ['cloud-down']),
  'host-down': rule('error', MINUTE, ['hosts-many-down', 'cloud-down']),
  'host-crowded': rule('warning', 5 * MINUTE, ['cloud-down'], 10 * MINUTE),
  'pool-empty': rule('error', MINUTE),
  'pool-stuck': rule('warning', MINUTE, ['cloud-down']),
  'pool-broken': rule('warning', 2 * MINUTE, ['cloud-down', 'hosts-many-down']),
  'pool-quarantine': rule('warning', 5 * MINUTE),
  'held-back': rule('error', 0),
  'left-undone': rule('warning', 10 * MINUTE, ['cloud-down']),
  'sites-all-dark': rule('error', 45 * SECOND),
  'site-dark': rule('error', MINUTE, ['sites-all-dark']),
  'row-dark': rule('error', 90 * SECOND, ['site-dark', 'sites-all-dark']),
  'seats-silent': rule('warning', 2 * MINUTE, ['site-dark', 'sites-all-dark']),
  'seat-silent': rule('warning', 3 * MINUTE, ['seats-silent', 'row-dark', 'site-dark', 'sites-all-dark']),
  'tcs-trouble': rule('warning', 4 * MINUTE, ['site-dark', 'sites-all-dark'], 10 * MINUTE),
  'tc-trouble': rule('warning', 5 * MINUTE, ['tcs-trouble', 'site-dark', 'sites-all-dark'], 10 * MINUTE),
  'channel-failing': rule('warning', 5 * MINUTE),
} as const satisfies Readonly<Record<string, AlertRule>>;

export type AlertCode = keyof typeof alertRules;

export const isAlertCode = (code: string): code is AlertCode => Object.hasOwn(alertRules, code);

export const ruleOf = (code: AlertCode): AlertRule => alertRules[code];

/** Whether `severity` is as grave as `least`, or graver. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(least);
