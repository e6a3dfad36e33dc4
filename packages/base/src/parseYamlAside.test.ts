import { expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock.ts';
import { checkConfig, ConfigFault, parseYaml } from './loadConfig.ts';
import { parseYamlAside } from './parseYamlAside.ts';

const schema = z.strictObject({ seats: z.record(z.string(), z.strictObject({ label: z.string() })) });
const seats = (count: number, label = 'L') =>
  `seats:\n${Array.from({ length: count }, (_, i) => `  s${i}: { label: ${label}${i} }\n`).join('')}`;

async function asideAs(text: string): Promise<unknown> {
  await using yaml = await parseYamlAside(text, 'x.yaml');
  return await yaml.withPlaces((parsed) => checkConfig(schema, parsed, 'x.yaml'));
}
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error instanceof ConfigFault ? error.problems : error));

test.each([
  ['a short text', seats(3)],
  ['a long text', seats(2000)],
  ['a long text with wrong values', `${seats(2000)}  bad: { label: 7, lable: x }\n`],
  ['a long text with a key given twice', `${seats(2000)}  s0: { label: x }\n`],
  ['a long text that never closes', `${seats(2000)}  bad: [\n`],
  ['a long text that calls nobody', `${seats(2000)}  __proto__: { label: x }\n`],
])('%s has the data or the problems that it has at once', async (_, text) => {
  const atOnce = () => checkConfig(schema, parseYaml(text, 'x.yaml'), 'x.yaml');
  expect(await outcome(asideAs(text))).toEqual(await outcome(Promise.try(atOnce)));
});

test('a text that is nested without end is a problem, told shortly, and the program goes on', async () => {
  const told = await outcome(asideAs(`a: ${'['.repeat(50_000)}`));
  expect(told).toContainEqual({
    where: expect.stringContaining('x.yaml'),
    path: '',
    text: expect.any(String),
  });
  expect((told as unknown[]).length).toBeLessThanOrEqual(21);
});

test('while a long text is parsed, others are served', async () => {
  const parsed = asideAs(seats(6000)).then(() => true);
  let turns = 0;
  while (!(await Promise.race([parsed, systemClock.sleep(5)]))) turns++;
  expect(turns).toBeGreaterThan(20);
});
