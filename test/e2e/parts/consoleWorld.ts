import { join } from 'node:path';
import { openLog, silentLog, systemClock } from '@anyseat/base';
import { poolSpec, type ViewerEnd } from '@anyseat/protocol';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import type { Alert, AlertFields, AlertId } from '../../../hub/src/domain/alert/alert.ts';
import type { AlertCode } from '../../../hub/src/domain/alert/alertRules.ts';
import type { AuditRow } from '../../../hub/src/domain/audit.ts';
import type { Catalogue, Resource } from '../../../hub/src/domain/catalogue.ts';
import type { Desktop } from '../../../hub/src/domain/desktop.ts';
import type { AuthAnswer } from '../../../hub/src/domain/person.ts';
import type { Problem } from '../../../hub/src/domain/problem.ts';
import type { Session, TcId } from '../../../hub/src/domain/session.ts';
import type { Tc } from '../../../hub/src/domain/tc.ts';
import { Brake } from '../../../hub/src/login/brake.ts';
import { Directories } from '../../../hub/src/login/directories.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import type { Store } from '../../../hub/src/store/store.ts';
import { WorldPlan } from './worldPlan.ts';
import { temporaryFolder } from './smallSite.ts';
import { openConsoleServer, type ConsoleServer } from '../../../hub/src/operator/consoleServer.ts';
import { CatalogueKeeper } from '../../../hub/src/operator/catalogueKeeper.ts';
import { ConsolePeople } from '../../../hub/src/operator/consolePeople.ts';
import { ConsoleSessions } from '../../../hub/src/operator/consoleSessions.ts';
import { Floor } from '../../../hub/src/operator/floor.ts';
import { Hints } from '../../../hub/src/operator/hints.ts';
import type { Role } from '../../../hub/src/operator/permissions.ts';
import type { OperatorDeps } from '../../../hub/src/operator/routes.ts';

/**
 * The real door, page and routes of the console, over a floor that is kept in memory and made by numbers. What the floor
 * does not say is asked of a real store with nothing in it.
 */
export class ConsoleWorld implements AsyncDisposable {
  readonly hints = new Hints(systemClock);
  readonly entries = new ConsoleSessions(systemClock);
  readonly tcs: Tc[] = [];
  readonly sessions: Session[] = [];
  readonly desktops: Desktop[] = [];
  readonly rows: AuditRow[] = [];
  readonly online = new Set<TcId>();
  /** Who is expected. */
  readonly plan: WorldPlan;
  problems: Problem[] = [];
  catalogue: Catalogue;
  readonly #now = systemClock.now();
  readonly #folder = temporaryFolder('console');
  #pageDir = '';
  #store: Store | undefined;
  #keeper: CatalogueKeeper | undefined;
  #server: ConsoleServer | undefined;

  constructor(counts: { sites: number; seats: number }) {
    this.catalogue = furnished(counts);
    for (const seat of this.catalogue.seats.keys()) this.#seat(seat);
    if (counts.seats > 0) this.#others();
    this.plan = new WorldPlan(counts, this.#now);
    this.catalogue = { ...this.catalogue, rosters: this.plan.resources };
  }

  async open(pageDir: string): Promise<void> {
    this.#pageDir = pageDir;
    this.#store = await openSqlite({ file: join(this.#folder.path, 'hub.db'), clock: systemClock });
    this.#keeper = new CatalogueKeeper(this.#store, () => {
      this.catalogue = this.#keeper!.current;
      this.hints.tell('resources', 'audit');
    });
    await this.plan.remember(this.#store);
    this.#server = await this.#serve(0);
  }

  /** Resources take the place of the furniture, through the one way of changing them. */
  async apply(text: string): Promise<void> {
    const request = { text, file: 'world.yaml', prune: false, dryRun: false };
    await this.#keeper!.apply(request, { kind: 'operator', name: 'zhou.qiang' });
  }

