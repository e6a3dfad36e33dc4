import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../installer/src/commands.ts';

/** test/openstack/README.md says which test tries which trap; a test that was renamed or went is missed here. */
const readme = readFileSync(join(root, 'test/openstack/README.md'), 'utf8');
const files = new Map(
  [...readme.matchAll(/\*\*([A-Z])\*\* ([\w./]+\.ts)/g)].map((found) => [found[1]!, found[2]!]),
);
const rows = [...readme.matchAll(/^\| (.+) \| ([A-Z]): (.+) \| (.+) \|$/gm)].map(
  ([, trap, letter, name, where]) => ({
    trap: trap!,
    file: files.get(letter!),
    name: name!,
    where: where!,
  }),
);
const textOf = (file: string | undefined) =>
  file === undefined ? '' : readFileSync(join(root, file), 'utf8');

test('every test of the table of traps is there', () => {
  expect(rows.length).toBeGreaterThan(60);
  const quoted = (name: string) => [`'${name}'`, `"${name}"`, `\`${name}\``];
  expect(rows.filter(({ file, name }) => !quoted(name).some((text) => textOf(file).includes(text)))).toEqual(
    [],
  );
});

test('every trap is tried on a real cloud, or it is said on what instead', () => {
  const onBoth = ['cloudContract.ts', 'troubleContract.ts'];
  const inTheLab = ['cloud.test.ts', 'libvirt.test.ts', 'spine.test.ts'];
  const said = ({ file, where }: (typeof rows)[number]) => {
    const name = file?.split('/').at(-1) ?? '';
    if (onBoth.includes(name)) return /^real( \(.+\))?, minicloud$/.test(where);
    if (file?.startsWith('test/openstack/') && inTheLab.includes(name)) return where === 'real';
    return name === 'minicloudFaults.test.ts' ? where === 'minicloud' : where.startsWith('answers');
  };
  expect(rows.filter((row) => !said(row))).toEqual([]);
});
