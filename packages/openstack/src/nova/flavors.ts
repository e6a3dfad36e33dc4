import { z } from 'zod';
import { allPages } from '../pages.ts';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

export interface Flavor {
  readonly id: string;
  readonly name: string;
}

const body = z.object({
  flavors: z.array(z.object({ id: z.string(), name: z.string() })),
  flavors_links: z.array(z.unknown()).nullish(),
});

/** The flavors that this project may use. */
export async function listFlavors(compute: Service, signal?: AbortSignal): Promise<readonly Flavor[]> {
  const what = 'list the flavors';
  const { items } = await allPages<Flavor>({
    end: 'noNext',
    idOf: (flavor) => flavor.id,
    page: async (marker) => {
      const query = new URLSearchParams(marker === undefined ? {} : { marker });
      const answer = await compute.call(
        { method: 'GET', path: '/flavors', query, what, version: { want: '2.55' } },
        signal,
      );
      const page = parsed(body, answer.body, compute.type, what);
      return { items: page.flavors, next: (page.flavors_links ?? []).length > 0 };
    },
  });
  return items;
}

const withSpecs = z.object({
  flavor: z.object({ extra_specs: z.record(z.string(), z.string()).nullish() }),
});

/** What a flavor asks for beside its size (`hw:tpm_version`); empty where the policy does not let it be seen. */
export async function flavorSpecs(
  compute: Service,
  id: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const what = 'look at a flavor';
  const path = `/flavors/${encodeURIComponent(id)}`;
  const answer = await compute.call({ method: 'GET', path, what, version: { want: '2.61' } }, signal);
  return parsed(withSpecs, answer.body, compute.type, what).flavor.extra_specs ?? {};
}
