import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFault, messageOf, parseYaml } from '@anyseat/base';

/** Where credentials are looked for. `process.env` is handed in, never read here. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** The machine's own folder; /etc/openstack unless said otherwise. */
  readonly site?: string;
}

/** A tree of settings as YAML gives it. */
export type Settings = { readonly [key: string]: unknown };

export interface CloudsFile {
  readonly file: string;
  readonly clouds: Settings;
  placeOf(path: readonly PropertyKey[]): string;
}

/**
 * The first clouds.yaml and, apart from it, the first secure.yaml of the usual places: OS_CLIENT_CONFIG_FILE
 * (OS_CLIENT_SECURE_FILE), the working directory, ~/.config/openstack, /etc/openstack; .yaml, .yml or .json. Files further
 * down are not read, and a file that may not be read is passed over, as openstacksdk does (openstack/config/loader.py). A
 * file that cannot be parsed is an error here, where openstacksdk passes over it: the next file is seldom the one meant.
 *
 * @throws ConfigFault
 */
export function findCloudsFile(kind: 'clouds' | 'secure', where: Surroundings): CloudsFile | undefined {
  const override = where.env[kind === 'clouds' ? 'OS_CLIENT_CONFIG_FILE' : 'OS_CLIENT_SECURE_FILE'];
  for (const file of [...(override ? [override] : []), ...usualFiles(kind, where)]) {
    const text = readIfThere(file);
    if (text !== undefined) return parse(file, text);
  }
  return undefined;
}

export function usualFiles(kind: 'clouds' | 'secure', where: Surroundings): string[] {
  const folders = [where.cwd, join(where.home, '.config/openstack'), where.site ?? '/etc/openstack'];
  return folders.flatMap((folder) => ['yaml', 'yml', 'json'].map((end) => join(folder, `${kind}.${end}`)));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw new ConfigFault(file, [{ where: file, path: '', text: `cannot be read: ${messageOf(error)}` }]);
  }
}

function parse(file: string, text: string): CloudsFile {
  const yaml = parseYaml(text, file);
  const problem = (path: string, words: string) =>
    new ConfigFault(file, [{ where: path ? yaml.placeOf([path]) : file, path, text: words }]);
  if (!isSettings(yaml.data)) throw problem('', 'is empty or not a mapping; it needs a key clouds');
  const clouds = yaml.data['clouds'] ?? {};
  if (!isSettings(clouds)) throw problem('clouds', 'must be a mapping from a name to a cloud');
  return { file, clouds, placeOf: (path) => yaml.placeOf(path) };
}

export const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The second laid over the first, mapping by mapping: secrets of secure.yaml over clouds.yaml. */
export function laidOver(below: Settings, above: Settings, depth = 0): Settings {
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = result[key];
    result[key] =
      isSettings(value) && isSettings(under) && depth < DEEPEST ? laidOver(under, value, depth + 1) : value;
  }
  return result;
}

/** Dashes become underscores and numbers become text, all the way down (`project-name`, a password of digits). */
export function normalized(settings: Settings, depth = 0): Settings {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'number') return String(value);
    // An anchor may contain itself; nothing we read is that deep.
    return isSettings(value) && depth < DEEPEST ? normalized(value, depth + 1) : value;
  };
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key.replaceAll('-', '_'), plain(value)]),
  );
}

const DEEPEST = 6;
