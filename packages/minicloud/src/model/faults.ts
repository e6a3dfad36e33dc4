import { z } from 'zod';

/** Which calls a fault is for; absent: any. `path` is a regular expression on the path without the service's prefix. */
const where = z.strictObject({
  service: z.enum(['identity', 'compute', 'network', 'image', 'placement']).optional(),
  method: z.string().optional(),
  path: z.string().refine(isPattern, 'not a regular expression').optional(),
});
export type Where = z.infer<typeof where>;

const on = where.optional();
const status = z.int().min(400).max(599);
const nothing = z.strictObject({});
const limit = z.int().min(-1).optional();

/** Every switch with what it takes. README.md says in a table what each is for. */
export const FAULTS = {
  /** The answer comes, `ms` late. */
  slow: z.strictObject({ ms: z.number().nonnegative(), on }),
  /** The call is taken and nothing ever comes back; nothing is done either. */
  hang: z.strictObject({ on }),
  /** The connection is reset instead of an answer; nothing is done. */
  reset: z.strictObject({ on }),
  /** Any answer at all instead of the right one; nothing is done. */
  answer: z.strictObject({
    status: z.int().min(200).max(599),
    body: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    on,
  }),
  /** 429, as a proxy in front says it. `retryAfter`: seconds, or a date. */
  'too-many-requests': z.strictObject({ retryAfter: z.union([z.number(), z.string()]).optional(), on }),
  /** A proxy's page. */
  'html-error': z.strictObject({ status: z.literal([502, 503, 504]), on }),
  /** POST /servers is done, and its answer is lost: never comes, is cut off, or says 500. */
  'create-lost': z.strictObject({ how: z.enum(['hang', 'reset', 'error']) }),
  /** POST /servers is refused with this. */
  'create-refused': z.strictObject({ status, message: z.string() }),
  /** Builds end in ERROR with this fault. */
  'build-fails': z.strictObject({ message: z.string(), code: z.int().optional() }),
  /** Builds end in ERROR with no fault, as after a restart of nova-compute. */
  'build-fails-silently': nothing,
  /** Builds never leave BUILD: the message was lost. */
  'build-stuck': nothing,
  /** The scheduler finds no host. */
  'no-valid-host': nothing,
  /** Deleting servers stay at `deleting`. */
  'delete-hangs': nothing,
  /** Compute services that report no more. What they run runs on. */
  'hosts-down': z.strictObject({ hosts: z.array(z.string()) }),
  /** Every compute service looks down, as when the message bus is lost. */
  'computes-down': nothing,
  /** Databases of these cells do not answer. */
  'cells-down': z.strictObject({ cells: z.array(z.string()) }),
  /** Listings answer as things stood when this was switched on. */
  'listing-lags': nothing,
  /** Listings leave out this share of the servers (always the same ones), without a word. */
  'listing-partial': z.strictObject({ share: z.number().min(0).max(1) }),
  /** What the project `desktops` may have, instead of its quota. */
  quota: z.strictObject({
    instances: limit,
    cores: limit,
    ramMb: limit,
    ports: limit,
  }),
  /** Neutron does not answer, neither to us nor to Nova. */
  'neutron-down': nothing,
  /** Neutron answers, but making a port fails. */
  'ports-fail': nothing,
  /** Keystone does not answer, neither to us nor to the services. */
  'keystone-down': nothing,
  /** Console requests fail with this. */
  'console-refused': z.strictObject({ status, message: z.string() }),
} as const;

export type FaultName = keyof typeof FAULTS;
export type FaultParams = { [N in FaultName]: z.infer<(typeof FAULTS)[N]> };

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

export interface FaultOptions {
  /** How often; absent: until cleared. */
  count?: number;
  /** How many occasions go well first. */
  skip?: number;
}

interface Switch {
  params: unknown;
  left: number;
  skip: number;
}

/**
 * The switches. A switch that is set again is set anew. Some are *occasions*, used up one by one (`take`); some are
 * *states*, looked at any number of times (`on`), for which a count makes no sense and which last until cleared.
 */
export class Faults {
  readonly #switches = new Map<FaultName, Switch>();
  readonly #listeners: ((name: FaultName) => void)[] = [];

  /** Returns what clears it again. */
  set<N extends FaultName>(name: N, params: FaultParams[N], options: FaultOptions = {}): Disposable {
    const made: Switch = { params, left: options.count ?? Infinity, skip: options.skip ?? 0 };
    this.#switches.set(name, made);
    this.#tell(name);
    return {
      [Symbol.dispose]: () => {
        if (this.#switches.get(name) === made) this.clear(name);
      },
    };
  }

  clear(name: FaultName): void {
    if (this.#switches.delete(name)) this.#tell(name);
  }

  clearAll(): void {
    for (const name of this.#switches.keys()) this.clear(name);
  }

  /** The state, if it is on. */
  on<N extends FaultName>(name: N): FaultParams[N] | undefined {
    return this.#switches.get(name)?.params as FaultParams[N] | undefined;
  }

  /** One occasion: its parameters when it goes wrong, and one less from then on. */
  take<N extends FaultName>(
    name: N,
    fits: (params: FaultParams[N]) => boolean = () => true,
  ): FaultParams[N] | undefined {
    const found = this.#switches.get(name);
    if (!found || !fits(found.params as FaultParams[N])) return undefined;
    if (found.skip > 0) {
      found.skip--;
      return undefined;
    }
    if (--found.left <= 0) this.clear(name);
    return found.params as FaultParams[N];
  }

  list(): { name: FaultName; params: unknown; left: number | null; skip: number }[] {
    return [...this.#switches].map(([name, { params, left, skip }]) => ({
      name,
      params,
      left: left === Infinity ? null : left,
      skip,
    }));
  }

  /** Told when a switch is set or cleared. */
  onChange(listener: (name: FaultName) => void): void {
    this.#listeners.push(listener);
  }

  #tell(name: FaultName): void {
    for (const listener of this.#listeners) listener(name);
  }
}

function isPattern(text: string): boolean {
  try {
    RegExp(text);
    return true;
  } catch {
    return false;
  }
}
