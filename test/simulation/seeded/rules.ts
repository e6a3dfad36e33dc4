import { MINUTE, SECOND } from '@anyseat/base';
import type { ApiRequest } from '../../../packages/minicloud/src/api/answer.ts';
import type { Server } from '../../../packages/minicloud/src/model/server.ts';
import type { SwapOrigin } from '../../../hub/src/domain/swap.ts';
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
  fault: string | null;
}

interface SessionRow {
  id: string;
  person: string;
  state: string;
  desktop: string | null;
  generation: number;
  request_id: string;
  tc: string;
  user: string;
  seat: string;
}

interface SwapRow {
  desktop: string;
  pool: string;
  origin: SwapOrigin;
  at: number;
}

/** Words with which a seat is told that its session is over: an operator's, and those of its allocator's limits. */
const BY_OPERATORS = new Set(['ended-by-operator', 'locked-by-operator']);
const LIMITS = new Set(['idle-locked', 'idle-too-long', 'session-too-long']);
const WARNED_MS = MINUTE;
/** Seats say four times a minute what was touched. */
const HEARD_OF_MS = 20 * SECOND;

/** The same of the same server so often within so long is no second try: of a call that may be repeated there are four. */
const STORM_LEAST = 8;
const STORM_MS = 10 * SECOND;

const ON_ITS_WAY = ['creating', 'unsure', 'building', 'booting', 'rebuilding'];