  #serve(port: number): Promise<ConsoleServer> {
    return openConsoleServer({
      host: '127.0.0.1',
      port,
      origins: [],
      pageDir: this.#pageDir,
      sessions: this.entries,
      people: this.#people(),
      hints: this.hints,
      deps: this.#deps(),
      clock: systemClock,
      log: openLog({ name: 'console-world', level: 'error' }),
    });
  }

  /** Whoever types `right` is in the group `desk`, but for `wu.di`. */
  #people(): ConsolePeople {
    const authenticate = (user: string, password: string): Promise<AuthAnswer> => {
      const groups = user === 'wu.di' ? [] : ['desk'];
      const person = {
        id: `d:${user}`,
        directory: 'd',
        user,
        displayName: user,
        dn: '',
        groups,
        attributes: {},
      };
      return Promise.resolve(
        password === 'right' ? { ok: true, person } : { ok: false, reason: 'wrong-password' },
      );
    };
    return new ConsolePeople({
      roles: [{ group: 'desk', role: 'operate' }],
      sessions: this.entries,
      store: { addAudit: () => Promise.resolve() },
      directories: new Directories([{ name: 'd', authenticate } as Partial<Directory> as Directory]),
      brake: new Brake(systemClock),
      log: silentLog,
    });
  }

  /** The hub goes away and comes back, at the same port and with the same sessions. */
  async restart(whileAway: () => Promise<void>): Promise<void> {
    const { port } = this;
    await this.#server![Symbol.asyncDispose]();
    await whileAway();
    this.#server = await this.#serve(port);
  }

  get port(): number {
    return this.#server!.port;
  }

  /** A link for one entry. */
  link(role: Role, name = 'li.na'): string {
    return `http://127.0.0.1:${this.port}/#enter=${this.entries.link(name, role, 60_000).code}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hints[Symbol.dispose]();
    await this.#server?.[Symbol.asyncDispose]();
    await this.#store?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }

  /** A site that went dark, a certificate that ends, and a directory that was away. */
  async raise(): Promise<AlertId[]> {
    const store = this.#store!;
    const about = (code: AlertCode, path: string, fields: AlertFields) =>
      store.openAlert(
        { code, about: path, within: [], fields, severity: code === 'site-dark' ? 'error' : 'warning' },
        [],
      );
    const ids = [
      await about('site-dark', 'site/s0', { name: '南通呼叫中心', count: 42, most: 180 }),
      await about('certificate-ends', 'certificate/listen.tls', { name: 'listen.tls' }),
    ].map((one) => one!.id);
    const over = (await about('directory-down', 'directory/ad', { name: 'ad', text: 'no answer' }))!;
    await store.resolveAlert(over.id, []);
    this.hints.tell('alerts');
    return ids;
  }

  alerts(): Promise<Alert[]> {
    return this.#store!.alerts();
  }

  /** Rosters that have a table in the store. */
  async sheets(): Promise<string[]> {
    return (await this.#store!.rosterSheets()).map(({ roster }) => roster);
  }

  sessionAt(seat: string): Session | undefined {
    return this.sessions.find((one) => one.seat === seat && one.state !== 'ended');
  }

  change(seat: string, more: Partial<Session>): void {
    const at = this.sessions.findIndex((one) => one.seat === seat && one.state !== 'ended');
    this.sessions[at] = { ...this.sessions[at]!, stateSince: systemClock.now(), ...more };
    this.hints.tell('sessions', 'audit');
  }

  /** A seat as its number has it: most work, some do not, a few are in trouble; one site has lost its line in part. */
  #seat(seat: string): void {
    const i = this.tcs.length;
    const { site } = this.catalogue.seats.get(seat)!.spec;
    if (i % 97 === 96) return void this.tcs.push(this.#tc(i, undefined));
    const tc = this.#tc(i, seat);
    this.tcs.push(tc);
    const isCut = site === 's3' && i % 3 === 0;
    if (i % 11 !== 10 && !isCut) this.online.add(tc.id);
    if (i % 11 === 10 || i % 5 === 4) return;
    const state =
      i % 60 === 31 ? 'waiting' : i % 45 === 12 ? 'connecting' : i % 23 === 5 ? 'away' : 'connected';
    const end: ViewerEnd = i % 115 === 5 ? 'link-lost' : 'closed-by-person';
    const desktop = state === 'waiting' ? undefined : this.#desktop(i, tc);
    this.sessions.push(this.#session(i, tc, state, desktop, end));
    if (desktop) this.desktops.push(desktop);
  }

  #tc(i: number, seat: string | undefined): Tc {
    const print = (i * 7919 + 1).toString(32).toUpperCase().padStart(16, 'K7F29QWM3XTD0V8N');
    return {
      id: `tc_${i}` as TcId,
      fingerprint: print.replace(/(.{4})(?=.)/g, '$1-'),
      publicKey: '',
      state: seat === undefined ? 'pending' : 'enrolled',
      seat,
      tags: {},
      hostName: `box-${i}`,
      model: 'Wyse 3040',
      macs: [],
      agentVersion: '0.1.0',
      address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      firstSeenAt: this.#now - 9e8,
      lastSeenAt: this.#now - 60_000 * (i % 50),
    };
  }

  #desktop(i: number, tc: Tc): Desktop {
    return {
      id: `dt_${i}`,
      number: i,
      cloud: 'default',
      pool: `p${i % 3}`,
      poolRevision: 1,
      state: i % 700 === 3 ? 'broken' : 'leased',
      stateSince: this.#now - 1000 * (i % 7200),
      serverName: `desk-${String(i).padStart(6, '0')}`,
      serverId: `server-${i}`,
      host: `compute-${i % 300}`,
      endpoint: { host: `10.9.0.${i % 300}`, port: 5900, resolvedAt: this.#now },
      session: `ses_${i}`,
      usedBy: tc.id,
      ...(i % 700 === 3
        ? { fault: { code: 'gone-wrong', text: 'No valid host was found.', at: this.#now } }
        : {}),
      createdAt: this.#now,
      writtenAt: this.#now,
    } as unknown as Desktop;
  }

  #session(
    i: number,
    tc: Tc,
    state: Session['state'],
    desktop: Desktop | undefined,
    end: ViewerEnd,
  ): Session {
    return {
      id: `ses_${i}`,
      state,
      stateSince: this.#now - 1000 * ((i * 37) % 14_400),
      requestId: String(i),
      tc: tc.id,
      seat: tc.seat!,
      site: this.catalogue.seats.get(tc.seat!)!.spec.site,
      person: `here:${i}`,
      user: `user.${i}`,
      displayName: `${'王李张刘陈杨赵黄周吴'[i % 10]}${'芳娜伟洋杰丽磊敏强静'[(i >> 3) % 10]}`,
      allocator: 'agents',
      pools: [`p${i % 3}`],
      binding: 'none',
      desktop: desktop?.id,
      generation: 1,
      viewer: state === 'away' ? 'ended' : 'connected',
      viewerEnd: state === 'away' ? end : undefined,
      stages: {
        directory: 12 + (i % 40),
        desktop: i % 30 === 0 ? 4200 : 3,
        proof: 2,
        viewer: 600 + (i % 400),
      },
      startedAt: this.#now - 1000 * (i % 14_400),
      heardAt: this.#now,
    } as unknown as Session;
  }

  #others(): void {
    this.problems = [
      {
        kind: 'strays-many',
        cloud: 'default',
        what: '41 servers',
        since: this.#now - 300_000,
        tries: 0,
        text: '41 of 12000 servers carry our tag and no desktop has them',
      },
      {
        kind: 'delete-unfinished',
        cloud: 'default',
        what: 'desk-000017',
        since: this.#now - 900_000,
        tries: 9,
        text: 'asked for 9 times; the cloud says deleting',
      },
    ];
    for (let seq = 400; seq > 0; seq--)
      this.rows.push({
        hubId: 'hub_1',
        seq,
        at: this.#now - (400 - seq) * 7000,
        actor: seq % 9 ? { kind: 'person', name: `here:${seq}` } : { kind: 'operator', name: 'li.na' },
        act: seq % 9 ? 'desktop.handed-out' : 'session.ended',
        subject: `ses_${seq}`,
        details: { seat: `s0-${seq}`, generation: 1 },
        previousHash: '',
        hash: '',
      });
  }

  /** Eight hosts: one looks down, each has promised a little more than the one before. */
  #computeHosts(): Partial<Record<keyof OperatorDeps, unknown>> {
    const names = Array.from({ length: 8 }, (_, i) => `compute-${i}`);
    const promised = (times: number, ratio: number) => ({ has: 1000, promised: times * 1000, ratio });
    return {
      clouds: new Map([['default', { name: 'default' }]]),
      drains: { all: [] },
      limitsOf: () => [],
      hosts: {
        latest: () =>
          names.map((name) => ({ name, up: name !== 'compute-3', enabled: true, reason: undefined })),
        doubtsKnown: () => new Map(),
      },
      rooms: {
        of: () => ({
          hosts: names.map((host, i) => ({
            host,
            memoryMb: promised(0.75 + i / 10, 1.5),
            cpus: promised(1 + i / 4, 4),
          })),
        }),
      },
    };
  }

  #deps(): OperatorDeps {
    const own: Partial<Record<keyof Store, unknown>> = {
      tcs: () => Promise.resolve([...this.tcs]),
      tcByFingerprint: (print: string) => Promise.resolve(this.tcs.find((one) => one.fingerprint === print)),
      approveTc: (print: string, seat: string | undefined) => {
        const at = this.tcs.findIndex((one) => one.fingerprint === print);
        this.tcs[at] = { ...this.tcs[at]!, state: 'enrolled', seat };
        return Promise.resolve(this.tcs[at]);
      },
      desktops: () => Promise.resolve([...this.desktops]),
      desktop: (id: string) => Promise.resolve(this.desktops.find((one) => one.id === id)),
      sessions: ({ live }: { live?: boolean } = {}) =>
        Promise.resolve(this.sessions.filter(({ state }) => !live || state !== 'ended')),
      session: (id: string) => Promise.resolve(this.sessions.find((one) => one.id === id)),
      endSession: (id: string) => {
        const session = this.sessions.find((one) => one.id === id);
        if (session) this.change(session.seat, { state: 'ended', end: 'ended-by-operator' });
        return Promise.resolve(this.sessions.find((one) => one.id === id));
      },
      acknowledgeAlert: async (...asked: Parameters<Store['acknowledgeAlert']>) => {
        const alert = await this.#store!.acknowledgeAlert(...asked);
        this.hints.tell('alerts');
        return alert;
      },
      bindings: () => Promise.resolve([]),
      audit: ({ limit, subject }: { limit: number; subject?: string }) =>
        Promise.resolve(
          this.rows.filter((one) => subject === undefined || one.subject === subject).slice(0, limit),
        ),
      verifyAudit: () => Promise.resolve({ rows: this.rows.length, brokenAt: undefined }),
      addAudit: () => Promise.resolve(),
      inventories: () => Promise.resolve(new Map()),
    };
    const store = new Proxy(this.#store!, {
      get: (target, name) => {
        const value: unknown = own[name as keyof Store] ?? Reflect.get(target, name, target);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    const floorDeps = {
      store,
      catalogue: () => this.catalogue,
      online: () => this.online,
      inputOf: ({ id }: Session) =>
        Number(id.slice(4)) % 13 === 4
          ? { idleMs: 700_000, overMs: 15_000, keys: 0, clicks: 0, wheel: 0, moves: 0 }
          : undefined,
      clock: systemClock,
    };
    const deps: Partial<Record<keyof OperatorDeps, unknown>> = {
      ...floorDeps,
      floor: new Floor(floorDeps),
      keeper: this.#keeper,
      console: { sessions: this.entries, address: () => `http://127.0.0.1:${this.port}` },
      name: 'nantong-hub',
      version: '0.1.0',
      startedAt: this.#now,
      upMs: () => 1000,
      now: () => systemClock.now(),
      directories: [],
      clouds: new Map(),
      abilities: new Map(),
      snapshots: { latest: () => undefined, failed: () => false },
      problems: { list: () => this.problems },
      ...this.plan.deps({ ...floorDeps, clouds: [] }),
      hosts: { latest: () => [], doubtsKnown: () => new Map() },
      bootsOnHosts: () => [],
      healthOf: () => undefined,
      limitsOf: () => [],
      waitingFor: (pool: string) => (pool === 'p1' ? 12 : 0),
      poolReport: () => ({
        trouble: undefined,
        failure: undefined,
        bootMs: [41_000, 44_000, 39_000],
        paused: undefined,
        slowForMs: 0,
        stale: 0,
        images: [],
        image: { current: undefined, use: undefined },
        size: { floor: 40, for: { at: this.#now, desktops: 40 } },
        pace: { bootMs: 41_000, atOnce: 10 },
        timeZone: 'Asia/Shanghai',
      }),
      onSessionEnded: () => undefined,
      onTcChanged: () => this.hints.tell('tcs'),
      lookAtPool: () => undefined,
      swap: () => Promise.resolve({ kind: 'changed' }),
      alerts: {
        look: () => this.hints.tell('alerts'),
        test: () =>
          Promise.resolve([
            {
              channel: 'ops',
              kind: 'webhook',
              to: 'https://chat.call.example',
              ok: true,
              text: '',
              tookMs: 12,
            },
            {
              channel: 'mail',
              kind: 'email',
              to: 'ops@call.example',
              ok: false,
              text: 'smtp.call.example:587: ECONNREFUSED',
              tookMs: 3,
            },
          ]),
      },
      ...this.#computeHosts(),
    };
    return deps as unknown as OperatorDeps;
  }
}

