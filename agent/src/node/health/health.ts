import { basename } from 'node:path';
import type { InventoryReport } from '@anyseat/protocol';
import { readDevices } from './readDevices.ts';
import { readHealth, type BoxHealth, type Counters, type HealthPlaces } from './readHealth.ts';
import type { Machine } from './readMachine.ts';
import { Tree } from './tree.ts';

export type Inventory = Omit<InventoryReport, 'type' | 'epoch'>;

/** How this box is, and what it is made of. */
export interface Health {
  /** Counts are of the time since the last reading. */
  read(): Promise<BoxHealth>;
  inventory(): Promise<Inventory>;
}

/** The kernel cuts the name of a process there (TASK_COMM_LEN). */
const NAME_LENGTH = 15;
const MOST_TRIES = 5;

/** By /proc and /sys, and once by whoever knows the maker. */
export class KernelHealth implements Health {
  readonly #places: HealthPlaces;
  readonly #machine: () => Promise<Machine>;
  #known: Promise<Machine> | undefined;
  #failed = 0;
  #counters: Counters | undefined;

  constructor(options: {
    /** `/` */
    root?: string;
    folder: string;
    viewerCommand: string;
    agentPid: number;
    machine: () => Promise<Machine>;
  }) {
    const { root, folder, viewerCommand, agentPid, machine } = options;
    const viewer = basename(viewerCommand).slice(0, NAME_LENGTH);
    this.#places = { tree: new Tree(root), folder, viewer, agentPid };
    this.#machine = machine;
  }

  async read(): Promise<BoxHealth> {
    const { health, counters } = await readHealth(this.#places, this.#counters);
    this.#counters = counters;
    return health;
  }

  /** Once, unless it fails, as it may while a box starts. */
  async #ask(): Promise<Machine> {
    try {
      return await this.#machine();
    } catch {
      if (++this.#failed < MOST_TRIES) this.#known = undefined;
      return { displays: [] };
    }
  }

  async inventory(): Promise<Inventory> {
    const machine = await (this.#known ??= this.#ask());
    const devices = await readDevices(this.#places.tree);
    return {
      ...machine,
      ...devices,
      displays: devices.displays.length === 0 ? machine.displays : devices.displays,
    };
  }
}