const BINDINGS = 'SELECT b.id, b.desktop, d.state FROM bindings b LEFT JOIN desktops d ON d.id = b.desktop';
const BINDING_ACTS = "SELECT 1 FROM audit WHERE subject IN (?, ?) AND act LIKE 'binding.%'";
const SWAPS = 'SELECT desktop, pool, origin, at FROM swaps';

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
  readonly #bindings = new Map<string, { desktop: string; audited: number }>();
  #bindingsOf = 0;
  /** The desktops that were swapped, and when. */
  readonly #swaps = new Map<string, number>();
  #swapsOf = 0;
  readonly #takenNames = new Map<string, string>();
  /** When a hub asked for which act on a server. */
  readonly #acts = new Map<string, number[]>();

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
    this.#swapsAreWanted(hub, desktops);
    this.#isWhereItSays(desktops, sessions);
  }

  /** 1: a desktop has at most one holder, a person as many sessions as they may, and both sides of the store agree. */
  #oneHolder(desktops: readonly DesktopRow[], sessions: readonly SessionRow[]): void {
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const desktop of desktops) {
      if (desktop.session === null) continue;
      const holder = byId.get(desktop.session);
      if (holder?.desktop !== desktop.id)
        this.#broken('1', `${desktop.server_name} is held by ${desktop.session}, which does not have it`);
    }
    const held = sessions.flatMap((s) => s.desktop ?? []);
    const twice = held.find((one, i) => held.indexOf(one) !== i);
    if (twice !== undefined) this.#broken('1', `two live sessions have the desktop ${twice}`);
    for (const [person, own] of Map.groupBy(sessions, (s) => s.person)) {
      const most = person.startsWith('staff:own') ? 1 : this.#world.site.rules.sessions;
      if (own.length > most) this.#broken('1', `${person} has ${own.length} live sessions`);
    }
  }

  /** 3: a binding comes, moves and goes with a row of the audit, each time; and it is of a desktop that can be used. */
  #bindingsAreAudited(hub: HubLife): void {
    const isNew = this.#bindingsOf !== hub.number;
    this.#bindingsOf = hub.number;
    const now = hub.rows<{ id: string; desktop: string; state: string | null }>(BINDINGS);
    const audited = (id: string, desktop: string) => hub.rows(BINDING_ACTS, id, desktop).length;
    for (const { id, desktop, state } of now) {
      if (state !== 'bound' && state !== 'parked')
        this.#broken('3', `the binding ${id} is of a desktop that is ${state ?? 'not there'}`);
      const before = this.#bindings.get(id);
      if (before?.desktop === desktop && !isNew) continue;
      const rows = audited(id, before?.desktop ?? '');
      if (rows === 0 || (before && !isNew && rows === before.audited))
        this.#broken('3', `the binding ${id} was made or changed, and the audit knows nothing of it`);
      this.#bindings.set(id, { desktop, audited: audited(id, desktop) });
    }
    if (now.length === this.#bindings.size) return;
    const here = new Set(now.map(({ id }) => id));
    for (const [id, before] of this.#bindings) {
      if (here.has(id)) continue;
      this.#bindings.delete(id);
      // A store of yesterday may not know of it at all.
      if (!isNew && audited(id, before.desktop) === before.audited)
        this.#broken('3', `the binding ${id} has ended, and the audit knows nothing of it`);
    }
  }

  /** 3 and 11: nobody's desktop is taken for broken, but on an operator's or its person's word, or lost on its seat. */
  #swapsAreWanted(hub: HubLife, desktops: readonly DesktopRow[]): void {
    const isNew = this.#swapsOf !== hub.number;
    this.#swapsOf = hub.number;
    for (const { desktop: id, pool, origin, at } of hub.rows<SwapRow>(SWAPS)) {
      if (this.#swaps.get(id) === at) continue;
      this.#swaps.set(id, at);
      const desktop = desktops.find((one) => one.id === id);
      if (isNew || !desktop) continue;
      const why = this.#whyUnwanted(origin, desktop);
      if (why !== undefined) this.#broken('11', `${desktop.server_name} is swapped by ${origin}, ${why}`);
      const { byRule, bound } = this.#world.site.pools[pool as 'standard' | 'owned'].swaps;
      const isBound = desktop.fault?.includes('swapped-bound') === true;
      if (origin === 'rule' && !byRule)
        this.#broken('3', `${desktop.server_name} is swapped, and its pool wants none`);
      if (origin !== 'operator' && isBound && bound === 'operators')
        this.#broken('3', `${desktop.server_name} is somebody’s own, and is swapped by ${origin}`);
    }
  }

  #whyUnwanted(origin: SwapRow['origin'], { id, server_id, server_name }: DesktopRow): string | undefined {
    const { operatorSwaps, complaints, screens } = this.#world;
    if (origin === 'operator') return operatorSwaps.has(id) ? undefined : 'and no operator wanted it';
    if (origin === 'person')
      return complaints.has(server_name ?? '') ? undefined : 'and nobody said that it is broken';
    const viewer = server_id === null ? undefined : screens.viewerOf(server_id);
    return viewer && `while ${viewer.person} works on it at ${viewer.seat}`;
  }

  /** 2: who is connected, as their seat says, has the desktop that the store says on the screen, and no other. */
  #isWhereItSays(desktops: readonly DesktopRow[], sessions: readonly SessionRow[]): void {
    // What a seat of yesterday says counts for a session of a backup that happens to have the same generation.
    if (this.#world.wasRestored) return;
    for (const { id, state, seat: name, user, desktop } of sessions) {
      if (state !== 'connected') continue;
      const seat = this.#world.seats.find((one) => one.name === name);
      const shown = seat?.showing;
      const own = desktops.find((one) => one.id === desktop);
      if (shown && shown.person === user && shown.server !== own?.server_id)
        this.#broken(
          '2',
          `${user} at ${name} is connected to ${own?.server_name} (${id}), and sees another desktop`,
        );
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
    this.#isNoStorm(life, there, `${method} ${request.body.slice(0, 20)}`);
    if (method === 'DELETE' || request.body.includes('forceDelete')) this.#removal(life, there);
    else if (request.body.includes('"rebuild"')) this.#rebuild(life, there);
    else if (request.body.includes('"os-stop"')) this.#stop(life, there);
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

  /** What was asked for lately is not asked for again and again. */
  #isNoStorm(life: Life, server: Server, act: string): void {
    if (act.includes('getConsoleOutput')) return;
    const key = `${life.number} ${server.id} ${act}`;
    const { now } = this.#world.time;
    const lately = (this.#acts.get(key) ?? []).filter((at) => now - at < STORM_MS);
    this.#acts.set(key, [...lately, now]);
    if (lately.length >= STORM_LEAST)
      this.#broken(
        'no storm',
        `${server.name} is asked for the same for the ${lately.length + 1}th time: ${act}`,
      );
  }

  /** 5, 6, 7 and 10: made anew is what nobody works on, on a committed intent, within the budget. */
  #rebuild(life: Life, server: Server): void {
    this.#world.trace.add('cloud', `${server.name} is made anew`);
    this.#nobodyIsThere(server, 'made anew');
    const rows = this.#rowsOf(life);
    const own = rows?.find((row) => row.server_id === server.id);
    if (!rows) return;
    // Given up meanwhile, while the order was on its way.
    if (own?.state !== 'rebuilding' && own?.state !== 'retiring')
      this.#broken('5', `${server.name} is made anew, and its row is ${own?.state ?? 'not there'}`);
    this.#withinBudget(rows, own?.pool);
  }

  /** 10: switched off is what nobody works on. */
  #stop(life: Life, server: Server): void {
    this.#world.trace.add('cloud', `${server.name} is switched off`);
    this.#nobodyIsThere(server, 'switched off');
    const own = this.#rowsOf(life)?.find((row) => row.server_id === server.id);
    // Its person may have come back while the order was on its way; then it is switched on again.
    if (own && own.state !== 'parked' && own.state !== 'bound')
      this.#broken('5', `${server.name} is switched off, and its row is ${own.state}`);
  }

  #nobodyIsThere({ id, name }: Server, what: string): void {
    const { screens, seats, operatorGaveUp, complaints } = this.#world;
    const viewer = screens.viewerOf(id);
    if (!viewer || !this.#world.sitsAt(viewer.person, viewer.seat)) return;
    const seat = seats.find((one) => one.name === viewer.seat);
    // The word that it is over is on its way.
    const isOver = operatorGaveUp.has(id) || complaints.has(name) || (seat && this.#wasWarned(seat));
    if (!isOver)
      this.#broken('10', `${name} is ${what} while ${viewer.person} works on it at ${viewer.seat}`);
  }

  /** What the hub that asks has committed; undefined for one that was killed since. */
  #rowsOf(life: Life): DesktopRow[] | undefined {
    const { hub } = this.#world;
    return hub?.canBeSeen && hub === life ? this.#desktops(hub) : undefined;
  }

  /** 4, 10 and 11: what is removed is nobody's, and a stray was seen twice and is one of few. */
  #removal(life: Life, server: Server): void {
    const { hub } = this.#world;
    const rows = hub ? this.#desktops(hub) : [];
    const own =
      rows.find((row) => row.server_id === server.id) ??
      rows.find((row) => row.server_id === null && row.id === server.metadata['anyseat.desktop']);
    this.#nobodyIsThere(server, 'removed');
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
    if (session.kind !== 'login' || why === undefined || BY_OPERATORS.has(why)) return;
    if (LIMITS.has(why)) return this.#limit(person, seat, why);
    // What it was told of that was lost.
    const { operatorGaveUp, lockedSeats } = this.#world;
    const wasGivenUp = operatorGaveUp.has(seat.lastShown ?? '') || lockedSeats.has(seat.name);
    if (why === 'session-over' && (wasGivenUp || this.#wasWarned(seat))) return;
    // The viewer died with its agent, and the store is older than the session: nobody can give it back.
    if (why === 'session-unknown' && seat.lostWithAgent && this.#world.wasRestored) return;
    const elsewhere = [...person.askedAt].some(
      ([other, at]) => other !== seat && this.#world.time.now - at < ASKED_LATELY_MS,
    );
    if (!elsewhere)
      this.#broken('10', `${person.user} worked at ${seat.name}, and the hub took it away: ${why}`);
  }

  /** 10: a limit ends what was warned of for the whole time, and idle is who touched nothing. */
  #limit({ user }: Person, seat: ThinClient, why: string): void {
    const { idle } = this.#world.site.rules;
    if (!this.#wasWarned(seat))
      this.#broken('10', `${user} at ${seat.name} was ended by a limit, and not warned of it: ${why}`);
    const idleMs = this.#world.time.now - seat.touchedBefore(HEARD_OF_MS);
    if (why.startsWith('idle') && idleMs < (idle?.afterMinutes ?? 0) * MINUTE)
      this.#broken('10', `${user} at ${seat.name} works, and was ended for being idle: ${why}`);
  }

  /** For so long that it may be carried out. */
  #wasWarned({ warned }: ThinClient): boolean {
    return warned !== undefined && this.#world.time.now - warned.since >= WARNED_MS - 5 * SECOND;
  }

  #desktops(hub: HubLife): DesktopRow[] {
    return hub.rows(
      "SELECT id, pool, state, server_id, server_name, session, used_by, ready_at, fault FROM desktops WHERE state <> 'gone'",
    );
  }

  #sessions(hub: HubLife): SessionRow[] {
    return hub.rows(
      "SELECT id, person, state, desktop, generation, request_id, tc, user, seat FROM sessions WHERE state <> 'ended'",
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
