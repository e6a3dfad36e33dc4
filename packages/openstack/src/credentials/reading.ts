import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Problem } from '@anyseat/base';
import type { ChosenCloud } from './chooseCloud.ts';
import { isSettings, type Settings } from './cloudsFile.ts';

/** One look at a cloud's settings; what is wrong is gathered, so that all of it is told at once. */
export interface Reading {
  readonly chosen: ChosenCloud;
  readonly home: string;
  readonly problems: Problem[];
}

/** Names that stand in `auth`, or beside it: beside wins, as openstacksdk has it (`_fix_backwards_auth`). */
export type AuthKey =
  | 'auth_url'
  | 'username'
  | 'password'
  | `${'user' | 'project' | 'domain' | 'user_domain' | 'project_domain' | 'application_credential'}_id`
  | `${'project' | 'domain' | 'user_domain' | 'project_domain' | 'application_credential'}_name`
  | 'application_credential_secret'
  | 'system_scope'
  | 'trust_id';

const OLD_NAMES: Readonly<Record<string, string>> = { project_id: 'tenant_id', project_name: 'tenant_name' };

export function authValue(reading: Reading, key: AuthKey): string | undefined {
  const { settings } = reading.chosen;
  const auth = settings['auth'];
  const layers: Settings[] = isSettings(auth) ? [settings, auth] : [settings];
  const names = [key, OLD_NAMES[key]].filter((name) => name !== undefined);
  return names.flatMap((name) => layers.map((layer) => layer[name])).find(isText);
}

/** The value, or a problem told: `what` says what it would be. */
export function neededAuth(reading: Reading, key: AuthKey, hint: string): string | undefined {
  const value = authValue(reading, key);
  if (value === undefined) problem(reading, `auth.${key}`, `is missing; ${hint}`);
  return value;
}

/** A setting that stands beside `auth` (some people write it inside). */
export function textValue(reading: Reading, key: string): string | undefined {
  const { settings } = reading.chosen;
  const auth = settings['auth'];
  return [settings[key], isSettings(auth) ? auth[key] : undefined].find(isText);
}

/** The text of the file that a setting names. */
export function fileValue(reading: Reading, key: string): string | undefined {
  const path = textValue(reading, key);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path.startsWith('~/') ? join(reading.home, path.slice(2)) : path, 'utf8');
  } catch (error) {
    problem(reading, key, `cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

export function problem(reading: Reading, path: string, text: string): void {
  const { chosen } = reading;
  const fromEnvironment = chosen.file === 'the environment';
  reading.problems.push({
    where: chosen.placeOf(path.split('.')),
    path: fromEnvironment
      ? `OS_${path.replace(/^auth\./, '').toUpperCase()}`
      : `clouds.${chosen.name}.${path}`,
    text,
  });
}

/** `verify: "false"` is false: openstacksdk reads strings too, and an OS_ variable can be nothing else. */
export const isTrue = (value: unknown): boolean => value === true || /^(true|yes|1)$/i.test(String(value));

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
