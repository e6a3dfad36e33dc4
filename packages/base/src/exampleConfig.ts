import { z } from 'zod';

/**
 * The example file of a schema: every field with its description as a comment and its default as the value.
 * A field without a default is shown commented out when it is optional, else with the example from its metadata.
 */
export function exampleConfig(schema: z.ZodObject, heading: string): string {
  return `${comment(heading, '')}\n${fields(schema, '')}`;
}

interface Meta {
  description?: string;
  example?: unknown;
}

function fields(schema: z.ZodObject, indent: string): string {
  return Object.entries(schema.shape)
    .map(([name, field]) => oneField(name, field as z.ZodType, indent))
    .join(indent === '' ? '\n' : '');
}

function oneField(name: string, field: z.ZodType, indent: string): string {
  const meta = (field.meta() ?? {}) as Meta;
  const about = meta.description ? comment(meta.description, indent) : '';
  const { inner, optional, fallback } = unwrap(field);
  if (inner instanceof z.ZodObject && meta.example === undefined) {
    return optional
      ? `${about}${indent}# ${name}:\n${commentedOut(fields(inner, `${indent}  `), indent)}`
      : `${about}${indent}${name}:\n${fields(inner, `${indent}  `)}`;
  }
  const value = fallback === undefined ? meta.example : fallback;
  const mark = optional && fallback === undefined ? '# ' : '';
  return `${about}${indent}${mark}${name}: ${value === undefined ? '' : JSON.stringify(value)}\n`;
}

function unwrap(field: z.ZodType): { inner: z.ZodType; optional: boolean; fallback: unknown } {
  let inner = field;
  let optional = false;
  let fallback: unknown;
  for (;;) {
    if (inner instanceof z.ZodOptional) optional = true;
    else if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
      fallback = inner.def.defaultValue;
    else break;
    inner = inner.def.innerType as z.ZodType;
  }
  // A section whose default is "all its own defaults" is shown field by field.
  if (inner instanceof z.ZodObject && fallback !== undefined)
    return { inner, optional: false, fallback: undefined };
  return { inner, optional, fallback };
}

const comment = (text: string, indent: string): string =>
  text
    .split('\n')
    .map((line) => `${indent}# ${line}`.trimEnd() + '\n')
    .join('');

const commentedOut = (block: string, indent: string): string =>
  block
    .split('\n')
    .map((line) =>
      line === '' || line.trimStart().startsWith('#') ? line : `${indent}# ${line.slice(indent.length)}`,
    )
    .join('\n');
