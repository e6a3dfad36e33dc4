import type { Clock, Lifetime, Log } from '@anyseat/base';
import type { Session } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { AlertWatch } from './alertWatch.ts';
import type { Channel } from './channel.ts';
import { Deliveries, type Tried } from './deliveries.ts';
import { Gathering, type GatherDeps } from './gather.ts';

/** Settings of hub.yaml, as far as they are about alerts. */
export interface AlertWishes {
  patience: number;
  hostMemory: number;
  hostCpu: number;
  quotaPercent: number;
}

export interface AlertParts extends Omit<GatherDeps, 'store' | 'deliveries'> {
  store: Store;
  channels: readonly Channel[];
  settings: AlertWishes;
  hubName: string;
  log: Log;
}

/** What the rest of the hub does with its alerts. */
export interface Alerts {
  /** Live sessions as somebody read them. */
  see(live: readonly Session[]): void;
  /** Somebody may be guessing passwords at this site. */
  guessed(site: string): void;
  /** A letter that tells of nothing, by every channel. */
  test(signal: AbortSignal): Promise<Tried[]>;
  /** A silence ended, or began: what follows from that is not left to wait. */
  look(): void;
  start(): void;
}

/** Puts what watches and what sends together; `life` closes them. */
export function openAlerts(parts: AlertParts, life: Lifetime): Alerts {
  const { store, channels, settings, hubName, clock, log } = parts;
  const sender = { hub: hubName, installation: store.installation.id };
  const deliveries = life.own(new Deliveries({ store, channels, sender, clock, log }));
  const gathering = new Gathering({ ...parts, deliveries });
  const { patience, hostMemory, hostCpu, quotaPercent } = settings;
  const watch = life.own(
    new AlertWatch({
      store,
      gather: () => gathering.evidence(),
      deliveries,
      channels: channels.map(({ name }) => name),
      lines: { memory: hostMemory, cpu: hostCpu, quota: quotaPercent / 100 },
      patience,
      sender,
      clock: clock satisfies Clock,
      log,
    }),
  );
  return {
    see: (live) => gathering.see(live),
    guessed: (site) => gathering.guessed(site),
    test: (signal) => deliveries.test(signal),
    look: () => deliveries.look(),
    start: () => {
      deliveries.start();
      watch.start();
    },
  };
}
