import { expect, test } from 'vitest';
import { z } from 'zod';
import { exampleConfig } from './exampleConfig.ts';
import { checkConfig, ConfigFault, parseYaml } from './loadConfig.ts';

const schema = z.strictObject({
  listen: z
    .strictObject({
      port: z.int().default(8443).describe('Where agents connect.'),
      host: z.string().default('::'),
    })
    .prefault({}),
  name: z.string().describe('What this hub is called.').meta({ example: 'hub-1' }),
});

test('every problem is named at once, with its line and column', () => {
  const text = 'listen:\n  port: many\n  hots: here\n';
  expect(() => checkConfig(schema, parseYaml(text, 'hub.yaml'), 'hub.yaml')).toThrow(
    new ConfigFault('hub.yaml', [
      { where: 'hub.yaml:2:9', path: 'listen.port', text: 'has to be a number' },
      {
        where: 'hub.yaml:3:9',
        path: 'listen.hots',
        text: 'no such setting; did you mean “host”? Known here: port, host',
      },
      { where: 'hub.yaml', path: 'name', text: 'is missing' },
    ]),
  );
});

test('a key that is none is told with what a key must be', () => {
  const names = z.strictObject({
    seats: z.record(z.string().regex(/^[a-z]+$/, 'small letters only'), z.int()),
  });
  expect(() => checkConfig(names, parseYaml('seats:\n  Big: 1\n', 'x.yaml'), 'x.yaml')).toThrow(
    new ConfigFault('x.yaml', [{ where: 'x.yaml:2:8', path: 'seats.Big', text: 'small letters only' }]),
  );
});

test('a syntax error and a key given twice are told with their place', () => {
  expect(() => parseYaml('a: 1\na: 2\n', 'x.yaml')).toThrow(
    'x.yaml:2:1: this name stands here for the second time; each may stand once',
  );
  expect(() => parseYaml('a: [1\n', 'x.yaml')).toThrow(/x\.yaml:\d+:\d+: /);
});

test('a bomb of aliases is refused, not expanded', () => {
  const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  expect(() => parseYaml(bomb.join('\n'), 'bomb.yaml')).toThrow(ConfigFault);
});

test('the example file shows every field with its description and default', () => {
  expect(exampleConfig(schema, 'Settings of a hub.')).toBe(
    '# Settings of a hub.\n\nlisten:\n  # Where agents connect.\n  port: 8443\n  host: "::"\n\n# What this hub is called.\nname: "hub-1"\n',
  );
});
