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
