import { MINUTE, SECOND } from '@anyseat/base';
import type { ApiRequest } from '../../../packages/minicloud/src/api/answer.ts';
import type { Server } from '../../../packages/minicloud/src/model/server.ts';
import type { HubLife } from './hubLife.ts';
import { isOrder, type Answer, type Life } from './network.ts';
import type { Person } from './person.ts';
import type { ThinClient } from './thinClient.ts';
import type { World } from './world.ts';

/** A row of the store, as committed. */
interface DesktopRow {
  id: string;
  pool: string;
  state: string;
  server_id: string | null;
  server_name: string | null;
  session: string | null;
  used_by: string | null;
  ready_at: number | null;
}

interface SessionRow {
  id: string;
  person: string;
  state: string;
  desktop: string | null;
  generation: number;
  request_id: string;
  tc: string;
}

const ON_ITS_WAY = ['creating', 'unsure', 'building', 'booting'];

/** A login that its person walked away from may be answered so much later. */
const ASKED_LATELY_MS = 3 * MINUTE;

/** Between two sightings of a stray, and a little less: the hub counts from the listing's end. */
const SIGHTINGS_APART_MS = 2 * MINUTE - 5 * SECOND;

/**
 * The rules that never break (DESIGN), each a function over what the store has committed, what the cloud has and what
 * people see. Those of a moment are looked at after every step, those of an act when it comes to the cloud or to a seat.
 * The screens watch over 1, 7, 12 and 13 as people see them, the directory over 8.
 */
export class Rules {
  readonly #world: World;
  /** By life and server: when a listing first told this hub of it, and the last time. */
  #sightings = new Map<string, { first: number; last: number }>();
  #sightingsOf = 0;
  /** Which session answered a request of a seat. */
  readonly #answers = new Map<string, string>();
  readonly #bindings = new Map<string, string>();
  readonly #takenNames = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** After every step in which something was committed. */
  atEveryStep(): void {
    const { hub } = this.#world;
    if (!hub?.alive || !hub.canBeSeen) return;
    const desktops = this.#desktops(hub);
    const sessions = this.#sessions(hub);
    this.#oneHolder(desktops, sessions);
    this.#bindingsAreAudited(hub);
    this.#freeIsUnused(desktops);
  }

