import { MINUTE, type Clock, type Log } from '@anyseat/base';
import type { Binding } from '../domain/binding.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Store } from '../store/store.ts';
import type { Problems } from './problems.ts';
import { Rounds } from './rounds.ts';

export interface LostBindingsDeps {
  store: Pick<Store, 'bindings' | 'desktops' | 'sessions'>;
  catalogue: () => Catalogue;
  problems: Problems;
  /** Whether the newest whole listing of a cloud has a server; undefined while there is none. */
  isListed: (cloud: string, serverId: string) => boolean | undefined;
  /** Whether a bound desktop's server is gone for good, by all that the cloud says: asks it. */
  isGone: (desktop: Desktop) => Promise<boolean>;
  clock: Clock;
  log: Log;
}

const EVERY_MS = MINUTE;

/**
 * Tells operators of bound desktops that are gone, before their people come and are turned away. Changes nothing: what
 * becomes of such a binding is said by its allocator (`whenGone: new`) or by an operator.
 */
export class LostBindings implements AsyncDisposable {
  readonly #deps: LostBindingsDeps;
  readonly #rounds: Rounds;

  constructor(deps: LostBindingsDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      failed: 'the look at bound desktops failed',
      round: () => this.look(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  async look(): Promise<void> {
    const { store, problems, isListed, isGone, log } = this.#deps;
    const told = (await store.bindings()).filter((binding) => !this.#heals(binding));
    const byId = new Map((await store.desktops()).map((desktop) => [desktop.id, desktop]));
    const clouds = new Map<string, Set<string>>([...byId.values()].map(({ cloud }) => [cloud, new Set()]));
    let users: ReadonlyMap<string, string> | undefined;
    for (const binding of told) {
      const desktop = byId.get(binding.desktop);
      if (desktop?.serverId === undefined || isListed(desktop.cloud, desktop.serverId) !== false) continue;
      if (this.#rounds.signal.aborted || !(await isGone(desktop))) continue;
      const what = desktop.serverName ?? String(desktop.number);
      if (problems.ageMs('binding-gone', desktop.id) === undefined)
        log.warn({ desktop: what, binding: binding.id }, 'a bound desktop is gone');
      const user = binding.kind === 'user' ? (users ??= await this.#users()).get(binding.key) : undefined;
      const text = `bound to ${binding.kind} ${user ?? binding.key}, who cannot log in with it`;
      problems.note('binding-gone', desktop.id, { cloud: desktop.cloud, what, text });
      clouds.get(desktop.cloud)!.add(desktop.id);
    }
    for (const [cloud, gone] of clouds) problems.onlyThese('binding-gone', cloud, gone);
  }

  #heals({ allocator }: Binding): boolean {
    if (allocator === undefined) return false;
    return this.#deps.catalogue().allocators.get(allocator)?.spec.whenGone === 'new';
  }

  /** The names that people typed last, by person, of those who had a session lately. */
  async #users(): Promise<ReadonlyMap<string, string>> {
    const newestFirst = await this.#deps.store.sessions({ limit: 10_000 });
    return new Map(newestFirst.toReversed().map(({ person, user }) => [person, user]));
  }
}
