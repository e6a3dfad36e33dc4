import { hostname } from 'node:os';
import { join } from 'node:path';
import { statSync } from 'node:fs';
import { DAY, Fault, Lifetime, messageOf, MINUTE, SECOND, type Clock, type Log } from '@anyseat/base';
import { CHANGE_PASSWORD } from '@anyseat/protocol';
import type { Channel } from './alerts/channel.ts';
import { openAlerts, type Alerts } from './alerts/openAlerts.ts';
import type { Abilities, Cloud } from './cloud/cloud.ts';
import type { HubSettings } from './config.ts';
import { endsOf, ownCertificate, readCertificate, type Certificate } from './certificate.ts';
import type { Directory } from './directory/directory.ts';
import { expectedWaitMs } from './domain/expectedWait.ts';
import { installationTag } from './domain/naming.ts';
import type { ResourceChange } from './domain/catalogue.ts';
import type { Session, TcId } from './domain/session.ts';
import { Brake, usualLimits, type BrakeLimits } from './login/brake.ts';
import { Directories } from './login/directories.ts';
import { goneForGood } from './login/goneForGood.ts';
import { graceOf, type LoginDeps } from './login/login.ts';
import { stillServed } from './login/stillServed.ts';
import { swapByRule, swapDesktop } from './login/swap.ts';
import { WaitingLine } from './login/waitingLine.ts';
import { Metrics, openWatchServer } from './metrics.ts';
import { CatalogueKeeper } from './operator/catalogueKeeper.ts';
import { openConsoleServer } from './operator/consoleServer.ts';
import { ConsolePeople } from './operator/consolePeople.ts';
import { ConsoleSessions } from './operator/consoleSessions.ts';
import { Floor } from './operator/floor.ts';
import { Hints, withHints } from './operator/hints.ts';
import { openOperatorServer } from './operator/server.ts';
import { givesDevices } from './operator/status.ts';
import { askClouds } from './operator/rebuildProblems.ts';
import type { OperatorDeps } from './operator/routes.ts';
import { Drains } from './reconcile/drains.ts';
import { HeadCounts } from './reconcile/headCounts.ts';
import { Hosts } from './reconcile/hosts.ts';
import { LostBindings } from './reconcile/lostBindings.ts';
import { Autopsies } from './reconcile/autopsies.ts';
import { BindingExpiry } from './reconcile/bindings.ts';
import { BootBudget } from './reconcile/bootBudget.ts';
import { LostDesktops } from './reconcile/lostDesktops.ts';
import { LeakedPorts } from './reconcile/leakedPorts.ts';
import { PeopleKnown } from './reconcile/peopleKnown.ts';
import { Problems } from './reconcile/problems.ts';
import { Pools } from './reconcile/pools.ts';
import { Revocations } from './reconcile/revocations.ts';
import { SessionLimits } from './reconcile/sessionLimits.ts';
import { Sessions } from './reconcile/sessions.ts';
import { Snapshots } from './reconcile/snapshots.ts';
import { StandingProofs, type StandingDeps } from './reconcile/standingProofs.ts';
import { Rollouts } from './reconcile/rollouts.ts';
import { Rounds } from './reconcile/rounds.ts';
import { RosterPulls } from './reconcile/rosterPulls.ts';
import { Rosters } from './reconcile/rosters.ts';
import { Strays } from './reconcile/strays.ts';
import { CloudRooms } from './reconcile/cloudRooms.ts';
import type { Store } from './store/store.ts';
import { dispatch } from './tc/dispatch.ts';
import { openDoor } from './tc/door.ts';
import { Gateway } from './tc/gateway.ts';
import { ReleaseFiles } from './tc/releaseFiles.ts';
import { SeatReports } from './tc/seatReports.ts';
import { TcCommands } from './tc/tcCommands.ts';
import { Warnings } from './tc/warnings.ts';

export const VERSION = '0.1.0';

