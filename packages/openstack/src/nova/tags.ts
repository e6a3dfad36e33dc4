import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';
import { serverPath } from './servers.ts';

/** 50 tags on a server, each of 60 characters at most, without comma and slash (nova/objects/tag.py, schemas/server_tags.py). */
export const TAG_LIMITS = { count: 50, length: 60, forbidden: /[,/]/ } as const;

const version = { want: '2.90', least: '2.26', because: 'put tags on servers' } as const;

export async function tagsOf(compute: Service, id: string, signal?: AbortSignal): Promise<readonly string[]> {
  const what = 'read the tags of a server';
  const answer = await compute.call({ method: 'GET', path: serverPath(id, '/tags'), what, version }, signal);
  return parsed(z.object({ tags: z.array(z.string()) }), answer.body, compute.type, what).tags;
}

/** Adding what is there is success. */
export async function addTag(compute: Service, id: string, tag: string, signal?: AbortSignal): Promise<void> {
  const path = serverPath(id, `/tags/${encodeURIComponent(tag)}`);
  await compute.call({ method: 'PUT', path, what: 'put a tag on a server', version }, signal);
}

/** @throws Fault `cloud-not-found` when there is no such tag on it */
export async function removeTag(
  compute: Service,
  id: string,
  tag: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = serverPath(id, `/tags/${encodeURIComponent(tag)}`);
  await compute.call({ method: 'DELETE', path, what: 'take a tag off a server', version }, signal);
}
