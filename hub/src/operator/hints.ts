import type { Clock } from '@anyseat/base';
import type { HintKind } from '@anyseat/protocol';
import type { Store } from '../store/store.ts';

/** What happens together is told together. */
const GATHERED_MS = 200;

/** Tells consoles that something is not as it was, never what: they look. */
export class Hints implements Disposable {
  readonly #clock: Clock;
  readonly #listeners = new Set<(kinds: HintKind[]) => void>();
  readonly #kinds = new Set<HintKind>();
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(...kinds: readonly HintKind[]): void {
    if (this.#listeners.size === 0) return;
    for (const kind of kinds) this.#kinds.add(kind);
    this.#timer ??= this.#clock.after(GATHERED_MS, () => this.#pass());
  }

  listen(listener: (kinds: HintKind[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#listeners.clear();
  }

  #pass(): void {
    this.#timer = undefined;
    const kinds = [...this.#kinds];
    this.#kinds.clear();
    for (const listener of this.#listeners) listener(kinds);
  }
}

/** What each unit of work of the store changes. What is not here changes nothing that a console shows. */
const changedBy: Partial<Record<keyof Store, readonly HintKind[]>> = {
  applyResources: ['resources', 'audit'],
  meetTc: ['tcs', 'audit'],
  approveTc: ['tcs', 'audit'],
  placeTc: ['tcs', 'audit'],
  tagTc: ['tcs', 'audit'],
  retireTc: ['tcs', 'audit'],
  wantDesktops: ['desktops', 'audit'],
  recordDesktop: ['desktops', 'audit'],
  adoptDesktop: ['desktops', 'audit'],
  openSession: ['sessions', 'desktops', 'audit'],
  claimFor: ['sessions', 'desktops', 'audit'],
  renewGrant: ['sessions', 'audit'],
  recordViewer: ['sessions', 'audit'],
  endSession: ['sessions', 'desktops', 'audit'],
  lockSession: ['sessions', 'audit'],
  swapDesktop: ['sessions', 'desktops', 'audit'],
  drainHost: ['desktops', 'audit'],
  endDrain: ['desktops', 'audit'],
  recordInventory: ['tcs', 'audit'],
  prepareBindings: ['desktops', 'audit'],
  endBinding: ['desktops', 'audit'],
  rebind: ['desktops', 'audit'],
  loseBinding: ['sessions', 'desktops', 'audit'],
  moveBinding: ['desktops', 'audit'],
  keepRosterSheet: ['resources', 'audit'],
  recordHeadCounts: ['sessions'],
  addAudit: ['audit'],
  openAlert: ['alerts'],
  changeAlert: ['alerts'],
  resolveAlert: ['alerts'],
  acknowledgeAlert: ['alerts', 'audit'],
  silenceAlert: ['alerts', 'audit'],
};

/** The same store; whatever it has done is hinted at. */
export function withHints(store: Store, hints: Hints): Store {
  const methods = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, property) {
      const known = methods.get(property);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = hinting(value as Method, target, changedBy[property as keyof Store], hints);
      methods.set(property, method);
      return method;
    },
  });
}

type Method = (...args: unknown[]) => unknown;

function hinting(method: Method, store: Store, kinds: readonly HintKind[] | undefined, hints: Hints): Method {
  if (kinds === undefined) return method.bind(store);
  return async (...args) => {
    const result: unknown = await method.apply(store, args);
    hints.tell(...kinds);
    return result;
  };
}
