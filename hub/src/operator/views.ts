import { DAY } from '@anyseat/base';
import type {
  AlertView,
  AllocatorSpec,
  AllocatorView,
  BindingView,
  DesktopView,
  HostView,
  InputView,
  PoolSpec,
  PoolView,
  ProblemView,
  SeatView,
  SessionView,
  SiteView,
  SwapView,
  TcView,
  ViewKind,
  ViewOf,
} from '@anyseat/protocol';
import { saidOf } from '../alerts/channel.ts';
import { isSilenced, type Alert } from '../domain/alert/alert.ts';
import type { Catalogue, Resource } from '../domain/catalogue.ts';
import type { HostRoom } from '../domain/hostRoom.ts';
import { isFree, isHeld, isOnItsWay, type Desktop, type DesktopId } from '../domain/desktop.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import { tcTroubles, type TcHealth } from '../domain/tcHealth.ts';
import { problemRules } from '../domain/problem.ts';
import type { HostBoots } from '../reconcile/bootBudget.ts';
import { drainFate, countFates, type Drain } from '../domain/drain.ts';
import type { Drains } from '../reconcile/drains.ts';
import type { CloudRooms } from '../reconcile/cloudRooms.ts';
import type { Hosts } from '../reconcile/hosts.ts';
import type { Problems } from '../reconcile/problems.ts';
import type { PoolReport } from '../reconcile/pools.ts';
import type { Store } from '../store/store.ts';
import type { KnownLimit } from '../reconcile/sessionLimits.ts';
import { desktopWords } from './desktopWords.ts';
import { hostWords } from './hostWords.ts';
import { poolWords } from './poolWords.ts';
import { sessionWords } from './sessionWords.ts';
import { rosterViews, type RosterDeps } from './rosters.ts';

export interface ViewDeps extends RosterDeps {
  store: Store;
  catalogue: () => Catalogue;
  online: () => ReadonlySet<TcId>;
  poolReport: (pool: string) => PoolReport;
  waitingFor: (pool: string) => number;
  problems: Problems;
  hosts: Hosts;
  rooms: Pick<CloudRooms, 'of'>;
  drains: Pick<Drains, 'all' | 'report'>;
  bootsOnHosts: () => HostBoots[];
  now: () => number;
  /** What the person of a session does, as their seat said last. */
  inputOf: (session: Session) => InputView | undefined;
  /** When it reaches limits of its allocator, the nearest first. */
  limitsOf: (session: Session) => readonly KnownLimit[];
  /** How a thin client is, as it said last. */
  healthOf: (tc: TcId) => TcHealth | undefined;
}

/** Everything of a kind, as operators see it. */
export async function view<K extends ViewKind>(kind: K, deps: ViewDeps): Promise<ViewOf[K][]> {
  const makers: { [V in ViewKind]: () => Promise<ViewOf[V][]> } = {
    sites: () => sites(deps),
    seats: () => seats(deps),
    tcs: () => tcs(deps),
    pools: () => pools(deps),
    allocators: () => Promise.resolve([...deps.catalogue().allocators.values()].map(allocatorView)),
    rosters: () => rosterViews(deps),
    desktops: () => desktops(deps),
    sessions: () => sessions(deps),
    bindings: () => bindings(deps),
    hosts: () => hosts(deps),
    problems: () => Promise.resolve(problems(deps)),
    swaps: () => swaps(deps),
    alerts: () => alerts(deps),
  };
  return makers[kind]();
}

async function sites({ store, catalogue, online }: ViewDeps): Promise<SiteView[]> {
  const [live, tcs] = [await store.sessions({ live: true }), await store.tcs()];
  const here = online();
  const siteOf = (seat: string | undefined) =>
    seat === undefined ? undefined : catalogue().seats.get(seat)?.spec.site;
  return [...catalogue().sites.values()].map(({ name, spec }) => ({
    name,
    title: spec.title,
    timeZone: spec.timeZone,
    seats: [...catalogue().seats.values()].filter((seat) => seat.spec.site === name).length,
    online: tcs.filter((tc) => here.has(tc.id) && siteOf(tc.seat) === name).length,
    sessions: live.filter((session) => session.site === name).length,
  }));
}

async function seats({ store, catalogue, online, inputOf }: ViewDeps): Promise<SeatView[]> {
  const here = online();
  const tcAt = new Map(
    (await store.tcs()).filter((tc) => tc.state === 'enrolled').map((tc) => [tc.seat, tc]),
  );
  const sessionAt = new Map((await store.sessions({ live: true })).map((session) => [session.seat, session]));
  return [...catalogue().seats.values()].map(({ name, spec }) => {
    const tc = tcAt.get(name);
    const session = sessionAt.get(name);
    const input = session && inputOf(session);
    return {
      name,
      site: spec.site,
      label: spec.label,
      tags: spec.tags,
      online: tc !== undefined && here.has(tc.id),
      ...(tc ? { tc: tc.fingerprint } : {}),
      ...(session ? { user: session.user, session: session.id } : {}),
      ...(input ? { input } : {}),
    };
  });
}

