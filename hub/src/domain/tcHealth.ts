import { DAY, HOUR, MINUTE } from '@anyseat/base';
import type { HealthReport } from '@anyseat/protocol';
import type { Missing } from './inventory.ts';

/** How a thin client is, as it said last. */
export type TcHealth = Omit<HealthReport, 'type' | 'epoch'>;

const HOT_C = 90;
const LEAST_FREE = 0.05;
const BUSY_PER_CORE = 4;
const SLOW_LINK_MBPS = 100;
const SLOW_HUB_MS = 300;
const LOSSY = 0.05;
const ERRORS = 10;
const CLOCK_WRONG_MS = 2 * MINUTE;

/** What is wrong with a thin client, each in a few words; empty: nothing that it tells of. */
export function tcTroubles(health: TcHealth | undefined, missing: readonly Missing[], now: number): string[] {
  return [...missing.map((one) => `${one.name} missing for ${age(now - one.since)}`), ...boxTroubles(health)];
}

function boxTroubles(health: TcHealth | undefined): string[] {
  if (!health) return [];
  const { disk, memory, hottestC = 0, load, cores, network, hub, resent = 0, clockOffsetMs } = health;
  const troubles: [boolean, () => string][] = [
    [
      disk !== undefined && disk.freeMb < disk.totalMb * LEAST_FREE,
      () => `disk nearly full, ${Math.round(disk!.freeMb)} MB left`,
    ],
    [
      memory !== undefined && memory.availableMb < memory.totalMb * LEAST_FREE,
      () => `memory nearly used up, ${Math.round(memory!.availableMb)} MB left`,
    ],
    [hottestC >= HOT_C, () => `hot, ${Math.round(hottestC)} °C`],
    [
      load > cores * BUSY_PER_CORE,
      () => `busy, load ${load.toFixed(1)} on ${cores} core${cores === 1 ? '' : 's'}`,
    ],
    [network?.up === false, () => `no carrier on ${network!.name}`],
    [(network?.mbps ?? Infinity) < SLOW_LINK_MBPS, () => `${network!.name} at ${network!.mbps} Mb/s only`],
    [
      (network?.errors ?? 0) + (network?.dropped ?? 0) >= ERRORS,
      () => `${network!.name}: ${network!.errors} errors, ${network!.dropped} dropped`,
    ],
    [(hub?.rttMs ?? 0) >= SLOW_HUB_MS, () => `slow line, ${Math.round(hub!.rttMs)} ms to the hub`],
    [(hub?.lost ?? 0) > 0, () => `pings to the hub lost: ${hub!.lost}`],
    [resent >= LOSSY, () => `lossy line, ${Math.round(resent * 100)} % sent again`],
    [
      Math.abs(clockOffsetMs) >= CLOCK_WRONG_MS,
      () => `clock ${age(Math.abs(clockOffsetMs))} ${clockOffsetMs > 0 ? 'slow' : 'fast'}`,
    ],
  ];
  return troubles.flatMap(([holds, text]) => (holds ? [text()] : []));
}

function age(ms: number): string {
  if (ms >= DAY) return `${Math.floor(ms / DAY)} d`;
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.max(1, Math.floor(ms / MINUTE))} min`;
}
