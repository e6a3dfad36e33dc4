/** One call of an adapter, just before it is made or just after it has succeeded. */
export interface Operation {
  kind: 'directory' | 'cloud' | 'store';
  name: string;
  when: 'before' | 'after';
  args: readonly unknown[];
}

/** Hears of every operation; may hold it up, or throw what the adapter would. */
export type Tap = (operation: Operation) => Promise<void> | void;

/** The same adapter with a tap on these of its methods. */
export function tapped<T extends object>(
  adapter: T,
  kind: Operation['kind'],
  names: readonly (keyof T & string)[],
  tap: Tap,
): T {
  const listened = new Set<PropertyKey>(names);
  return new Proxy(adapter, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (!listened.has(property)) return method.bind(target);
      const name = String(property);
      return async (...args: unknown[]) => {
        await tap({ kind, name, when: 'before', args });
        const result: unknown = await method.apply(target, args);
        await tap({ kind, name, when: 'after', args });
        return result;
      };
    },
  });
}

/** Holds up the first operation that fits until it is opened; the others pass. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #fits: (operation: Operation) => boolean;
  #used = false;

  constructor(fits: (operation: Operation) => boolean) {
    this.#fits = fits;
  }

  /** Resolves when somebody stands before it. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  open(): void {
    this.#opened.resolve();
  }

  readonly tap: Tap = (operation) => {
    if (this.#used || !this.#fits(operation)) return undefined;
    this.#used = true;
    this.#reached.resolve();
    return this.#opened.promise;
  };
}