async function tcs({ store, online, healthOf, now }: ViewDeps): Promise<TcView[]> {
  const here = online();
  const inventories = await store.inventories();
  return (await store.tcs()).map((tc) => {
    const health = healthOf(tc.id);
    const known = inventories.get(tc.id);
    const troubles = tcTroubles(health, known?.missing ?? [], now());
    return {
      ...tcView(tc, here),
      // Of a box that is silent nobody knows that it is well.
      ...(health || troubles.length > 0 ? { troubles } : {}),
      ...(health ? { health } : {}),
      ...(known ? { inventory: known.inventory } : {}),
    };
  });
}

export const tcView = (tc: Tc, online: ReadonlySet<TcId>): TcView => ({
  id: tc.id,
  fingerprint: tc.fingerprint,
  state: tc.state,
  online: online.has(tc.id),
  hostName: tc.hostName,
  agentVersion: tc.agentVersion,
  address: tc.address,
  lastSeenAt: tc.lastSeenAt,
  ...(tc.seat === undefined ? {} : { seat: tc.seat }),
  ...(tc.model === undefined ? {} : { model: tc.model }),
  ...(Object.keys(tc.tags).length === 0 ? {} : { tags: tc.tags }),
});

async function pools(deps: ViewDeps): Promise<PoolView[]> {
  const all = await deps.store.desktops();
  return [...deps.catalogue().pools.values()].map((pool) => poolView(pool, all, deps));
}

function poolView(pool: Resource<PoolSpec>, all: readonly Desktop[], deps: ViewDeps): PoolView {
  const own = all.filter((d) => d.pool === pool.name);
  const states: Record<string, number> = {};
  for (const desktop of own) states[desktop.state] = (states[desktop.state] ?? 0) + 1;
  const report = deps.poolReport(pool.name);
  const boots = [...report.bootMs].sort((a, b) => a - b);
  const median = boots[Math.floor(boots.length / 2)];
  const onTheirWaySince = own.filter(isOnItsWay).map((d) => d.askedAt ?? d.stateSince);
  const counted = {
    ready: own.filter(isFree).length,
    onTheirWay: own.filter(isOnItsWay).length,
    inUse: own.filter(isHeld).length,
    broken: (states['broken'] ?? 0) + (states['quarantined'] ?? 0),
    waiting: deps.waitingFor(pool.name),
  };
  return {
    name: pool.name,
    title: pool.spec.title,
    cloud: pool.spec.cloud,
    revision: pool.revision,
    floor: report.size.floor,
    ceiling: pool.spec.ceiling,
    ...counted,
    states,
    ...(median === undefined ? {} : { bootMs: median }),
    ...(pool.spec.closed === undefined ? {} : { closed: pool.spec.closed }),
    words: poolWords({
      ...counted,
      spec: pool.spec,
      report,
      all: own.length,
      used: own.filter((d) => d.session !== undefined).length,
      own: own.filter((d) => d.state === 'bound' || d.state === 'parked').length,
      vanished: deps.problems
        .list()
        .find(({ kind, what }) => kind === 'vanished' && what === `pool ${pool.name}`)?.text,
      onTheirWaySince,
      heldBack: own.filter((d) => d.state === 'ready' && !isFree(d)).map((d) => d.heldBack!),
      now: deps.now(),
    }),
  };
}

const allocatorView = ({ name, spec }: Resource<AllocatorSpec>): AllocatorView => ({
  name,
  title: spec.title,
  priority: spec.priority,
  default: spec.default,
  pools: spec.pools,
  ...(spec.sitePools ? { sitePools: spec.sitePools } : {}),
  binding: spec.binding,
  ...(spec.match ? { match: spec.match } : {}),
});

