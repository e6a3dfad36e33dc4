import { ConfigFault } from '@anyseat/base';
import { chooseCloud } from './chooseCloud.ts';
import { isSettings, type Settings, type Surroundings } from './cloudsFile.ts';
import type { CloudCredentials, Interface, TlsSettings } from './credentials.ts';
import { readAuth } from './readAuth.ts';
import { authValue, fileValue, isTrue, neededAuth, problem, textValue, type Reading } from './reading.ts';

/**
 * The credentials of one cloud from clouds.yaml and secure.yaml, or from OS_* variables, found and merged as openstacksdk
 * does. Password and application credential (Identity v3). Every problem at once, in sentences.
 *
 * @throws ConfigFault
 */
export function readCredentials(cloud: string | undefined, where: Surroundings): CloudCredentials {
  const chosen = chooseCloud(cloud, where);
  const reading: Reading = { chosen, home: where.home, problems: [] };
  const authUrl = readAuthUrl(reading);
  const auth = readAuth(reading);
  const { region, settings } = readRegion(reading);
  const interfaces = readInterfaces(reading, settings);
  const endpoints = readEndpoints(reading, settings);
  const tls = readTls(reading);
  if (reading.problems.length > 0 || !auth || authUrl === undefined)
    throw new ConfigFault(chosen.file, reading.problems);
  return { cloud: chosen.name, authUrl, auth, region, interfaces, endpoints, tls };
}

function readAuthUrl(reading: Reading): string | undefined {
  const { auth, profile } = reading.chosen.settings;
  if (auth !== undefined && !isSettings(auth)) problem(reading, 'auth', 'must be a mapping');
  if (profile !== undefined && authValue(reading, 'auth_url') === undefined)
    problem(reading, 'profile', 'is not read; write what the vendor profile says here');
  const url = neededAuth(reading, 'auth_url', 'it says where Keystone is: https://cloud.example:5000/v3');
  if (url === undefined) return undefined;
  if (!isHttp(url)) problem(reading, 'auth.auth_url', 'is not an http or https address');
  else if (/\/v2\.0\/?$/.test(url) || textValue(reading, 'identity_api_version')?.startsWith('2'))
    problem(reading, 'auth.auth_url', 'means version 2 of the Identity API; only version 3 is spoken');
  return url;
}

/** The region, and the settings as that region changes them (`regions: [{ name, values }]`). */
function readRegion(reading: Reading): { region: string | undefined; settings: Settings } {
  const { settings } = reading.chosen;
  const wanted = textValue(reading, 'region_name')?.split(',')[0];
  const given: unknown[] = Array.isArray(settings['regions']) ? settings['regions'] : [];
  if (given.length === 0) return { region: wanted, settings };
  const regions = given.flatMap((entry) => {
    const { name, values } = isSettings(entry) ? entry : { name: entry, values: {} };
    if (typeof name === 'string' && name !== '') return [{ name, values }];
    problem(reading, 'regions', 'has an entry without a name');
    return [];
  });
  if (regions.length === 0) return { region: wanted, settings };
  const found = wanted === undefined ? regions[0] : regions.find((r) => r.name === wanted);
  if (!found)
    problem(
      reading,
      'region_name',
      `${wanted} is not among regions (${regions.map((r) => r.name).join(', ')})`,
    );
  const values = found && isSettings(found.values) ? found.values : {};
  return { region: found?.name, settings: { ...settings, ...values } };
}

function readInterfaces(reading: Reading, settings: Settings): Interface[] {
  const given: unknown = settings['interface'] ?? settings['endpoint_type'] ?? 'public';
  return (Array.isArray(given) ? given : [given]).flatMap((one: unknown): Interface[] => {
    const name = String(one).replace(/URL$/, '');
    if (name === 'public' || name === 'internal' || name === 'admin') return [name];
    problem(reading, 'interface', `${name} is none of public, internal, admin`);
    return [];
  });
}

function readEndpoints(reading: Reading, settings: Settings): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const service = /^(.+)_endpoint_override$/.exec(key)?.[1];
    if (service === undefined || typeof value !== 'string' || value === '') continue;
    if (isHttp(value)) found[service.replaceAll('_', '-')] = value;
    else problem(reading, key, 'is not an http or https address');
  }
  return found;
}

function readTls(reading: Reading): TlsSettings {
  const { insecure, verify } = reading.chosen.settings;
  const [cert, key] = [fileValue(reading, 'cert'), fileValue(reading, 'key')];
  return {
    verify: (verify === undefined || isTrue(verify)) && !isTrue(insecure),
    ca: fileValue(reading, 'cacert'),
    cert,
    // One file may hold both, as with curl and openstacksdk.
    key: key ?? cert,
  };
}

const isHttp = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
