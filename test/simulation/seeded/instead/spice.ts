import type { Clock } from '@anyseat/base';
import { network } from '../network.ts';

interface Display {
  host: string;
}

interface Options {
  clock: Clock;
  timeoutMs: number;
}

/** A full link: it throws out whoever is linked. */
export const proveIdentity = ({ host }: Display, { clock, timeoutMs }: Options) =>
  network.link(clock, host, 'full', timeoutMs);

/** A link that nobody notices. */
export const bareLink = async ({ host }: Display, { clock, timeoutMs }: Options) => {
  const found = await network.link(clock, host, 'bare', timeoutMs);
  return found.outcome === 'proved' ? { outcome: 'answered' } : found;
};

export const standingLink = ({ host }: Display, { clock, timeoutMs }: Options) =>
  network.stand(clock, host, timeoutMs);
