import { isFault, messageOf, SECOND, type Log } from '@anyseat/base';
import { theHub } from '../domain/audit.ts';
import { authenticate, type AuthenticateDeps, type NotLetIn } from '../login/authenticate.ts';
import type { Store } from '../store/store.ts';
import type { ConsoleSessions } from './consoleSessions.ts';
import { rightsOf, type Operator, type RoleOfGroup } from './permissions.ts';

export interface ConsolePeopleDeps extends AuthenticateDeps {
  /** What members of groups may do, as hub.yaml says it. */
  roles: readonly RoleOfGroup[];
  sessions: ConsoleSessions;
  store: Pick<Store, 'addAudit'>;
  log: Log;
}

/**
 * A place of its own for the brake: tries of a name are counted with those at seats. Names that came in before have a place
 * each, so that nobody shuts the door to them by typing others'.
 */
const DOOR = 'console';
const LOOK_MS = 10 * SECOND;

/**
 * Operators who come in by their own password, with what their groups may do. Looked at again at intervals: who was
 * disabled, or left their groups, is out; a directory that does not answer changes nothing.
 */
export class ConsolePeople {
  readonly #deps: ConsolePeopleDeps;
  readonly #cameIn = new Set<string>();
  #hasSaidNever = false;

  constructor(deps: ConsolePeopleDeps) {
    this.#deps = deps;
  }

  /** Whether anybody can come in so. */
  get isOpen(): boolean {
    return this.#deps.roles.length > 0;
  }

  /** @returns the secret of a session; or why there is none: `no-console-role`, or as at a seat */
  async enter(
    user: string,
    password: string,
    signal: AbortSignal,
  ): Promise<{ secret: string; operator: Operator } | NotLetIn> {
    const { roles, sessions, store, log } = this.#deps;
    const name = user.toLowerCase();
    const tc = this.#cameIn.has(name) ? `${DOOR} ${name}` : DOOR;
    const answer = await authenticate({ user, password, tc, signal }, this.#deps);
    if ('code' in answer) return answer;
    const { person } = answer;
    const rights = rightsOf(person.groups, roles);
    if (rights.length === 0) {
      log.warn({ user: person.user }, 'somebody without a role tried to come in at the console');
      return { code: 'no-console-role' };
    }
    await store.addAudit({ kind: 'operator', name: person.user }, 'console.entered', person.id, { rights });
    this.#cameIn.add(name);
    return sessions.open(person.user, rights, person.id);
  }

  /** Tells the log which roles lead nowhere: a slip there lets nobody in, or lets nobody act. Never throws. */
  async sayMistakes(sites: ReadonlyMap<string, unknown>): Promise<void> {
    const { roles, directories, log } = this.#deps;
    const groups = roles.map((one) => one.group);
    const told = 'a role of operator.console.roles leads nowhere';
    for (const { group, sites: wanted = [] } of roles)
      for (const site of wanted) if (!sites.has(site)) log.warn({ group, site }, `${told}: no such site`);
    for (const group of await directories.unknownGroups(groups, AbortSignal.timeout(LOOK_MS)))
      log.warn({ group }, `${told}: no such group`);
  }

  /** One look at everybody who is in, all at once: a directory that hangs holds up no other. */
  async look(): Promise<void> {
    await Promise.all(this.#deps.sessions.people().map((person) => this.#lookAt(person)));
  }

  async #lookAt(person: string): Promise<void> {
    const { directories, sessions, store, roles, log } = this.#deps;
    let standing;
    try {
      standing = await directories.look(person, AbortSignal.timeout(LOOK_MS));
    } catch (error) {
      const never = isFault(error, 'directory-cannot-search');
      const told = never && !this.#hasSaidNever ? 'warn' : 'debug';
      this.#hasSaidNever ||= never;
      log[told]({ person, why: messageOf(error) }, 'what has become of an operator is not known');
      return;
    }
    const rights = standing && !standing.barred ? rightsOf(standing.person.groups, roles) : [];
    if (!sessions.judge(person, rights)) return;
    log.warn({ person, rights }, 'an operator may do something else from now on');
    await store
      .addAudit(theHub, 'console.rights-changed', person, { rights })
      .catch((error: unknown) => log.error({ person, err: error }, 'the audit does not have it'));
  }
}
