/** As much of JSON Schema as Nova's request bodies use. */
export interface Schema {
  type?: JsonType | readonly JsonType[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean;
  /** One pattern for the names, and what their values are. */
  names?: readonly [RegExp, Schema];
  items?: Schema;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: RegExp;
  enum?: readonly unknown[];
  format?: 'uuid' | 'base64';
  minimum?: number;
  oneOf?: readonly Schema[];
}

type JsonType = 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null';

export interface SchemaProblem {
  path: readonly (string | number)[];
  value: unknown;
  message: string;
}

/** The first problem, in the words of Python's jsonschema; undefined: it fits. */
export function check(
  schema: Schema,
  value: unknown,
  path: readonly (string | number)[] = [],
): SchemaProblem | undefined {
  const problem = (message: string): SchemaProblem => ({ path, value, message });
  if (schema.type !== undefined) {
    const types = [schema.type].flat();
    if (!types.some((type) => is(type, value))) {
      return problem(`${repr(value)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`);
    }
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return problem(`${repr(value)} is not one of ${repr(schema.enum)}`);
  }
  if (schema.oneOf && schema.oneOf.filter((one) => !check(one, value, path)).length !== 1) {
    return problem(`${repr(value)} is not valid under any of the given schemas`);
  }
  if (typeof value === 'string') return ofString(schema, value, problem);
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum) {
    return problem(`${value} is less than the minimum of ${schema.minimum}`);
  }
  if (Array.isArray(value)) return ofArray(schema, value, path, problem);
  if (is('object', value)) return ofObject(schema, value as Record<string, unknown>, path, problem);
  return undefined;
}

/** The sentence that Nova makes of it (nova/api/validation/validators.py). */
export function sentence({ path, value, message }: SchemaProblem): string {
  const last = path.at(-1);
  return last === undefined
    ? message
    : `Invalid input for field/attribute ${last}. Value: ${text(value)}. ${message}`;
}

/** A value as Python's `repr` shows it. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
  }
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([k, v]) => `${repr(k)}: ${repr(v)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : repr(value));

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
export const isUuid = (value: string): boolean => UUID.test(value);

const IS: Record<JsonType, (value: unknown) => boolean> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const is = (type: JsonType, value: unknown): boolean => IS[type](value);

type Problem = (message: string) => SchemaProblem;

function ofString(schema: Schema, value: string, problem: Problem): SchemaProblem | undefined {
  if (schema.minLength !== undefined && value.length < schema.minLength)
    return problem(`${repr(value)} is too short`);
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    return problem(`${repr(value)} is too long`);
  if (schema.pattern && !schema.pattern.test(value)) {
    return problem(`${repr(value)} does not match '${schema.pattern.source}'`);
  }
  if (schema.format === 'uuid' && !isUuid(value)) return problem(`${repr(value)} is not a 'uuid'`);
  if (schema.format === 'base64' && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) {
    return problem(`${repr(value)} is not a 'base64'`);
  }
  return undefined;
}

function ofArray(
  schema: Schema,
  value: unknown[],
  path: readonly (string | number)[],
  problem: Problem,
): SchemaProblem | undefined {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    return problem(`${repr(value)} is too long`);
  if (!schema.items) return undefined;
  for (const [i, item] of value.entries()) {
    const found = check(schema.items, item, [...path, i]);
    if (found) return found;
  }
  return undefined;
}

function ofObject(
  schema: Schema,
  value: Record<string, unknown>,
  path: readonly (string | number)[],
  problem: Problem,
): SchemaProblem | undefined {
  for (const name of schema.required ?? []) {
    if (!(name in value)) return problem(`'${name}' is a required property`);
  }
  for (const [name, inner] of Object.entries(value)) {
    const own =
      schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const known = own ?? (schema.names?.[0].test(name) ? schema.names[1] : undefined);
    if (known) {
      const found = check(known, inner, [...path, name]);
      if (found) return found;
    } else if (schema.additionalProperties === false) {
      return problem(`Additional properties are not allowed (${repr(name)} was unexpected)`);
    }
  }
  return undefined;
}