/** The adapters that a hub runs on, opened by main.ts; the hub closes none of them. */
export interface Adapters {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  directories: readonly Directory[];
  /** Where alerts go. */
  channels?: readonly Channel[];
  /** The room where the store lives. */
  disk?: () => { freeMb: number; totalMb: number } | undefined;
  /** How a link that stands is made; without it every grant links anew. */
  standingLink?: StandingDeps['link'];
  /** Lays a checked backup beside the store. @throws Fault `backup-unusable` */
  stageRestore: (file: string) => { bytes: number; installation: string };
  /** The built console. */
  consolePage?: string;
}

export interface Hub extends AsyncDisposable {
  /** Where agents connect: `wss://host:port` as bound. */
  readonly url: string;
  readonly pin: string | undefined;
  readonly watchPort: number;
  /** Where operators open the console; undefined where it is off. */
  readonly console: string | undefined;
  /** Resolves when an operator's restore wants the process to start anew. */
  readonly restart: Promise<void>;
}

const FULL_PASS_MS = 30_000;
const EXPIRY_PASS_MS = 600_000;
const ROSTER_PASS_MS = 60_000;
const REASONS_KEPT_MS = 92 * DAY;
const PROBE_AGAIN_MS = 60_000;
/** Whoever applies a file does not wait longer for a directory to say whether it has a group. */
const GROUPS_KNOWN_MS = 3000;

