import { availableParallelism, cpus, totalmem } from 'node:os';
import { systemClock } from '@anyseat/base';
import { machineCpuMs, treeCpuMs } from './usage.ts';

/** More than so much of one core taken by others, and the figures say more about them than about us. */
const NOISY_FROM = 0.2;

/** What else this machine was busy with while something was measured. */
export interface Noise {
  /** Cores that everybody else used on average, the host's other machines included. */
  othersCores: number;
  noisy: boolean;
}

/** Watches from now on; `read` says what others used since. */
export function watchMachine(): { read: () => Noise } {
  const look = () => ({ at: systemClock.monotonic(), all: machineCpuMs(), ours: treeCpuMs(process.pid) });
  const before = look();
  return {
    read: () => {
      const now = look();
      const others = now.all - before.all - (now.ours - before.ours);
      const othersCores = Math.max(0, others / (now.at - before.at));
      return { othersCores, noisy: othersCores > NOISY_FROM };
    },
  };
}

export const machineWords = (): string =>
  `${availableParallelism()} × ${cpus()[0]?.model.trim() || process.arch}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
