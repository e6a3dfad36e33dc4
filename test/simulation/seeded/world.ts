import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@anyseat/base';
import { readCredentials } from '@anyseat/openstack';
import { cloudsYaml } from '../../../packages/minicloud/src/cloudsYaml.ts';
import type { Cloud } from '../../../packages/minicloud/src/model/cloud.ts';
import { createServers } from '../../../packages/minicloud/src/model/createServers.ts';
import type { Server } from '../../../packages/minicloud/src/model/server.ts';
import { openCloud, type OpenCloud } from '../../../packages/minicloud/src/openCloud.ts';
import { Compute } from './compute.ts';
import { Dice } from './dice.ts';
import { DirectoryModel, MARK } from './directoryModel.ts';
import { HubLife } from './hubLife.ts';
import { beginWorld, turns } from './machine.ts';
import { network, type Life } from './network.ts';
import { Person } from './person.ts';
import { Rules } from './rules.ts';
import { Screens } from './screens.ts';
import { resourcesOf, siteOf, type Site } from './site.ts';
import { ThinClient } from './thinClient.ts';
import { Trace } from './trace.ts';
import { MachineClock, VirtualTime } from './virtualTime.ts';

export interface Violation {
  rule: string;
  text: string;
}

/** Memory where there is some: a commit costs nothing there, and power cuts are not what is simulated. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A call centre, its cloud, its people and one hub after the other, made from a seed. */
export class World implements Disposable {
  readonly time = new VirtualTime();
  readonly trace = new Trace(this.time);
  readonly dice: Dice;
  readonly site: Site;
  readonly folder: string;
  readonly minicloud: OpenCloud;
  readonly hypervisor = new Compute((server) => this.cloud.server(server)?.host ?? '');
  readonly screens: Screens;
  readonly directory: DirectoryModel;
  readonly rules: Rules;
  readonly seats: ThinClient[];
  readonly people: Person[];
  readonly places = new Map<ThinClient, Person>();
  /** Servers of somebody else in the same project. */
  readonly foreign: readonly Server[];
  /** Servers that an operator gave up, whoever sat before them. */
  readonly operatorGaveUp = new Set<string>();
  /** Desktops that an operator wanted swapped; names of those that people said to be broken. */
  readonly operatorSwaps = new Set<string>();
  readonly complaints = new Set<string>();
  /** Seats that an operator locked. */
  readonly lockedSeats = new Set<string>();
  /** Desktops of which an order was taken twice. */
  readonly duplicates = new Set<string>();
  wasRestored = false;
  wasDuplicated = false;
  /** Servers whose guest was taken away by something that is no hub's doing. */
  readonly lost = new Set<string>();
  /** Compute hosts without power. */
  readonly darkHosts = new Set<string>();
  restless = true;
  hub: HubLife | undefined;
  violation: Violation | undefined;
  /** A hub is killed because it came so far. */
  onKilled: (where: string) => void = () => undefined;
  /** Places that hubs passed and could be killed at, and how many more until one is. */
  crossings = 0;
  #killAfter = Infinity;
  /** Every step of the world is such a place as well, as often as anything is other than at the last: before and after each commit. */
  stepsAreCrossings = false;
  #lives = 0;
  #lastStep = '';
  /** Of the hub's wall clock, whichever life. */
  clockOffset = 0;
  #dataVersion: unknown;
  #turns = 0;
  /** The folder of the last hub's store. */
  #left: string | undefined;