/** Puts a hub together and opens its doors: the agents' last, when everything behind it works. */
export async function openHub(
  settings: HubSettings,
  adapters: Adapters,
  deps: { clock: Clock; log: Log },
): Promise<Hub> {
  const { clouds } = adapters;
  const { clock, log } = deps;
  await using opening = new AsyncDisposableStack();
  const life = opening.use(new Lifetime());
  const consoleSettings = settings.operator.console;
  const hints = life.own(new Hints(clock));
  const store = consoleSettings === 'off' ? adapters.store : withHints(adapters.store, hints);
  const startedAt = clock.now();
  const startedMono = clock.monotonic();
  const metrics = new Metrics();
  const restart = Promise.withResolvers<void>();

  const abilities = new Map<string, Abilities | string>();
  const keeper = new CatalogueKeeper(store, (changes) => onResources(changes), {
    givesDevices: (cloud) => givesDevices(abilities)(cloud),
    unknownGroups: (groups) => directories.unknownGroups(groups, AbortSignal.timeout(GROUPS_KNOWN_MS)),
    whyNotRebuilt: askClouds(clouds),
  });
  await keeper.reload();
  const catalogue = () => keeper.current;
  const tagsByTc = new Map((await store.tcs()).map((tc) => [tc.id, tc.tags]));
  const tcTags = (tc: TcId) => tagsByTc.get(tc) ?? {};
  const directories = new Directories(adapters.directories);
  const line = life.own(new WaitingLine(clock, log.child({ part: 'line' })));
  const snapshots = new Snapshots(clock, installationTag(store.installation.id), life.signal);
  const { most, perHost, perHostMost } = settings.boots;
  const problems = new Problems(clock);
  const peopleKnown = new PeopleKnown({
    store,
    find: (user, signal) => directories.find(user, signal),
    clock,
    log: log.child({ part: 'rosters' }),
  });
  const rosters: Rosters = life.own(
    new Rosters({
      store,
      catalogue,
      people: peopleKnown,
      clock,
      log: log.child({ part: 'rosters' }),
      lookAtPool: (pool) => pools.look(pool),
    }),
  );
  const rosterPulls = life.own(
    new RosterPulls({
      store,
      catalogue,
      clock,
      log: log.child({ part: 'rosters' }),
      onBrought: () => {
        rosters.soon();
        hints.tell('resources');
      },
    }),
  );
  const reports = new SeatReports({ store, clock, log: log.child({ part: 'reports' }) });
  const hosts = new Hosts(clock, log.child({ part: 'hosts' }), life.signal, () => drains.all);
  const budget = new BootBudget(
    { most, perHost: { start: Math.min(perHost, perHostMost), most: perHostMost } },
    clock,
  );
  const pools = life.own(
    new Pools({
      store,
      clouds,
      snapshots,
      catalogue,
      budget,
      hosts,
      problems,
      clock,
      log: log.child({ part: 'pools' }),
      waitingFor: (pool) => line.waitingFor(pool),
      arrivals: (pool) => rosters.arrivals(pool),
      onReady: () => {
        line.serve();
        standing?.look();
      },
    }),
  );
  const lookAtPool = (pool: string) => pools.lookSoon(pool);
  const standing = adapters.standingLink
    ? life.own(
        new StandingProofs({
          store,
          clouds,
          catalogue,
          settings: settings.standingLinks,
          link: adapters.standingLink,
          clock,
          log: log.child({ part: 'standing' }),
          lookAtPool: (pool) => pools.look(pool),
        }),
      )
    : undefined;

  const hostsOf = (cloud: Cloud) => hosts.latest(cloud.name);
  const autopsies = life.own(new Autopsies({ store, clouds, clock, log: log.child({ part: 'autopsies' }) }));

  const certificate = await certificateOf(settings, clock);
  const pins = certificate ? [certificate.pin] : [];
  const loginDeps: LoginDeps = {
    store,
    directories,
    catalogue,
    clouds,
    standing: standing ?? { take: () => Promise.resolve(false) },
    brake: new Brake(
      clock,
      () => limitsOf(settings, directories.all),
      (site) => {
        alerts.guessed(site);
        log.warn(
          { site },
          'so many wrong passwords at one site that somebody may be guessing; fewer tries there now',
        );
      },
    ),
    line,
    clock,
    log: log.child({ part: 'login' }),
    lookAtPool,
    tcTags,
    online: () => gateway.online,
    isGone: (desktop) => goneForGood(desktop, { store, clouds, snapshots }),
    expectedWaitMs: (pool, place) => expectedWaitMs(place, pools.refill(pool)),
    release: (tc, session, code, fields) => gateway.release(tc, session, code, fields),
    hostsOf,
    onQuarantined: () => void autopsies.look(),
  };
  const tcCommands = new TcCommands({
    store,
    clock,
    log: log.child({ part: 'commands' }),
    connection: (tc) => gateway.connection(tc),
  });
  const releaseFiles = new ReleaseFiles(
    join(settings.stateDir, 'releases'),
    clock,
    log.child({ part: 'updates' }),
  );
  const rollouts = life.own(
    new Rollouts({
      store,
      files: releaseFiles,
      tcCommands,
      epochOf: (tc) => gateway.connection(tc)?.epoch,
      online: () => gateway.online,
      clock,
      log: log.child({ part: 'updates' }),
    }),
  );
  const dispatchDeps = {
    ...loginDeps,
    rollouts,
    reports,
    tcCommands,
    mayComeBack: (session: Session) => revocations.mayComeBack(session),
    onAnswered: (answer: 'granted' | 'refused', code: string, tookMs: number) => {
      metrics.logins.inc({ answer, code });
      metrics.loginSeconds.observe({ answer }, tookMs / 1000);
    },
  };
  const gateway: Gateway = life.own(
    new Gateway({
      store,
      catalogue,
      clock,
      log: log.child({ part: 'tc' }),
      pins,
      capabilities: directories.all.some((one) => one.changesPasswords) ? [CHANGE_PASSWORD] : [],
      dispatch: (frame, connection) => dispatch(frame, connection, dispatchDeps),
      counters: { frames: (type) => metrics.frames.inc({ type }) },
      onPresence: () => hints.tell('tcs'),
    }),
  );
  const every = (restMs: number, round: () => Promise<void>) =>
    life.own(new Rounds({ clock, log, restMs, failed: 'a full pass failed', round })).start();
  /** Its seat is told why, and what it had goes back. */
  const onEnded = (session: Session, why: string) => {
    gateway.release(session.tc, session, why);
    for (const pool of session.pools) lookAtPool(pool);
  };
  const warnings = new Warnings(clock, (tc) => gateway.connection(tc));
  const sessionLimits = new SessionLimits({
    store,
    catalogue,
    clock,
    log: log.child({ part: 'limits' }),
    epochOf: (tc) => gateway.connection(tc)?.epoch,
    idleMs: (session) => reports.inputOf(session)?.idleMs,
    graceMs: (session) => graceOf(catalogue(), session.pools[0] ?? '', session),
    warn: (session, warning) => warnings.set(session, 'limits', warning),
    onLooked: (live) => warnings.look(live),
    onEnded,
    onLocked: (session) => gateway.release(session.tc, session, 'idle-locked'),
  });
  const drains = life.own(
    new Drains({
      store,
      clouds,
      hostsOf: (cloud) => hosts.latest(cloud),
      hostOf: ({ cloud, serverId }) => snapshots.latest(cloud)?.byId.get(serverId ?? '')?.host,
      online: () => gateway.online,
      epochOf: (tc) => gateway.connection(tc)?.epoch,
      waitingFor: (pool) => line.waitingFor(pool),
      swap: (order, by) => swapDesktop(order, by, loginDeps),
      warn: (session, warning) => warnings.set(session, 'drain', warning),
      atOnce: settings.moves.atOnce,
      warnMs: settings.moves.warnMinutes * MINUTE,
      clock,
      log: log.child({ part: 'drains' }),
    }),
  );
  const sessions = life.own(
    new Sessions({
      store,
      clock,
      log: log.child({ part: 'sessions' }),
      online: () => gateway.online,
      isBeingAnswered: ({ id, tc }) => line.has(id) || gateway.connection(tc)?.busy === true,
      also: async (live) => {
        alerts.see(live);
        await sessionLimits.look(live);
        await drains.look(live);
      },
      onEnded: (session, end, wasUnconfirmed) => {
        if (!wasUnconfirmed) gateway.release(session.tc, session, end);
        for (const pool of session.pools) lookAtPool(pool);
      },
    }),
  );
  const revocations = life.own(
    new Revocations({
      store,
      look: (person, signal) => directories.look(person, signal),
      stillServed: (session, person) => stillServed(session, person, catalogue(), tcTags(session.tc)),
      catalogue,
      clock,
      log: log.child({ part: 'people' }),
      everyMs: settings.people.recheckSeconds * SECOND,
      warn: (session, warning) => warnings.set(session, 'access', warning),
      onEnded,
    }),
  );
  const strays = life.own(
    new Strays({ store, clouds, snapshots, problems, clock, log: log.child({ part: 'strays' }) }),
  );
  const leakedPorts = life.own(
    new LeakedPorts({ store, clouds, snapshots, problems, clock, log: log.child({ part: 'ports' }) }),
  );
  const lostDesktops = life.own(
    new LostDesktops({
      store,
      clouds,
      hostsOf,
      online: () => gateway.online,
      clock,
      log: log.child({ part: 'lost' }),
      swap: (session, desktop, reason) => swapByRule(session, desktop, reason, loginDeps),
    }),
  );
  const lostBindings = life.own(
    new LostBindings({
      store,
      catalogue,
      problems,
      isListed: (cloud, serverId) => {
        const latest = snapshots.latest(cloud);
        return latest?.complete ? latest.byId.has(serverId) : undefined;
      },
      isGone: loginDeps.isGone,
      clock,
      log: log.child({ part: 'bindings' }),
    }),
  );
  const bindingExpiry = new BindingExpiry({
    store,
    catalogue,
    clock,
    log: log.child({ part: 'bindings' }),
    lookAtPool,
  });

  const rooms = life.own(new CloudRooms({ clouds, clock, log: log.child({ part: 'rooms' }) }));
  const alerts: Alerts = openAlerts(
    {
      store,
      channels: adapters.channels ?? [],
      settings: settings.alerts,
      hubName: settings.name,
      disk: adapters.disk ?? (() => undefined),
      catalogue,
      directories: directories.all,
      clouds,
      abilities,
      snapshots,
      hosts,
      rooms,
      problems,
      poolReport: (pool) => pools.report(pool),
      waitingFor: (pool) => line.waitingFor(pool),
      online: () => gateway.online,
      healthOf: (tc) => reports.healthOf(tc),
      certificates: endsOf(certificate, clouds),
      clock,
      log: log.child({ part: 'alerts' }),
    },
    life,
  );

  function onResources(changes: readonly ResourceChange[]): void {
    for (const change of changes) if (change.kind === 'pools') pools.look(change.name);
    rosters.soon();
    rosterPulls.soon();
    if (changes.some((change) => change.kind === 'seats' || change.kind === 'sites')) gateway.refreshAll();
  }

  const headCounts = new HeadCounts({
    store,
    catalogue,
    rosters,
    people: peopleKnown,
    inputOf: (session) => reports.inputOf(session),
    online: () => gateway.online,
    directoriesWell: () => directories.all.every((one) => one.health().ok),
    clock,
  });
  const consoleSessions = new ConsoleSessions(clock);
  let consoleAt: string | undefined;
  const operatorDeps: OperatorDeps = {
    store,
    floor: new Floor({
      store,
      catalogue,
      online: () => gateway.online,
      inputOf: (session) => reports.inputOf(session),
      clock,
    }),
    console:
      consoleSettings === 'off' ? undefined : { sessions: consoleSessions, address: () => consoleAt ?? '' },
    keeper,
    directories: directories.all,
    bindingExpiry,
    catalogue,
    clouds,
    abilities,
    snapshots,
    problems,
    hosts,
    drains,
    rooms,
    bootsOnHosts: () => budget.report(),
    pins,
    name: settings.name,
    version: VERSION,
    startedAt,
    upMs: () => clock.monotonic() - startedMono,
    now: () => clock.now(),
    online: () => gateway.online,
    inputOf: (session) => reports.inputOf(session),
    limitsOf: (session) => sessionLimits.known(session),
    healthOf: (tc) => reports.healthOf(tc),
    poolReport: (pool) => pools.report(pool),
    rosters,
    pullOf: (roster) => rosterPulls.stateOf(roster),
    headCounts,
    waitingFor: (pool) => line.waitingFor(pool),
    placeOfNew: (someone) => line.placeOfNew(someone),
    lookAtPool: (pool) => pools.look(pool),
    explainWith: directories,
    swap: (order, by) => swapDesktop(order, by, loginDeps),
    operatorSwaps: { most: settings.moves.operatorsPerMinute, withinMs: MINUTE },
    onTcChanged: (tc) => {
      tagsByTc.set(tc.id, tc.tags);
      gateway.refresh(tc);
    },
    tcCommands,
    rollouts,
    releaseFiles,
    alerts,
    onSessionLocked: (session) => gateway.release(session.tc, session, 'locked-by-operator'),
    onSessionEnded: (session) => onEnded(session, 'ended-by-operator'),
    backup: async (file) => {
      await store.backup(file);
      return {
        file,
        bytes: statSync(file).size,
        text: 'a whole copy of the store as it was when this began',
      };
    },
    restore: async (file) => {
      const { bytes, installation } = adapters.stageRestore(file);
      log.warn({ file, installation }, 'a backup takes the place of the store; the hub starts anew');
      clock.after(200, restart.resolve);
      await Promise.resolve();
      return {
        file,
        bytes,
        text: `it takes the place of the store as the hub starts anew; what was there is kept beside it`,
      };
    },
  };
  life.own(
    await openOperatorServer({
      socket: settings.operator.socket,
      deps: operatorDeps,
      log: log.child({ part: 'operator' }),
    }),
  );
  if (consoleSettings !== 'off') {
    const { host, port, origins, roles } = consoleSettings;
    const people = new ConsolePeople({
      roles,
      sessions: consoleSessions,
      store,
      directories,
      brake: loginDeps.brake,
      log: log.child({ part: 'console' }),
    });
    every(settings.people.recheckSeconds * SECOND, () => people.look());
    people.sayMistakes(catalogue().sites).catch((error: unknown) => {
      log.warn({ why: messageOf(error) }, 'whether the groups of roles are there could not be asked');
    });
    const opened = life.own(
      await openConsoleServer({
        host,
        port,
        origins,
        pageDir: adapters.consolePage,
        sessions: consoleSessions,
        people,
        hints,
        deps: operatorDeps,
        clock,
        log: log.child({ part: 'console' }),
      }),
    );
    consoleAt = origins[0] ?? `http://${host === '::1' ? '[::1]' : host}:${opened.port}`;
  }
  metrics.watch({
    tcsOnline: () => gateway.online.size,
    peopleWaiting: () => line.size,
    standingLinks: () => standing?.size ?? 0,
    store,
  });
  const watch = life.own(
    await openWatchServer({ ...settings.operator.watch, metrics, health: () => store.health() }),
  );

  await drains.load();
  await pools.start();
  sessions.start();
  revocations.start();
  strays.start();
  leakedPorts.start();
  lostDesktops.start();
  rollouts.start();
  autopsies.start();
  lostBindings.start();
  rooms.start();
  alerts.start();
  standing?.look();
  every(EXPIRY_PASS_MS, () => bindingExpiry.look());
  every(EXPIRY_PASS_MS, () => forgetOld(store, clock));
  every(FULL_PASS_MS, () => pools.lookAll());
  rosters.soon();
  rosterPulls.soon();
  every(ROSTER_PASS_MS, () => rosterPulls.look());
  every(ROSTER_PASS_MS, () => rosters.look());
  every(ROSTER_PASS_MS, () => headCounts.record());
  life.onClose(probeClouds(clouds, abilities, clock, log));

  const { host, port } = settings.listen;
  const { url } = life.own(
    await openDoor({
      host,
      port,
      tls: certificate,
      gateway,
      releases: releaseFiles,
      log: log.child({ part: 'tc' }),
    }),
  );
  log.info(
    {
      url,
      console: consoleAt,
      pin: certificate?.pin,
      installation: store.installation.id,
      run: store.installation.run,
    },
    'the hub serves',
  );

  const kept = opening.move();
  return {
    url,
    pin: certificate?.pin,
    watchPort: watch.port,
    console: consoleAt,
    restart: restart.promise,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A name has fewer tries than any directory that says when it locks an account. */
const limitsOf = ({ people }: HubSettings, directories: readonly Directory[]): BrakeLimits => ({
  ...usualLimits,
  user: Math.max(
    1,
    Math.min(people.userTries, ...directories.map(({ locksAfter }) => (locksAfter ?? Infinity) - 1)),
  ),
  tc: people.tcTries,
  site: people.siteTries,
});

async function certificateOf(settings: HubSettings, clock: Clock): Promise<Certificate | undefined> {
  const { tls, host } = settings.listen;
  if (tls === 'self-signed')
    return ownCertificate(join(settings.stateDir, 'tls'), [hostname(), 'localhost'], clock.now());
  if (tls !== 'off') return readCertificate(tls.certFile, tls.keyFile);
  if (host === '127.0.0.1' || host === '::1' || host === 'localhost') return undefined;
  throw new Fault(
    'config-invalid',
    'terminal',
    `listen.tls: off is for loopback only, and listen.host is ${host}: passwords would travel in the clear`,
  );
}

/** What the directory said of people is kept for as long as somebody may ask why. */
const forgetOld = async (store: Store, clock: Clock): Promise<void> => {
  await store.forgetReasons(clock.now() - REASONS_KEPT_MS);
  await store.forgetConsoleLogs(clock.now() - REASONS_KEPT_MS);
  await store.forgetAlerts(clock.now() - REASONS_KEPT_MS);
};

/** What the credentials may do, tried at start, and again while that fails. */
function probeClouds(
  clouds: Adapters['clouds'],
  abilities: Map<string, Abilities | string>,
  clock: Clock,
  log: Log,
): () => Promise<void> {
  const stop = new AbortController();
  const probe = async (cloud: Cloud) => {
    while (!stop.signal.aborted) {
      try {
        const found = await cloud.probe(stop.signal);
        abilities.set(cloud.name, found);
        for (const text of found.lost) log.warn({ cloud: cloud.name }, text);
        return;
      } catch (error) {
        if (stop.signal.aborted) return;
        abilities.set(cloud.name, messageOf(error));
        log.warn({ cloud: cloud.name, why: messageOf(error) }, 'a cloud could not be tried');
        await clock.sleep(PROBE_AGAIN_MS, stop.signal).catch(() => undefined);
      }
    }
  };
  const running = Promise.all([...clouds.values()].map(probe));
  return async () => {
    stop.abort();
    await running;
  };
}
