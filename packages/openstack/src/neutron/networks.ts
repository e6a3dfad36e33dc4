import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';

export interface Network {
  readonly id: string;
  readonly name: string;
}

const networks = z.object({ networks: z.array(z.object({ id: z.string(), name: z.string() })) });

/** Networks of exactly this name, or with this id, that the project may use. */
export async function findNetworks(
  neutron: Service,
  by: { name: string } | { id: string },
  signal?: AbortSignal,
): Promise<readonly Network[]> {
  const what = 'find a network';
  const query = new URLSearchParams(by);
  query.append('fields', 'id');
  query.append('fields', 'name');
  const answer = await neutron.call({ method: 'GET', path: '/networks', query, what }, signal);
  return parsed(networks, answer.body, neutron.type, what).networks;
}
