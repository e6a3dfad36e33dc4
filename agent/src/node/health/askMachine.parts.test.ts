import { expect, test } from 'vitest';
import { askMachine } from './askMachine.ts';

test('this machine says what runs on it', async () => {
  expect(await askMachine({ ...process.env })).toMatchObject({
    system: expect.stringMatching(/\S/),
    displays: expect.any(Array),
  });
});
