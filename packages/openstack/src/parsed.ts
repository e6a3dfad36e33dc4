import type { z } from 'zod';
import { garbled } from './service.ts';

/** A body as its schema has it. @throws Fault `cloud-unreachable` that names the place that does not fit. */
export function parsed<S extends z.ZodType>(
  schema: S,
  body: unknown,
  service: string,
  what: string,
): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw garbled(service, what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`);
}