async function desktops({ store, catalogue, hosts, drains, online, now }: ViewDeps): Promise<DesktopView[]> {
  const bySession = new Map((await store.sessions({ live: true })).map((s) => [s.id, s]));
  const drained = new Map(drains.all.map((drain) => [`${drain.cloud}/${drain.host}`, drain]));
  const here = online();
  const doubts = new Map<string, ReturnType<Hosts['doubtsKnown']>>();
  const doubtOf = ({ cloud, host }: Desktop) => {
    if (!doubts.has(cloud)) doubts.set(cloud, hosts.doubtsKnown(cloud));
    return host === undefined ? undefined : doubts.get(cloud)!.get(host)?.kind;
  };
  return (await store.desktops()).map((desktop) => {
    const session = desktop.session && bySession.get(desktop.session);
    const drain = drained.get(`${desktop.cloud}/${desktop.host}`);
    const next = desktopWords({
      desktop,
      session,
      spec: catalogue().pools.get(desktop.pool)?.spec,
      doubt: doubtOf(desktop),
      fate: drain && drainFate(desktop, session, drain, here),
      now: now(),
    });
    return { ...desktopView(desktop, session), next };
  });
}

export const desktopView = (d: Desktop, session: Session | undefined): DesktopView => ({
  id: d.id,
  number: d.number,
  pool: d.pool,
  state: d.state,
  since: d.stateSince,
  ...(d.serverName === undefined ? {} : { server: d.serverName }),
  ...(d.serverId === undefined ? {} : { serverId: d.serverId }),
  ...(d.host === undefined ? {} : { host: d.host }),
  ...(d.endpoint === undefined
    ? {}
    : { endpoint: `${d.endpoint.host}:${d.endpoint.tlsPort ?? d.endpoint.port}` }),
  ...(session ? { user: session.user, session: session.id } : {}),
  ...(d.heldBack !== undefined
    ? { fault: `not handed out: ${d.heldBack}` }
    : d.fault === undefined
      ? {}
      : { fault: d.fault.text }),
  ...unconfirmed(d),
});

/** As it stood in a backup. Of one that is nobody's its fault says it. */
const unconfirmed = (d: Desktop | undefined): { unconfirmedSince?: number } =>
  d?.unconfirmedSince === undefined || !isHeld(d) ? {} : { unconfirmedSince: d.unconfirmedSince };

async function sessions({ store, online, inputOf, limitsOf, now }: ViewDeps): Promise<SessionView[]> {
  const here = online();
  const byId = new Map((await store.desktops()).map((d) => [d.id, d]));
  const live = await store.sessions({ live: true });
  const past = (await store.sessions({ limit: 100 })).filter((s) => s.state === 'ended');
  return [...live, ...past].map((s) => {
    const input = inputOf(s);
    const desktop = s.desktop === undefined ? undefined : byId.get(s.desktop);
    const next = sessionWords({
      session: s,
      online: here.has(s.tc),
      unconfirmed: s.end === undefined && unconfirmed(desktop).unconfirmedSince !== undefined,
      limits: s.end === undefined ? limitsOf(s) : [],
      now: now(),
    });
    return {
      ...sessionView(s, desktop, here.has(s.tc)),
      ...(next === '' ? {} : { next }),
      ...(input ? { input } : {}),
    };
  });
}

export const sessionView = (s: Session, desktop: Desktop | undefined, online: boolean): SessionView => ({
  id: s.id,
  state: s.state,
  since: s.stateSince,
  user: s.user,
  displayName: s.displayName,
  seat: s.seat,
  site: s.site,
  allocator: s.allocator,
  generation: s.generation,
  startedAt: s.startedAt,
  online,
  stages: { ...s.stages },
  ...(desktop ? { desktop: nameOf(desktop) } : {}),
  ...(s.viewer === undefined ? {} : { viewer: s.viewerEnd ?? s.viewer }),
  ...(s.end === undefined ? unconfirmed(desktop) : { end: s.end }),
});

/** What people call a desktop. */
export const nameOf = (d: Pick<Desktop, 'serverName' | 'number'>): string => d.serverName ?? String(d.number);

async function bindings({ store }: ViewDeps): Promise<BindingView[]> {
  const byId = new Map((await store.desktops()).map((d) => [d.id, d]));
  return (await store.bindings()).map((b) => ({
    kind: b.kind,
    key: b.key,
    pool: b.pool,
    desktop: byId.get(b.desktop)?.serverName ?? b.desktop,
    createdAt: b.createdAt,
    by: b.by,
  }));
}

