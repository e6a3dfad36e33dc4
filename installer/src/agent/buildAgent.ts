import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exampleConfig, messageOf, readReleaseKeys, releaseManifest, writeReleaseFile } from '@anyseat/base';
import { agentConfig } from '../../../agent/src/node/config.ts';
import { buildPages } from '../buildPages.ts';
import { root } from '../commands.ts';
import { runQuietly } from '../runQuietly.ts';
import { agentVersion, bundleAgent } from './bundleAgent.ts';
import { debFiles } from './debFiles.ts';
import { writeDeb } from './writeDeb.ts';

const USAGE = `usage: npm run build:agent -- [--version V] [--into FOLDER] [--trust PUBLIC.pem …] [--sign PRIVATE.pem]

Makes the Debian package of the agent, for machines of this one's architecture, and with --sign the release that
running seats are updated by (anyseat update add).

  --trust PUBLIC.pem   seats that have this package take releases signed by this key; several if need be
  --sign PRIVATE.pem   make a release too, signed by this key
  --into FOLDER        var/agent if it is not given

A pair of keys: openssl genpkey -algorithm ed25519 -out release.key
                openssl pkey -in release.key -pubout -out release.pem
`;
const DEBIAN: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface AgentBuild {
  version?: string | undefined;
  into: string;
  trust: readonly string[];
  sign?: string | undefined;
  compression?: 'xz' | 'gzip';
  /** A release alone. */
  withoutDeb?: boolean;
  say: (line: string) => void;
}

/** @returns where the package and the release are. @throws Error with a sentence */
export async function buildAgent(options: AgentBuild): Promise<{ deb?: string; release?: string }> {
  const { say, into, trust, sign, compression, withoutDeb } = options;
  const version = options.version ?? agentVersion();
  if (!releaseManifest.shape.version.safeParse(version).success)
    throw new Error(`“${version}” is no version; one looks like 1.2.3, or 1.2.3-rc.1`);
  readReleaseKeys(trust.map((file) => readFileSync(file, 'utf8')));
  const key = sign === undefined ? undefined : privateKey(sign);
  await buildPages(say);
  const bundle = await bundleAgent(version);
  mkdirSync(into, { recursive: true });
  const made: { deb?: string; release?: string } = {};
  if (key) {
    const major = Number(process.versions.node.split('.')[0]);
    const about = { product: 'anyseat-agent', version, arch: 'all', node: major } as const;
    made.release = join(into, `anyseat-agent_${version}_all.release`);
    writeFileSync(made.release, writeReleaseFile(bundle.files, about, key));
  }
  if (withoutDeb) return made;
  const arch = DEBIAN[process.arch];
  if (arch === undefined) throw new Error(`there is no package for ${process.arch}`);
  const example = exampleConfig(agentConfig, 'Settings of an Anyseat agent: agent.yaml');
  made.deb = join(into, `anyseat-agent_${version}_${arch}.deb`);
  say('making the Debian package');
  // A dash would begin a Debian revision; a tilde is what sorts before the version without it.
  const about = { version: version.replace('-', '~'), epoch: await sourceEpoch() };
  const files = debFiles(bundle, { ...about, releaseKeys: trust, example });
  await writeDeb(made.deb, files, { ...about, arch, ...(compression ? { compression } : {}) });
  return made;
}

function privateKey(file: string): KeyObject {
  const key = createPrivateKey(readFileSync(file));
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`${file} is no Ed25519 key`);
}

/** Of the last commit; of sources without a history, one that is always the same. */
async function sourceEpoch(): Promise<number> {
  const given = Number(process.env['SOURCE_DATE_EPOCH']);
  if (given > 0) return given;
  const { code, output } = await runQuietly('git', ['-C', root, 'log', '-1', '--format=%ct']);
  return (code === 0 && Number(output.trim())) || 1_700_000_000;
}

async function main(): Promise<number> {
  const say = (line: string) => console.log(`anyseat: ${line}`);
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        version: { type: 'string' },
        into: { type: 'string', default: join(root, 'var/agent') },
        trust: { type: 'string', multiple: true, default: [] },
        sign: { type: 'string' },
      },
    }));
  } catch (error) {
    console.error(`${messageOf(error)}\n${USAGE}`);
    return 64;
  }
  const made = await buildAgent({ ...values, into: resolve(values.into), say });
  for (const file of Object.values(made)) say(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)`);
  return 0;
}

if (import.meta.main)
  try {
    process.exit(await main());
  } catch (error) {
    console.error(`anyseat: ${messageOf(error)}`);
    process.exit(1);
  }
