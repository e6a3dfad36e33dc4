import { ConfigFault } from '@anyseat/base';
import {
  findCloudsFile,
  isSettings,
  laidOver,
  normalized,
  usualFiles,
  type CloudsFile,
  type Settings,
  type Surroundings,
} from './cloudsFile.ts';

/** The settings of one cloud, all layers merged, and where to point when one of them is wrong. */
export interface ChosenCloud {
  readonly name: string;
  readonly settings: Settings;
  /** The file (or `the environment`) that problems are told of. */
  readonly file: string;
  placeOf(path: readonly string[]): string;
}

/** Of these alone no cloud is made: they choose one, or say where it is written. */
const SELECTORS = new Set([
  'OS_CLOUD',
  'OS_REGION_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
  'OS_CLOUD_NAME',
]);

/** What openstacksdk calls the cloud that OS_* variables make. */
const ENVIRONMENT = 'envvars';

/**
 * Which cloud is meant, as openstacksdk decides: the one asked for; else OS_CLOUD; else the one that OS_* variables make;
 * else the only one in clouds.yaml. OS_REGION_NAME chooses the region of a cloud that OS_CLOUD chose, as the
 * `openstack` command has it.
 *
 * @throws ConfigFault
 */
export function chooseCloud(name: string | undefined, where: Surroundings): ChosenCloud {
  const file = findCloudsFile('clouds', where);
  const secure = findCloudsFile('secure', where);
  const fromEnvironment = environmentCloud(where.env);
  const wanted = name ?? where.env['OS_CLOUD'] ?? (fromEnvironment ? ENVIRONMENT : onlyCloud(file, where));
  if (wanted === ENVIRONMENT && fromEnvironment) {
    return {
      name: ENVIRONMENT,
      settings: normalized(fromEnvironment),
      file: 'the environment',
      placeOf: () => 'the environment',
    };
  }
  const cloud = fileCloud(wanted, file, secure, where);
  const region = name === undefined ? where.env['OS_REGION_NAME'] : undefined;
  return region ? { ...cloud, settings: { ...cloud.settings, region_name: region } } : cloud;
}

function environmentCloud(env: Surroundings['env']): Settings | undefined {
  const given = Object.entries(env).filter(
    ([key, value]) => /^OS_(?!TEST|STD|LOG)/.test(key) && value !== undefined && value !== '',
  );
  if (!given.some(([key]) => !SELECTORS.has(key))) return undefined;
  return Object.fromEntries(given.map(([key, value]) => [key.slice(3).toLowerCase(), value]));
}

function onlyCloud(file: CloudsFile | undefined, where: Surroundings): string {
  const names = Object.keys(file?.clouds ?? {});
  if (names.length === 1) return names[0]!;
  if (!file) throw noFile(where);
  const text =
    names.length === 0
      ? 'has no cloud in it'
      : `has several clouds (${names.join(', ')}): name one, or set OS_CLOUD`;
  throw new ConfigFault(file.file, [{ where: file.placeOf(['clouds']), path: 'clouds', text }]);
}

function fileCloud(
  name: string,
  file: CloudsFile | undefined,
  secure: CloudsFile | undefined,
  where: Surroundings,
): ChosenCloud {
  if (!file && !secure) throw noFile(where);
  const open = file?.clouds[name];
  const hidden = secure?.clouds[name];
  const main = file ?? secure!;
  if (open === undefined && hidden === undefined) {
    const names = Object.keys(main.clouds).join(', ');
    throw new ConfigFault(main.file, [
      {
        where: main.placeOf(['clouds']),
        path: 'clouds',
        text: `has no cloud named ${name}; it has ${names || 'none'}`,
      },
    ]);
  }
  for (const [source, value] of [[file, open] as const, [secure, hidden] as const]) {
    if (value !== undefined && value !== null && !isSettings(value)) {
      throw new ConfigFault(source!.file, [
        { where: source!.placeOf(['clouds', name]), path: `clouds.${name}`, text: 'must be a mapping' },
      ]);
    }
  }
  const settings = laidOver(settingsOf(open), settingsOf(hidden));
  return {
    name,
    settings: normalized(settings),
    file: main.file,
    placeOf: (path) => main.placeOf(['clouds', name, ...path]),
  };
}

const settingsOf = (value: unknown): Settings => (isSettings(value) ? value : {});

const noFile = (where: Surroundings): ConfigFault =>
  new ConfigFault('clouds.yaml', [
    {
      where: 'clouds.yaml',
      path: '',
      text: `no such file, and no OS_* variables; looked for ${usualFiles('clouds', where)
        .filter((f) => f.endsWith('.yaml'))
        .join(', ')}`,
    },
  ]);