  constructor(seed: number, site?: Site) {
    beginWorld(this.time, seed);
    this.dice = new Dice(seed, 'world');
    this.site = site ?? siteOf(new Dice(seed, 'site'));
    this.folder = mkdtempSync(join(scratch, 'anyseat-sim-'));
    this.trace.folder = this.folder;
    this.minicloud = openCloud(
      {
        seed,
        clock: new MachineClock(this.time),
        timings: this.site.timings,
        hosts: { count: this.site.hosts, cells: 2 },
        tokenSeconds: 900,
      },
      this.hypervisor,
    );
    const violate = (rule: string, text: string) => this.violate(rule, text);
    this.screens = new Screens(this.hypervisor, violate);
    this.directory = new DirectoryModel(this.time, new Dice(seed, 'directory'), violate);
    this.rules = new Rules(this);
    this.trace.onLog = (level, text) => {
      if (level === 'error') this.violate('no fault of ours', text);
    };
    network.begin({
      time: this.time,
      dice: new Dice(seed, 'network'),
      api: this.minicloud.api,
      screens: this.screens,
      watch: {
        crossing: (life, what) => this.#crossing(life, what),
        arrives: (life, request) => this.rules.arrives(life, request),
        served: (life, request, outcome) => this.rules.served(life, request, outcome),
        says: (life, text) => this.rules.says(life, text),
      },
    });
    writeFileSync(
      join(this.folder, 'clouds.yaml'),
      cloudsYaml(this.minicloud.installation, 'http://minicloud.test/identity/v3'),
    );
    this.foreign = this.#strangersServers();
    this.seats = this.site.seats.map((name) => this.#seat(name, seed));
    this.people = this.site.people.map((user) => this.#person(user, seed));
  }

  get cloud(): Cloud {
    return this.minicloud.cloud;
  }

  violate(rule: string, text: string): void {
    if (this.violation) return;
    this.violation = { rule, text };
    this.trace.add('RULE', `${rule} is broken: ${text}`);
  }

  isOurs(server: Server): boolean {
    return !this.foreign.some(({ id }) => id === server.id);
  }

  sitsAt(user: string, seat: string): boolean {
    const person = this.people.find((one) => one.user === user);
    return person?.at?.name === seat && person.at.showing?.person === user;
  }

  /** Lets time pass, with the rules looked at after every step; ends early when one is broken or `done` says so. */
  pass(ms: number, done: () => boolean = () => false): Promise<void> {
    return this.time.pass(this.time.now + ms, () => {
      if (this.stepsAreCrossings) this.#stepped();
      // Asking the store costs more than most steps.
      const version =
        turns === this.#turns && this.#dataVersion !== undefined ? this.#dataVersion : this.hub?.dataVersion;
      this.#turns = turns;
      if (version !== this.#dataVersion) {
        this.#dataVersion = version;
        this.rules.atEveryStep();
      }
      return this.violation !== undefined || done();
    });
  }

  /** Begins something that goes on beside everything else. */
  begin(what: string, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.violate('no fault of ours', `${what}: ${messageOf(error)}`));
  }

  /** Something happens to a server that is no hub's doing. */
  lose(server: Server, how: () => void): void {
    this.lost.add(server.id);
    this.trace.add('world', `${server.name} is hit`);
    how();
  }

  // The hub.

  /** Starts a hub on what the one before left. */
  async startHub(): Promise<void> {
    // Killed while it was being stopped, and started for the one already.
    if (this.hub?.alive) return;
    const number = ++this.#lives;
    const clock = new MachineClock(this.time);
    clock.offset = this.clockOffset;
    const life: HubLife = new HubLife({
      number,
      folder: join(this.folder, `life-${number}`),
      clock,
      log: this.trace.logOf(`hub ${number}`, () => life.alive),
      directory: this.directory.port(),
      mostBoots: this.site.mostBoots,
      credentials: (name) =>
        readCredentials(name, {
          env: { OS_CLIENT_CONFIG_FILE: join(this.folder, 'clouds.yaml') },
          cwd: this.folder,
          home: this.folder,
        }),
    });
    if (this.#left !== undefined) life.inherit(this.#left);
    this.hub = life;
    await life.open();
    if (!life.hub) return;
    this.#dataVersion = undefined;
    const { restart } = life.hub;
    this.begin('a restart', async () => {
      await restart;
      if (!life.alive) return;
      this.trace.add('world', 'the hub starts anew for a restore');
      await this.stopHub();
      await this.startHub();
    });
  }

  get applied(): string {
    return JSON.stringify(resourcesOf(this.site));
  }

  async stopHub(): Promise<void> {
    await this.hub?.stop();
    this.#left = this.hub?.folder;
  }

  /** The hub is killed where it stands; another one starts a while later. */
  killHub(loud: boolean, backInMs: number): void {
    const life = this.hub;
    if (!life?.alive) return;
    this.trace.add('world', `hub ${life.number} is killed${loud ? '' : ', with its machine'}`);
    this.#killAfter = Infinity;
    life.kill(loud);
    // What it had committed at this very moment is what the next one finds.
    this.#left = life.leave();
    this.begin('a start after a kill', async () => {
      await this.time.sleep(0);
      await life.close();
      await this.time.sleep(backInMs);
      await this.startHub();
    });
  }

  /** The next hub to pass so many places is killed there. */
  killAfterCrossings(n: number): void {
    this.#killAfter = this.crossings + n;
  }

  /** A hub that dies takes with it what it only knew: killed sooner or later between two changes is all the same. */
  #stepped(): void {
    const { hub } = this;
    const now = `${String(hub?.dataVersion)} ${this.crossings} ${this.trace.lines.length}`;
    if (!hub || now === this.#lastStep) return;
    this.#crossing(hub, 'stands between two steps');
    this.#lastStep = `${String(hub.dataVersion)} ${this.crossings} ${this.trace.lines.length}`;
  }

  #crossing(life: Life, what: string): void {
    if (life !== this.hub || !life.alive || !this.hub.hub) return;
    if (++this.crossings < this.#killAfter) return;
    this.trace.add('world', `hub ${life.number} ${what}`);
    this.onKilled(what);
    this.killHub(this.dice.happens(0.8), this.dice.between(1, 20) * 1000);
  }

  /** An operator does something; what is refused is refused. */
  async operate(method: string, path: string, body: unknown = {}): Promise<unknown> {
    try {
      return await this.hub?.operate(method, path, body);
    } catch (error) {
      this.trace.add('operator', `${method} ${path}: ${messageOf(error)}`);
      return undefined;
    }
  }

  // The people.

  #seat(name: string, seed: number): ThinClient {
    return new ThinClient(name, {
      dice: new Dice(seed, `seat ${name}`),
      hub: () => this.hub,
      onChange: (what) => this.trace.add(name, what),
      countsInput: this.site.rules.idle !== undefined,
    });
  }

  #person(user: string, seed: number): Person {
    return new Person(user, {
      time: this.time,
      dice: new Dice(seed, `person ${user}`),
      directory: this.directory,
      seats: this.seats,
      places: this.places,
      trace: (what) => this.trace.add('people', what),
      isRestless: () => this.restless,
      onLoss: (person, seat) => this.rules.loses(person, seat),
      onComplaint: (desktop) => this.complaints.add(desktop),
    });
  }

