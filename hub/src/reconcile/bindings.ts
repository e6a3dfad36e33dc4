import { isFault, type Clock, type Log } from '@anyseat/base';
import { theHub, type Actor } from '../domain/audit.ts';
import type { Binding } from '../domain/binding.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { dueBindings } from '../domain/lostBinding.ts';
import type { Store } from '../store/store.ts';

export interface BindingExpiryDeps {
  store: Store;
  catalogue: () => Catalogue;
  clock: Clock;
  log: Log;
  lookAtPool: (pool: string) => void;
}

/** Ends the bindings that nobody used for as long as their allocator says; too many at once only when an operator says so. */
export class BindingExpiry {
  readonly #deps: BindingExpiryDeps;

  constructor(deps: BindingExpiryDeps) {
    this.#deps = deps;
  }

  /** By the written policy, unasked. */
  async look(): Promise<void> {
    const { due, tooMany } = await this.due();
    if (due.length === 0) return;
    if (!tooMany) return void (await this.#end(due, theHub));
    const text =
      'so many bindings are due at once that none was ended; look at them: anyseat binding expire --dry-run';
    this.#deps.log.warn({ due: due.length }, text);
  }

  /** All that are due, on an operator's word. */
  async endAll(by: Actor): Promise<Binding[]> {
    return this.#end((await this.due()).due, by);
  }

  async due(): Promise<{ due: Binding[]; tooMany: boolean }> {
    const { store, catalogue, clock } = this.#deps;
    const bindings = await store.bindings();
    if (bindings.length === 0) return { due: [], tooMany: false };
    const { allocators } = catalogue();
    const held = new Set((await store.sessions({ live: true })).map((session) => session.desktop));
    // When they were last used a restored store does not know.
    const unconfirmed = await store.unconfirmedDesktops();
    return dueBindings({
      bindings,
      daysOf: (allocator) => allocators.get(allocator)?.spec.bindingDays,
      isInUse: ({ desktop }) => held.has(desktop) || unconfirmed.has(desktop),
      now: clock.now(),
    });
  }

  async #end(due: readonly Binding[], by: Actor): Promise<Binding[]> {
    const { store, log, lookAtPool } = this.#deps;
    const ended: Binding[] = [];
    for (const { desktop, usedAt, allocator } of due) {
      try {
        const binding = await store.endBinding(
          desktop,
          by,
          `not used for as long as allocators/${allocator} says`,
          usedAt,
        );
        ended.push(binding);
        lookAtPool(binding.pool);
        log.info({ binding: binding.id, desktop }, 'a binding expired');
      } catch (error) {
        // Somebody came back to it meanwhile, or an operator was quicker.
        if (
          !isFault(error, 'binding-used') &&
          !isFault(error, 'desktop-in-use') &&
          !isFault(error, 'binding-unknown')
        )
          throw error;
      }
    }
    return ended;
  }
}