  /** 1: a desktop has at most one holder, a person one session, and both sides of the store agree. */
  #oneHolder(desktops: readonly DesktopRow[], sessions: readonly SessionRow[]): void {
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const desktop of desktops) {
      if (desktop.session === null) continue;
      const holder = byId.get(desktop.session);
      if (holder?.desktop !== desktop.id)
        this.#broken('1', `${desktop.server_name} is held by ${desktop.session}, which does not have it`);
    }
    for (const [what, of] of [
      ['desktop', sessions.flatMap((s) => s.desktop ?? [])],
      ['person', sessions.map((s) => s.person)],
    ] as const) {
      const twice = of.find((one, i) => of.indexOf(one) !== i);
      if (twice !== undefined) this.#broken('1', `two live sessions have the ${what} ${twice}`);
    }
  }

  /** 3: a binding comes and goes with a row of the audit. */
  #bindingsAreAudited(hub: HubLife): void {
    const now = hub.rows<{ id: string; desktop: string }>('SELECT id, desktop FROM bindings');
    const audited = (id: string) =>
      hub.rows("SELECT 1 FROM audit WHERE subject = ? AND act LIKE 'binding.%'", id).length > 0;
    for (const { id, desktop } of now) {
      if (this.#bindings.get(id) === desktop) continue;
      if (!audited(id))
        this.#broken('3', `the binding ${id} was made or changed, and the audit knows nothing of it`);
      this.#bindings.set(id, desktop);
    }
  }

  /** 7: what is ready was nobody's. */
  #freeIsUnused(desktops: readonly DesktopRow[]): void {
    for (const { state, server_id, server_name } of desktops) {
      if (state !== 'ready' || server_id === null) continue;
      const user = this.#world.screens.usedBy(server_id);
      if (user !== undefined) this.#broken('7', `${server_name} is free, with the work of ${user} on it`);
    }
  }

  /** A request has come to the cloud. */
  arrives(life: Life, request: ApiRequest): void {
    if (isOrder(request)) this.#order(life, request);
    const { method, url } = request;
    const server = /^\/compute\/v2\.1\/servers\/([0-9a-f-]{36})(\/action)?$/.exec(url)?.[1];
    if (server === undefined || (method !== 'DELETE' && !url.endsWith('/action'))) return;
    const there = this.#world.cloud.server(server);
    if (!there) return;
    this.#isOurs(there);
    if (method === 'DELETE' || request.body.includes('forceDelete')) this.#removal(life, there);
  }

  /** And was served. */
  served(life: Life, { method, url, body }: ApiRequest, outcome: Answer | 'reset' | 'hang'): void {
    if (typeof outcome === 'object' && method === 'GET' && url.includes('/servers/detail'))
      this.#sees(outcome);
    if (method !== 'POST' || !url.endsWith('/servers')) return;
    const { name } = orderOf(body);
    const taken = [...this.#world.cloud.servers()].some((server) => server.name === name);
    if (taken) this.#takenNames.set(name, `life ${life.number}`);
  }

  /** 5: intent before the act, never twice. 6: the budget. */
  #order(life: Life, request: ApiRequest): void {
    const { name, desktop } = orderOf(request.body);
    const by = this.#takenNames.get(name);
    if (by !== undefined && !this.#world.wasRestored)
      this.#broken('5', `${name} is ordered again; it was taken already (${by})`);
    const others = [...this.#world.cloud.servers()].filter(
      (s) => s.metadata['anyseat.desktop'] === desktop && s.taskState !== 'deleting' && s.name !== name,
    );
    if (others.length > 0 && !this.#world.wasDuplicated)
      this.#broken('5', `${name} is ordered while the desktop has ${others.map((s) => s.name).join(', ')}`);
    const { hub } = this.#world;
    // Sent before the hub was killed.
    if (!hub?.canBeSeen || hub !== life) return;
    const rows = this.#desktops(hub);
    // Not by the name: after a restore another desktop may be called so.
    const own = rows.find((row) => row.id === desktop);
    // Given up meanwhile, while the order was on its way.
    if (own?.state !== 'creating' && own?.state !== 'retiring' && own?.state !== 'unsure')
      this.#broken('5', `${name} is ordered, and its row is ${own?.state ?? 'not there'}`);
    this.#withinBudget(rows, own?.pool);
  }

  /** In all, and of the pool that orders: another one’s ready desktops may have become unproved since. */
  #withinBudget(rows: readonly DesktopRow[], ordering: string | undefined): void {
    const onTheirWay = rows.filter((row) => ON_ITS_WAY.includes(row.state));
    const { mostBoots, pools } = this.#world.site;
    if (onTheirWay.length > mostBoots)
      this.#broken('6', `${onTheirWay.length} desktops are on their way at once; ${mostBoots} may be`);
    for (const [pool, { boots }] of Object.entries(pools)) {
      if (pool !== ordering) continue;
      const own = onTheirWay.filter((row) => row.pool === pool).length;
      if (own > boots)
        this.#broken('6', `${own} desktops of ${pool} are on their way at once; ${boots} may be`);
    }
  }

  /** 4: only what carries our tag. */
  #isOurs(server: Server): void {
    if (!this.#world.isOurs(server)) this.#broken('4', `${server.name} is not ours, and is touched`);
  }

  /** 4, 10 and 11: what is removed is nobody's, and a stray was seen twice and is one of few. */
  #removal(life: Life, server: Server): void {
    const { hub } = this.#world;
    const rows = hub ? this.#desktops(hub) : [];
    const own =
      rows.find((row) => row.server_id === server.id) ??
      rows.find((row) => row.server_id === null && row.id === server.metadata['anyseat.desktop']);
    const viewer = this.#world.screens.viewerOf(server.id);
    const isAtWork = viewer && this.#world.sitsAt(viewer.person, viewer.seat);
    if (isAtWork && !this.#world.operatorGaveUp.has(server.id))
      this.#broken('10', `${server.name} is removed while ${viewer.person} works on it at ${viewer.seat}`);
    if (!hub?.canBeSeen || hub !== life) return;
    if (own) {
      if (own.state !== 'retiring' && own.state !== 'gone')
        this.#broken('5', `${server.name} is removed, and its row is ${own.state}`);
      return;
    }
    const seen = this.#sightings.get(server.id);
    if (!seen || seen.last - seen.first < SIGHTINGS_APART_MS)
      this.#broken('4', `${server.name} is a stray, and removed before it was seen twice`);
    const known = new Set(rows.map((row) => row.server_id));
    const ours = [...this.#world.cloud.servers()].filter((s) => this.#world.isOurs(s));
    const strays = ours.filter((s) => !known.has(s.id) && s.taskState !== 'deleting');
    if (strays.length > Math.max(2, ours.length * 0.02) + 1)
      this.#broken('4', `${server.name} is removed as a stray, one of ${strays.length} among ${ours.length}`);
  }

  #sees(answer: Answer): void {
    const { hub, time } = this.#world;
    if (hub && hub.number !== this.#sightingsOf) {
      this.#sightings = new Map();
      this.#sightingsOf = hub.number;
    }
    for (const [id] of answer.body.matchAll(/(?<="id": ?")[0-9a-f]{8}-[0-9a-f-]{27}/g)) {
      const seen = this.#sightings.get(id);
      if (seen) seen.last = time.now;
      else this.#sightings.set(id, { first: time.now, last: time.now });
    }
  }

  /** 2: what a seat is told is committed by then, and the same question has the same answer. */
  says(life: Life, text: string): void {
    const { hub } = this.#world;
    if (!text.startsWith('{"type":"grant"') || hub !== life || !hub.canBeSeen) return;
    const grant = JSON.parse(text) as {
      requestId: string;
      sessionId: string;
      generation: number;
      desktop: { name: string };
    };
    const session = this.#sessions(hub).find(({ id }) => id === grant.sessionId);
    const desktop = this.#desktops(hub).find(({ id }) => id === session?.desktop);
    if (session?.generation !== grant.generation || desktop?.server_name !== grant.desktop.name)
      this.#broken(
        '2',
        `${grant.sessionId}/${grant.generation} on ${grant.desktop.name} is granted; the store has generation ${session?.generation} on ${desktop?.server_name}`,
      );
    const before = this.#answers.get(grant.requestId);
    if (before !== undefined && before !== grant.sessionId && !this.#world.wasRestored)
      this.#broken(
        '2',
        `the request ${grant.requestId} was answered with ${before}, and now with ${grant.sessionId}`,
      );
    this.#answers.set(grant.requestId, grant.sessionId);
  }

  /**
   * 10 and 11: whoever works keeps working. A hub may take the picture away only where the person asked for it elsewhere a
   * moment ago, or an operator gave the desktop up; everything else is the desktop's own end, or the box's.
   */
  loses(person: Person, seat: ThinClient): void {
    const { session } = seat.seat;
    const why = 'notice' in session ? session.notice?.code : undefined;
    if (session.kind !== 'login' || why === undefined || why === 'ended-by-operator') return;
    // The viewer died with its agent, and the store is older than the session: nobody can give it back.
    if (why === 'session-unknown' && seat.lostWithAgent && this.#world.wasRestored) return;
    const elsewhere = [...person.askedAt].some(
      ([other, at]) => other !== seat && this.#world.time.now - at < ASKED_LATELY_MS,
    );
    if (!elsewhere)
      this.#broken('10', `${person.user} worked at ${seat.name}, and the hub took it away: ${why}`);
  }

  #desktops(hub: HubLife): DesktopRow[] {
    return hub.rows(
      "SELECT id, pool, state, server_id, server_name, session, used_by, ready_at FROM desktops WHERE state <> 'gone'",
    );
  }

  #sessions(hub: HubLife): SessionRow[] {
    return hub.rows(
      "SELECT id, person, state, desktop, generation, request_id, tc FROM sessions WHERE state <> 'ended'",
    );
  }

  #broken(rule: string, text: string): void {
    this.#world.violate(rule, text);
  }
}

function orderOf(body: string): { name: string; desktop: string } {
  const { server } = JSON.parse(body) as { server: { name: string; metadata?: Record<string, string> } };
  return { name: server.name, desktop: server.metadata?.['anyseat.desktop'] ?? '' };
}
