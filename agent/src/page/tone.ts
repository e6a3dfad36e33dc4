/** News that are no trouble. */
const calm: ReadonlySet<string> = new Set([
  'logged-off',
  'login-cancelled',
  'password-changed',
  'idle-locked',
]);
/** Not the person's doing, and over by itself or by a second try. */
const passing: ReadonlySet<string> = new Set([
  'directory-unavailable',
  'hub-busy',
  'no-hub',
  'no-desktop',
  'cloud-unavailable',
  'login-interrupted',
  'moved',
  'swapped',
  'swap-too-often',
  'swap-help-desk',
  'ended-by-operator',
  'grace-over',
  'silent-too-long',
  'idle-too-long',
  'session-too-long',
  'hours-over',
  'session-over',
  'session-unknown',
  'superseded',
  'password-expired',
  'password-must-change',
  'password-change-unknown',
]);

/** How loudly a code is said. */
export function toneOf(code: string): 'calm' | 'warn' | 'alarm' {
  if (calm.has(code)) return 'calm';
  return passing.has(code) ? 'warn' : 'alarm';
}