/** Of every cloud: those that it tells of, those that something of ours boots on, by whatever name they have there, and those drained. */
async function hosts(deps: ViewDeps): Promise<HostView[]> {
  const { store, hosts, rooms, bootsOnHosts, catalogue, drains } = deps;
  const all = await store.desktops();
  const live = drains.all.length === 0 ? [] : await store.sessions({ live: true });
  const boots = new Map(bootsOnHosts().map((one) => [one.host, one]));
  const clouds = new Set([
    ...all.map((d) => d.cloud),
    ...[...catalogue().pools.values()].map((p) => p.spec.cloud),
  ]);
  return [...clouds].flatMap((cloud) => {
    const told = new Map((hosts.latest(cloud) ?? []).map((host) => [host.name, host]));
    const promised = new Map(rooms.of(cloud).hosts?.map((one) => [one.host, one]));
    const drained = new Map(drains.all.filter((one) => one.cloud === cloud).map((one) => [one.host, one]));
    const here = [...boots.keys()]
      .filter((key) => key.startsWith(`${cloud}/`))
      .map((key) => key.slice(cloud.length + 1));
    return [...new Set([...told.keys(), ...here, ...drained.keys()])].sort().map((name): HostView => {
      const own = all.filter((d) => d.cloud === cloud && d.host === name);
      const host = told.get(name);
      const boot = boots.get(`${cloud}/${name}`);
      const up = host ? host.up : boot?.up;
      const drain = drained.get(name);
      const seen = {
        name,
        cloud,
        state: host?.enabled === false ? 'disabled' : up === undefined ? 'unknown' : up ? 'up' : 'down',
        ...(host?.reason === undefined ? {} : { reason: host.reason }),
        desktops: own.length,
        inUse: own.filter(isHeld).length,
        booting: boot?.booting ?? 0,
        allowed: boot?.allowed ?? 0,
        ...roomView(promised.get(name)),
        ...(drain ? { drain: drainView(drain, own, live, deps) } : {}),
      };
      return { ...seen, words: hostWords(seen, { ...(drain ? drains.report(drain) : {}), now: deps.now() }) };
    });
  });
}

const roomView = (room: HostRoom | undefined): Pick<HostView, 'memoryMb' | 'cpus'> => ({
  ...(room?.memoryMb ? { memoryMb: { ...room.memoryMb } } : {}),
  ...(room?.cpus ? { cpus: { ...room.cpus } } : {}),
});

function drainView(
  drain: Drain,
  own: readonly Desktop[],
  live: readonly Session[],
  { online }: ViewDeps,
): NonNullable<HostView['drain']> {
  const bySession = new Map(live.map((session) => [session.id, session]));
  const here = online();
  const { at, by, reason, people, bound } = drain;
  const fates = own.map((d) => drainFate(d, d.session && bySession.get(d.session), drain, here));
  return { at, by, reason, people, bound, left: countFates(fates) };
}

const problems = ({ problems }: ViewDeps): ProblemView[] =>
  problems.list().map((problem) => ({ ...problem, next: problemRules[problem.kind].next }));

const ALERTS_OF = 7 * DAY;

const alerts = async ({ store, now }: ViewDeps): Promise<AlertView[]> =>
  (await store.alerts({ resolvedSince: now() - ALERTS_OF })).map((one) => alertView(one, now()));

export function alertView(alert: Alert, now: number): AlertView {
  const { id, code, severity, about, fields, openedAt, acknowledged, silence, resolvedAt } = alert;
  const isQuiet = isSilenced(alert, now);
  return {
    id,
    code,
    severity,
    state:
      resolvedAt !== undefined ? 'resolved' : isQuiet ? 'silenced' : acknowledged ? 'acknowledged' : 'open',
    about,
    ...saidOf(code, fields, now).en,
    fields: { ...fields },
    openedAt,
    ...(acknowledged ? { acknowledgedAt: acknowledged.at, acknowledgedBy: acknowledged.by } : {}),
    ...(isQuiet
      ? { silencedUntil: silence!.until, silencedBy: silence!.by, silenceReason: silence!.reason }
      : {}),
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
  };
}

const LAST_SWAPS = 200;

async function swaps({ store }: ViewDeps): Promise<SwapView[]> {
  const all = new Map((await store.desktops()).map((d) => [d.id, d.serverName ?? String(d.number)]));
  const nameOf = async (id: DesktopId) => {
    const gone = all.has(id) ? undefined : await store.desktop(id);
    return all.get(id) ?? gone?.serverName ?? id;
  };
  return Promise.all(
    (await store.swaps({ limit: LAST_SWAPS })).map(async (s): Promise<SwapView> => ({
      at: s.at,
      desktop: await nameOf(s.desktop),
      pool: s.pool,
      origin: s.origin,
      by: s.by,
      reason: s.reason,
      ...(s.user === undefined ? {} : { user: s.user }),
      ...(s.seat === undefined ? {} : { seat: s.seat }),
      ...(s.session === undefined ? {} : { session: s.session }),
      ...(s.to === undefined ? {} : { to: await nameOf(s.to) }),
      ...(s.claimedMs === undefined ? {} : { claimedMs: s.claimedMs }),
      ...(s.tookMs === undefined ? {} : { tookMs: s.tookMs }),
    })),
  );
}
