import type { Grant, SessionView } from '@anyseat/protocol';

/** What a person has been told and may rely on. */
interface Has {
  grant: Grant;
  /** They have asked to log off, and were not told yet that it is so: either is true. */
  leaving: boolean;
}

/** What everybody was told, by what their own agents heard; and whatever the hub does that contradicts it, in sentences. */
export class Ledger {
  readonly contradictions: string[] = [];
  readonly #has = new Map<string, Has>();
  /** Each desktop, and whose it was first: it is never another's. */
  readonly #firstOf = new Map<string, string>();
  /** Sessions of which somebody was told that they are over. */
  readonly #over = new Set<string>();
  logins = 0;
  logOffs = 0;

  /** How many desktops were shown to somebody. */
  get desktops(): number {
    return this.#firstOf.size;
  }

  granted(user: string, grant: Grant): void {
    this.logins++;
    const { sessionId, generation, desktop } = grant;
    const first = this.#firstOf.get(desktop.name) ?? user;
    this.#firstOf.set(desktop.name, first);
    if (first !== user) this.#says(`${desktop.name} was ${first}'s, and was given to ${user}`);
    if (this.#over.has(sessionId)) this.#says(`${user} was given session ${sessionId}, which was over`);
    const had = this.#has.get(user);
    if (had && !had.leaving) {
      const { grant: before } = had;
      if (before.sessionId !== sessionId || before.desktop.name !== desktop.name)
        this.#says(`${user} had ${before.desktop.name}, and was given ${desktop.name} without having left`);
      else if (before.generation >= generation)
        this.#says(`${user} was given generation ${generation} after ${before.generation}`);
    }
    this.#has.set(user, { grant, leaving: false });
  }

  leaves(user: string): void {
    this.#has.get(user)!.leaving = true;
  }

  left(user: string): void {
    this.logOffs++;
    this.#over.add(this.#has.get(user)!.grant.sessionId);
    this.#has.delete(user);
  }

  /** Holds what people were told against the live sessions that the hub has, before anybody has said another word. */
  compare(live: readonly SessionView[]): void {
    const byId = new Map(live.map((session) => [session.id, session]));
    for (const [user, { grant, leaving }] of this.#has) {
      const session = byId.get(grant.sessionId);
      if (!session) {
        if (!leaving) this.#says(`${user}'s session ${grant.sessionId} is lost`);
      } else if (session.desktop !== grant.desktop.name || session.user !== user) {
        this.#says(
          `${user} was given ${grant.desktop.name}, and ${session.user}'s session has ${session.desktop}`,
        );
      } else if (session.generation < grant.generation) {
        this.#says(`${user}'s grant ${grant.generation} is forgotten: ${session.generation}`);
      }
    }
    for (const { id } of live) if (this.#over.has(id)) this.#says(`session ${id} was over, and lives`);
    const had = live.flatMap(({ desktop }) => desktop ?? []);
    for (const name of new Set(had.filter((one, i) => had.indexOf(one) !== i)))
      this.#says(`${name} has two holders`);
  }

  #says(contradiction: string): void {
    this.contradictions.push(contradiction);
  }
}
