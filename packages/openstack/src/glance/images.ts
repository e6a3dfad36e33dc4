import { z } from 'zod';
import { isFault } from '@anyseat/base';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

export interface Image {
  readonly id: string;
  readonly name: string;
  /** Only `active` can be booted. */
  readonly status: string;
}

const image = z.object({ id: z.string(), name: z.string().nullish(), status: z.string() });

/** Images of exactly this name that can be booted: those of the project, shared with it, and public ones. */
export async function imagesNamed(glance: Service, name: string, signal?: AbortSignal): Promise<Image[]> {
  const what = 'find an image by name';
  const query = new URLSearchParams({ name, status: 'active', limit: '100' });
  const answer = await glance.call({ method: 'GET', path: '/images', query, what }, signal);
  // An operator in front of the name (`in:`, `neq:`) would be Glance's, not ours: only what bears the name counts.
  return parsed(z.object({ images: z.array(image) }), answer.body, glance.type, what)
    .images.map(named)
    .filter((one) => one.name === name);
}

export async function imageById(
  glance: Service,
  id: string,
  signal?: AbortSignal,
): Promise<Image | undefined> {
  const what = 'look at an image';
  try {
    const answer = await glance.call(
      { method: 'GET', path: `/images/${encodeURIComponent(id)}`, what },
      signal,
    );
    return named(parsed(image, answer.body, glance.type, what));
  } catch (error) {
    // Glance's errors are pages for browsers: the status is all there is.
    if (isFault(error) && error.fields['status'] === 404) return undefined;
    throw error;
  }
}

const named = (one: z.output<typeof image>): Image => ({ ...one, name: one.name ?? '' });

/** What an image says of itself beside its name, such as `hw_tpm_version`; undefined when there is no such image. */
export async function imageProperties(
  glance: Service,
  id: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const what = 'look at an image';
  try {
    const path = `/images/${encodeURIComponent(id)}`;
    const answer = await glance.call({ method: 'GET', path, what }, signal);
    return parsed(z.record(z.string(), z.unknown()), answer.body, glance.type, what);
  } catch (error) {
    if (isFault(error) && error.fields['status'] === 404) return undefined;
    throw error;
  }
}
