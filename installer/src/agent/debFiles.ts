import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Fault } from '@anyseat/base';
import { node, root } from '../commands.ts';
import type { AgentBundle } from './bundleAgent.ts';

/** A file of a package, by its path without a slash in front. */
export interface PackagedFile {
  data: Buffer;
  mode: number;
}

const agent = (name: string) => readFileSync(join(root, 'installer/agent', name));
const HOME = 'usr/lib/anyseat-agent';

export interface DebOptions {
  /** PEM files with the public keys that releases are signed by, besides the packages. */
  releaseKeys: readonly string[];
  /** agent.yaml with every setting. */
  example: string;
  /** As Debian writes it. */
  version: string;
  /** Seconds since 1970 that the package says it is from. */
  epoch: number;
}

/** Everything that lies in the package of the agent, the control files apart. */
export function debFiles(bundle: AgentBundle, options: DebOptions): Map<string, PackagedFile> {
  const files = new Map<string, PackagedFile>();
  const add = (path: string, data: Buffer, mode = 0o644) => files.set(path, { data, mode });
  add(`${HOME}/node`, readFileSync(realpathSync(node)), 0o755);
  for (const [path, data] of bundle.files) add(`${HOME}/program/${path}`, data);
  add(`${HOME}/session`, agent('session'), 0o755);
  add(`${HOME}/start`, agent('debian/start'), 0o755);
  add(`${HOME}/openbox.xml`, agent('openbox.xml'));
  add('usr/bin/anyseat-agent', agent('debian/anyseat-agent'), 0o755);
  add('usr/lib/systemd/system/anyseat-agent.service', agent('anyseat-agent.service'));
  add('etc/X11/xorg.conf.d/50-anyseat.conf', agent('xorg.conf'));
  for (const file of options.releaseKeys) {
    if (!file.endsWith('.pem'))
      throw new Fault('wrong-usage', 'refused', `${file}: a release key is a file NAME.pem`);
    add(`etc/anyseat-agent/release-keys/${basename(file)}`, readFileSync(file));
  }
  const doc = 'usr/share/doc/anyseat-agent';
  add(`${doc}/README.md`, readFileSync(join(root, 'agent/README.md')));
  add(`${doc}/copyright`, agent('debian/copyright'));
  add(`${doc}/third-party.gz`, gzip(Buffer.from(`${nodeLicence()}\n----\n\n${bundle.licences}`)));
  add(`${doc}/changelog.gz`, gzip(Buffer.from(changelog(options))));
  add('usr/share/lintian/overrides/anyseat-agent', agent('debian/lintian-overrides'));
  add(`${doc}/examples/agent.yaml`, Buffer.from(options.example));
  return files;
}

/** What of it an administrator may change, and an upgrade keeps. */
export const conffilesOf = (files: ReadonlyMap<string, PackagedFile>): string[] =>
  [...files.keys()]
    .filter((path) => path.startsWith('etc/'))
    .map((path) => `/${path}`)
    .sort();

/** What Debian wants to see; what has changed stands in the project's history. */
const changelog = ({ version, epoch }: DebOptions): string =>
  `anyseat-agent (${version}) stable; urgency=medium

  * As its sources of this version.

 -- Anyseat <anyseat@localhost>  ${new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')}
`;

/** Without a time in it. */
function gzip(data: Buffer): Buffer {
  const packed = gzipSync(data, { level: 9 });
  packed[9] = 0xff;
  return packed;
}

function nodeLicence(): string {
  const [file] = globSync(join(root, 'node_modules/node{,/node_modules/node-*}/LICENSE'));
  if (file !== undefined && existsSync(file)) return readFileSync(file, 'utf8');
  return `Node.js ${process.versions.node}: https://github.com/nodejs/node/blob/v${process.versions.node}/LICENSE\n`;
}