  #strangersServers(): Server[] {
    const { cloud } = this;
    const { installation } = cloud;
    const caller = {
      userId: installation.users[0]!.id,
      projectId: installation.projects[0]!.id,
      isAdmin: false,
      requestId: 'req-neighbour',
    };
    const order = (name: string, metadata: Record<string, string>, tags: string[]) =>
      createServers(
        cloud,
        {
          name,
          metadata,
          tags,
          hostName: undefined,
          description: null,
          flavorId: installation.flavors[0]!.id,
          imageId: installation.images[0]!.id,
          wiring: 'auto',
          zone: undefined,
          userData: null,
          configDrive: false,
          hints: {},
          securityGroups: [],
          least: 1,
          most: 1,
        },
        caller,
      );
    const other = 'ins_00000000000000000000';
    return [
      ...order('standard-1', {}, []),
      ...order(
        'standard-2',
        {
          'anyseat.installation': other,
          'anyseat.desktop': 'dt_other',
          'anyseat.pool': 'standard',
          'anyseat.revision': '1',
        },
        ['anyseat', `anyseat-${other}`],
      ),
    ];
  }

  /** What is left at the end: no password anywhere on the disk (rule 8), and a chain of audit rows that is whole. */
  async lastLook(): Promise<void> {
    const { hub } = this;
    const audit = await hub?.verifyAudit();
    if (audit?.brokenAt !== undefined) this.violate('3', `the audit chain is broken at ${audit.brokenAt}`);
    for (const end of ['', '-wal']) {
      const file = (hub?.file ?? '') + end;
      if (existsSync(file) && statSync(file).size > 0 && readFileSync(file).includes(MARK))
        this.violate('8', `a password stands in ${end === '' ? 'the store' : 'the write-ahead log'}`);
    }
    const said = this.trace.lines.find((line) => line.includes(MARK));
    if (said !== undefined) this.violate('8', `a password stands in the log: ${said}`);
    for (const server of this.foreign) {
      const now = this.cloud.server(server.id);
      if (!now) this.violate('4', `${server.name} was not ours, and is gone`);
    }
  }

  async close(): Promise<void> {
    const { hub } = this;
    hub?.kill(true);
    await hub?.close();
  }

  [Symbol.dispose](): void {
    this.minicloud[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