function furnished({ sites, seats }: { sites: number; seats: number }): Catalogue {
  const resource = <Spec>(name: string, spec: Spec): [string, Resource<Spec>] => [
    name,
    { name, revision: 1, spec, author: 'test', changedAt: 0 },
  ];
  const titles = ['南通', '上海', '如皋', '成都', '合肥', '北京'];
  const each = Math.ceil(seats / Math.max(1, sites));
  const pool = (name: string, title: string) =>
    resource(name, poolSpec.parse({ title, image: 'desk', flavor: 'desk', floor: 40, ceiling: 6000 }));
  return {
    change: 1,
    sites: new Map(
      Array.from({ length: sites }, (_, i) =>
        resource(`s${i}`, { title: `${titles[i % 6]}呼叫中心`, timeZone: 'Asia/Shanghai', tags: {} }),
      ),
    ),
    seats: new Map(
      Array.from({ length: seats }, (_, i) => {
        const [site, n] = [Math.floor(i / each), i % each];
        const [row, column] = [Math.floor((n % 400) / 20), n % 20];
        return resource(`s${site}-${n}`, {
          site: `s${site}`,
          label: `${row + 1}-${String(column + 1).padStart(2, '0')}`,
          tags: { floor: `${Math.floor(n / 400) + 1} F` },
          row,
          column,
        });
      }),
    ),
    pools: new Map(
      seats === 0
        ? []
        : [pool('p0', '标准桌面 Standard'), pool('p1', '培训 Training'), pool('p2', '主管 Leads')],
    ),
    allocators: new Map(),
    rosters: new Map(),
  };
}
