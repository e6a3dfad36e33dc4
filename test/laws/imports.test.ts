import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Who may import what, and why not otherwise. The first law whose `files` fits a file is its law. */
interface Law {
  files: RegExp;
  /** Folders of ours (below the root) that these files may import from, besides their own. */
  may: RegExp;
  /** Packages from outside that these files may not import. */
  mayNotUse?: RegExp;
  because: string;
}

const laws: Law[] = [
  { files: /^packages\/base\//, may: /^$/, because: 'everything stands on base; base stands on nothing' },
  {
    files: /^packages\/protocol\//,
    may: /^packages\/base$/,
    because: 'hub and agent share it, pages read it',
  },
  { files: /^packages\/words\//, may: /^packages\/base$/, because: 'pages in a browser read it' },
  { files: /^packages\/ui\//, may: /^packages\/words$/, because: 'pages in a browser read it' },
  {
    files: /^packages\/spice\//,
    may: /^packages\/base$/,
    because: 'probes, robots and a later gateway share it',
  },
  { files: /^packages\/openstack\//, may: /^packages\/base$/, because: 'it could be published by itself' },
  {
    files: /^packages\/minicloud\//,
    may: /^packages\/(base|spice)$/,
    because:
      'it must know OpenStack from the outside only: sharing code with our client would share its errors',
  },
  {
    files: /^hub\/src\/domain\//,
    may: /^packages\/(base|protocol)$/,
    mayNotUse: /^(node:|ws$|ldapts$|better-sqlite3$|fastify$)/,
    because: 'decisions are pure; the specifications of resources have one source, the protocol',
  },
  {
    files: /^hub\/src\/(reconcile|login|tc|operator|alerts)\//,
    may: /^(packages\/(base|protocol|words|spice)|hub\/src\/(domain|reconcile|login|tc|operator|alerts|store\/store|cloud\/cloud|directory\/directory)(\.ts)?)/,
    because: 'they decide and act through ports; which adapter stands behind is the business of main.ts',
  },
  {
    files: /^hub\/src\/store\//,
    may: /^(packages\/(base|protocol)$|hub\/src\/(domain|store)\/?)/,
    because: 'an adapter knows its own port',
  },
  {
    files: /^hub\/src\/cloud\//,
    may: /^(packages\/(base|protocol|openstack)$|hub\/src\/(domain|cloud)\/?)/,
    because: 'an adapter knows its own port',
  },
  {
    files: /^hub\/src\/channels\//,
    may: /^(packages\/(base|protocol|words)$|hub\/src\/(domain|channels|alerts\/channel)\/?)/,
    because: 'an adapter knows its own port',
  },
  {
    files: /^hub\/src\/directory\//,
    may: /^(packages\/(base|protocol)$|hub\/src\/(domain|directory)\/?)/,
    because: 'an adapter knows its own port',
  },
  {
    files: /^hub\/src\/cli\//,
    may: /^packages\/(base|protocol|words)$/,
    because: 'it runs without a hub beside it',
  },
  { files: /^hub\/src\/console\//, may: /^packages\/(protocol|words|ui)$/, because: 'it runs in a browser' },
  { files: /^hub\//, may: /^(packages\/(?!minicloud)|hub\/)/, because: 'hub and agent never meet' },
  {
    files: /^agent\/src\/page\//,
    may: /^(packages\/(protocol|words|ui)$|agent\/src\/common)/,
    mayNotUse: /^(node:|electron$)/,
    because: 'it runs in a browser',
  },
  {
    files: /^agent\/src\/common\//,
    may: /^packages\/(base|protocol|words)$/,
    mayNotUse: /^(node:|electron$)/,
    because: 'pages import it',
  },
  {
    files: /^agent\/src\/node\/main\.ts$/,
    may: /^(packages\/(base|protocol|words|spice)$|agent\/)/,
    mayNotUse: /^electron$/,
    because: 'the only constructor: it puts the core, the bridge and a shell together',
  },
  {
    files: /^agent\/src\/node\//,
    may: /^(packages\/(base|protocol|words|spice)$|agent\/src\/common)/,
    mayNotUse: /^electron$/,
    because: 'the core runs without a shell',
  },
  {
    files: /^agent\//,
    may: /^(packages\/(base|protocol|words|spice|ui)$|agent\/)/,
    because: 'hub and agent never meet',
  },
  { files: /^(installer|test)\//, may: /.*/, because: 'they put the parts together' },
];

const files = globSync('{packages/*/src,hub/src,agent/src,installer/src,test}/**/*.{ts,tsx}').filter(
  (file) => !file.includes('node_modules') && !file.includes('/dist/'),
);

test('every import keeps the law', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap(violations)).toEqual([]);
});

test('no file is a bin for what found no name', () => {
  expect(files.filter((file) => /(^|\/)(utils?|types|helpers?|managers?|misc)\.tsx?$/i.test(file))).toEqual(
    [],
  );
});

test('time is read and timers are set in clock.ts alone', () => {
  const offenders = files.filter(
    (file) =>
      /^(packages|hub|agent\/src\/(common|node|shell))/.test(file) &&
      // Pages have the browser's clock, and no simulation runs them.
      !file.startsWith('hub/src/console/') &&
      !file.endsWith('.test.ts') &&
      file !== 'packages/base/src/clock.ts' &&
      /\b(Date\.now\(|setTimeout\(|setInterval\(|performance\.now\()/.test(readFileSync(file, 'utf8')),
  );
  expect(offenders).toEqual([]);
});

function violations(file: string): string[] {
  const law = laws.find((l) => l.files.test(file));
  if (!law) return [`${file} stands under no law`];
  if (file.endsWith('.test.ts')) return [];
  const own = dirname(file);
  return importsOf(file).flatMap((specifier) => {
    const target = folderOf(file, specifier);
    if (target === undefined) {
      return law.mayNotUse?.test(specifier) ? [`${file} uses ${specifier}: ${law.because}`] : [];
    }
    if (target.startsWith(own) || sameHome(file, target) || law.may.test(target)) return [];
    return [`${file} imports ${target}: ${law.because}`];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1]!);
}

/** Where an import leads, from the root; undefined for a package from outside. */
function folderOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const ours = /^@anyseat\/(\w+)/.exec(specifier)?.[1];
  if (!ours) return undefined;
  return ours === 'hub' || ours === 'agent' || ours === 'installer' || ours === 'test'
    ? ours
    : `packages/${ours}`;
}

/** The folder that a law is about: a workspace's src, or one of its named folders. */
function sameHome(file: string, target: string): boolean {
  const home = (path: string) => /^(packages\/[^/]+|(hub|agent)\/src\/[^/]+|installer|test)/.exec(path)?.[0];
  return home(file) !== undefined && home(file) === home(target);
}
