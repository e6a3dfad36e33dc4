import { z } from 'zod';

/** The names that may stand at this place of a value that is to fit the schema; of a union, those of any member. */
export function allowedKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let at = [schema];
  for (const part of path) at = at.flatMap(plain).flatMap((one) => inside(one, part));
  return [
    ...new Set(
      at.flatMap(plain).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : [])),
    ),
  ];
}

function inside(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const field = (schema.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[part];
    return field ? [field] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.def.element];
  if (schema instanceof z.ZodRecord) return [schema.def.valueType];
  return [];
}

/** Without what is wrapped around it: a default, a wish, a choice. */
function plain(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodReadonly
  )
    return plain(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return plain(schema.def.in);
  if (schema instanceof z.ZodLazy) return plain(schema.def.getter());
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(plain);
  return [schema];
}
