import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands, anyseat, VERSION } from './anyseat.ts';
import type { Cli } from './cli.ts';
import { completionBash } from './completionBash.ts';
import { completionSpec } from './completionSpec.ts';
import { completionZsh } from './completionZsh.ts';
import { writtenTerminal } from './terminal.fixture.ts';

/** The paths of all commands that do something: `get`, `tc approve`, … */
function leaves(): { program: Command; paths: string[][] } {
  const program = new Command('anyseat');
  addCommands({ program } as Cli);
  const of = (command: Command, path: string[]): string[][] =>
    command.commands.length === 0
      ? [path]
      : command.commands.flatMap((sub) => of(sub, [...path, sub.name()]));
  return { program, paths: of(program, []) };
}

async function typed(...args: string[]) {
  const terminal = writtenTerminal();
  const code = await anyseat(['--socket', '/nowhere/hub.sock', ...args], terminal);
  return { code, said: terminal.said, complained: terminal.complained };
}

describe('help', () => {
  test.each(leaves().paths.map((path) => path.join(' ')))(
    '%s says what it does, with examples',
    async (path) => {
      const { code, said } = await typed(...path.split(' '), '--help');
      const text = said.join('\n');
      expect({
        code,
        says: /^Usage: anyseat [^\n]+\n\n[A-Z][^\n]{20,}/.test(text),
        examples: new RegExp(`\nExamples:\n(?:.*\n)*  .*anyseat ${path}.* # \\S`).test(text),
        tooWide: said.filter((line) => line.length > 110 && !line.includes(' # ')),
      }).toEqual({ code: 0, says: true, examples: true, tooWide: [] });
    },
  );

  test('the whole command’s help has every command and every exit code', async () => {
    const { code, said } = await typed('--help');
    const listed = said.flatMap((line) => /^ {2}([a-z]+)\b/.exec(line)?.[1] ?? []);
    const first = new Set(leaves().paths.map(([name]) => name));
    expect({ code, missing: [...first].filter((name) => !listed.includes(name!)) }).toEqual({
      code: 0,
      missing: [],
    });
    expect(said.flatMap((line) => /^ {2}(\d+) /.exec(line)?.[1] ?? [])).toEqual([
      '0',
      '1',
      '2',
      '3',
      '64',
      '70',
    ]);
  });
});

test('the version is that of the package', async () => {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(VERSION).toBe((JSON.parse(file) as { version: string }).version);
  expect(await typed('--version')).toEqual({ code: 0, said: [VERSION], complained: [] });
});

test.each([
  [''],
  ['stats'],
  ['status now'],
  ['get'],
  ['get chairs'],
  ['get seats --colour red'],
  ['apply'],
  ['explain wang.fang'],
  ['tc'],
  ['tc approve XXXX'],
  ['tc place K7F2-9QWM-3XTD-0V8N'],
  ['tc place K7F2-9QWM-3XTD-0V8N --seat a --nowhere'],
  ['tc token --hours 25'],
  ['tc token --hours many'],
  ['audit --limit 0'],
  ['audit --limit 1e3'],
  ['completion fish'],
])('typed wrongly, “%s” ends with 64 and a word on standard error, before any hub is asked', async (line) => {
  const { code, said, complained } = await typed(...line.split(' ').filter((word) => word !== ''));
  expect({ code, said, complained: complained.length > 0 }).toEqual({ code: 64, said: [], complained: true });
});

test.each(['status', 'get seats', 'diff -f FILE', 'audit', 'restore --yes x'])(
  'without a hub “%s” ends with 2 and says what to do',
  async (line) => {
    const args = line.replace('FILE', new URL(import.meta.url).pathname).split(' ');
    const { code, said, complained } = await typed(...args);
    expect({ code, said, first: complained[0] }).toEqual({
      code: 2,
      said: [],
      first: 'anyseat: no hub answers on /nowhere/hub.sock: there is no such socket.',
    });
  },
);

test('a file that is missing, empty or no text is refused without asking the hub', async () => {
  expect(await typed('apply', '-f', '/nowhere/site.yaml')).toMatchObject({
    code: 1,
    complained: ['anyseat: /nowhere/site.yaml cannot be read: there is no such file'],
  });
  expect(await typed('apply', '-f', '-', '--prune')).toMatchObject({
    code: 1,
    complained: ['anyseat: standard input is empty'],
  });
  const noise = writtenTerminal({ read: () => Promise.resolve(Uint8Array.of(0xff, 0xfe, 0x00)) });
  expect(await anyseat(['apply', '-f', '-'], noise)).toBe(1);
  expect(noise.complained).toEqual(['anyseat: standard input is no text in UTF-8']);
});

test('a fault of its own is a sentence, never a stack', async () => {
  const broken = writtenTerminal({
    out: () => {
      throw new TypeError('cannot write');
    },
  });
  expect(await anyseat(['completion', 'bash'], broken)).toBe(70);
  expect(broken.complained).toEqual(['anyseat: a fault of this program: cannot write']);
});

test('both completions know every command and every option', () => {
  const { program, paths } = leaves();
  const spec = completionSpec(program);
  const words = new Set([
    ...paths.flat(),
    ...spec.commands.flatMap((command) => command.options.flatMap(({ flags }) => flags)),
  ]);
  expect(words.size).toBeGreaterThan(25);
  for (const script of [completionBash(spec), completionZsh(spec)]) {
    expect([...words].filter((word) => !script.includes(word))).toEqual([]);
  }
});
