import { expect, test } from 'vitest';
import { check, repr, sentence, type Schema } from './schema.ts';

test.each([
  [null, 'None'],
  [true, 'True'],
  ["it's", '"it\'s"'],
  ['"it\'s"', "'\"it\\'s\"'"],
  [{ a: [1, 'b', false] }, "{'a': [1, 'b', False]}"],
])('%j is shown as Python shows it', (value, shown) => {
  expect(repr(value)).toBe(shown);
});

const schema: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 3 },
    list: { type: 'array', maxItems: 1, items: { type: 'string' } },
    either: { oneOf: [{ type: 'string', enum: ['auto'] }, { type: 'array' }] },
  },
  required: ['name'],
  additionalProperties: false,
};

test.each<[unknown, string | undefined]>([
  [{ name: 'abc' }, undefined],
  [{ name: 'abc', either: 'auto' }, undefined],
  [undefined, "None is not of type 'object'"],
  [{}, "'name' is a required property"],
  [{ name: '' }, "Invalid input for field/attribute name. Value: . '' is too short"],
  [{ name: 1 }, "Invalid input for field/attribute name. Value: 1. 1 is not of type 'string'"],
  [{ name: 'a', list: [1] }, "Invalid input for field/attribute 0. Value: 1. 1 is not of type 'string'"],
  [{ name: 'a', toString: 1 }, "Additional properties are not allowed ('toString' was unexpected)"],
  [
    { name: 'a', either: 'no' },
    "Invalid input for field/attribute either. Value: no. 'no' is not valid under any of the given schemas",
  ],
])('%j is %s', (value, wanted) => {
  const problem = check(schema, value);
  expect(problem && sentence(problem)).toBe(wanted);
});
