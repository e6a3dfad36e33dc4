import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { DesktopView } from '@anyseat/protocol';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite, temporaryFolder, writeUsers } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { installationTag } from '../../hub/src/domain/naming.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { ListingWatch } from './listingWatch.ts';
import { Neighbours } from './neighbours.ts';
import { Screens } from './screens.ts';
import { StrangerHand } from './strangerHand.ts';

/**
 * Two hundred desktops on a real Nova (its fake driver), filled while everything goes wrong that an operator's night may
 * hold, and counted from Nova's own listing. The tests are one story, in their order.
 *
 * Most are without a port, which is three quarters of a server's work for the lab; those of `office` have one, and a
 * screen that their readiness is proved by.
 */
const FLOORS = { office: 20, wide: 180 };
const FLOOR = FLOORS.office + FLOORS.wide;
/** On their way at once, in both pools. */
const BUDGET = 20;
const KILLS = 10;
/** Of the filling, for two processors that others use as well. */
const WITHIN_MS = 840_000;

const lab = theLab();
let s: Stage;

interface Stage extends AsyncDisposable {
  hub: HubProcess;
  neighbours: Neighbours;
  watch: ListingWatch;
  hand: StrangerHand;
  seat: SeatClient;
  tag: string;
  /** Before the pools. */
  before: { ports: string[]; neighbours: unknown };
}

async function stage(): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('pool200')).path;
  const screens = opening.use(new Screens(lab!));
  const neighbours = opening.use(new Neighbours(lab!));
  const hand = opening.use(new StrangerHand(lab!));
  await writeUsers(join(folder, 'users.yaml'), ['anna']);
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: { default: { cloud: 'lab', adminCloud: 'lab-admin', cloudsFile: lab!.cloudsFile } },
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
      more: { boots: { most: BUDGET, perHost: BUDGET / 2, perHostMost: BUDGET / 2 } },
    }),
  );
  const { installation } = await hub.status();
  await neighbours.moveIn(installation, 'wide-1');
  const before = { ports: await neighbours.ports(), neighbours: await neighbours.look() };
  await hub.apply(resources());
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
  const seat = opening.use(await SeatClient.connect(hub.url, { token }));
  const tag = installationTag(installation);
  const watch = opening.use(
    new ListingWatch(
      () => neighbours.tagged(tag),
      (servers) =>
        screens.giveTo(
          servers.filter((server) => server.name.startsWith('office-')).map(({ id }) => id),
          (id) => id,
        ),
    ),
  );
  const kept = opening.move();
  return {
    hub,
    neighbours,
    watch,
    hand,
    seat,
    tag,
    before,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function resources() {
  const { sites, seats, pools, allocators } = smallSite(1, {}, { pools: ['office'] });
  const made = { ...pools.standard, image: lab!.names.image, flavor: lab!.names.flavor };
  const office = { networks: [lab!.names.network], floor: FLOORS.office, ceiling: FLOORS.office + 8 };
  // The dead take their time: what a host that is away was to build is no boot that fails.
  const slow = { boots: BUDGET, toActiveSeconds: 1800 };
  const wide = {
    networks: 'none',
    readiness: { kind: 'none' },
    floor: FLOORS.wide,
    ceiling: FLOORS.wide + 16,
  };
  return {
    sites,
    seats,
    allocators,
    pools: { office: { ...made, ...slow, ...office }, wide: { ...made, ...slow, ...wide } },
  };
}

const desktops = (): Promise<DesktopView[]> => s.hub.get('desktops');
const annas = async (): Promise<DesktopView | undefined> =>
  (await desktops()).find((desktop) => desktop.user === 'anna');

const servers = (count: number) =>
  waitFor(`${count} servers in Nova’s listing`, () => s.watch.servers.length >= count, WITHIN_MS);

const readyOf = (all: readonly DesktopView[], pool: keyof typeof FLOORS): DesktopView[] =>
  all.filter((desktop) => desktop.pool === pool && desktop.state === 'ready');

describe('two hundred desktops on OpenStack', () => {
  let sitsAt: Pick<DesktopView, 'serverId' | 'session' | 'host'>;

  beforeAll(async () => {
    if (lab) s = await stage();
  });
  afterAll(() => s?.[Symbol.asyncDispose]());

  const inTheLab = (name: string, work: () => Promise<void>) =>
    test(name, (ctx: TestContext) => (lab ? work() : ctx.skip(NO_LAB)));

  /** Whatever happened: the same session, the same server. */
  const annaSitsStill = async () => expect(await annas()).toMatchObject(sitsAt);

  inTheLab('the first is handed out while the others are made', async () => {
    await waitFor('a first one', async () => readyOf(await desktops(), 'office').length > 0, WITHIN_MS);
    await s.seat.welcome();
    const grant = await s.seat.granted('anna', PASSWORD);
    await s.seat.viewer(grant, 'connected');
    const { serverId, session, host } = (await annas())!;
    sitsAt = { serverId, session, host };
    expect(sitsAt).toEqual({
      serverId: expect.any(String),
      session: grant.sessionId,
      host: expect.any(String),
    });
  });

  inTheLab(`the hub is killed ${KILLS} times at any moment of the filling, and goes on`, async () => {
    for (let kill = 1; kill <= KILLS; kill++) {
      await servers(8 * kill);
      await systemClock.sleep(randomInt(0, 2500));
      await s.hub.killAndRestart();
      await annaSitsStill();
    }
  });

  inTheLab('a quota below the floor is told, and kept to, and what was made serves on', async () => {
    {
      await using quota = await s.hand.allowMore(10);
      await waitFor(
        'a pool that says so',
        async () => (await s.hub.get('pools')).some((pool) => pool.words.includes('quota is used up')),
        WITHIN_MS,
      );
      // What was under way when it was cut is looked at by Nova once more, and mostly but not always taken back.
      expect(await s.hand.serversUsed()).toBeLessThanOrEqual(quota.most + BUDGET);
      expect((await s.neighbours.tagged(s.tag)).length).toBeLessThan(FLOOR);
    }
    await annaSitsStill();
  });

  inTheLab('the compute service that anna’s desktop is on dies, and she is not moved', async () => {
    const host = sitsAt.host!;
    await servers(110);
    await lab!.end(`nova-compute-${host}`, 'SIGKILL');
    await waitFor('Nova to miss it', async () => !(await s.hand.seesUp(host)), 180_000);
    await waitFor(
      'the hub to see it',
      async () => (await s.hub.get('hosts')).find((one) => one.name === host)?.state === 'down',
      60_000,
    );
    await annaSitsStill();
    await lab!.bringBack();
    await waitFor('Nova to see it again', () => s.hand.seesUp(host), 180_000);
    await annaSitsStill();
  });

  inTheLab(
    'one that is removed behind its back and one in ERROR are replaced, and the floor is met',
    async () => {
      const ready = readyOf(await desktops(), 'wide').map((desktop) => desktop.serverId!);
      const [removed, failed] = [ready.at(0)!, ready.at(-1)!];
      await s.hand.remove(removed);
      await s.hand.putIntoError(failed);
      const all = await waitFor(
        'both floors',
        async () => {
          const now = await desktops();
          const serving = now
            .filter((desktop) => desktop.state === 'ready')
            .map((desktop) => desktop.serverId);
          if (serving.includes(removed) || serving.includes(failed)) return undefined;
          const isFull = (pool: keyof typeof FLOORS) => readyOf(now, pool).length >= FLOORS[pool];
          const isCalm = now.every(({ state }) => ['ready', 'leased', 'broken'].includes(state));
          return isFull('office') && isFull('wide') && isCalm ? now : undefined;
        },
        WITHIN_MS,
      );
      expect(s.watch.mostBuilding).toBeLessThanOrEqual(BUDGET);

      // Every server of ours has its row and every row its server; two hundred of them are whole.
      const listed = await s.neighbours.tagged(s.tag);
      const known = all.flatMap((desktop) => desktop.serverId ?? []);
      expect(listed.map(({ id }) => id).toSorted()).toEqual(known.toSorted());
      const serving = new Set(all.filter(({ state }) => state === 'ready').map(({ serverId }) => serverId));
      const whole = listed.filter((server) => server.status === 'ACTIVE' && serving.has(server.id));
      expect(whole.length).toBeGreaterThanOrEqual(FLOOR);
      expect(listed.find(({ id }) => id === removed)).toBeUndefined();
      // No port but those of servers that are there.
      const ports = (await s.neighbours.ports()).filter((port) => !s.before.ports.includes(port));
      const withPort = new Set(listed.filter(({ name }) => name.startsWith('office-')).map(({ id }) => id));
      const strayPorts = ports.filter((port) => !withPort.has(port.slice(port.lastIndexOf(' ') + 1)));
      expect(strayPorts).toEqual([]);
      expect(await s.neighbours.look()).toEqual(s.before.neighbours);
    },
  );

  inTheLab('after all that anna finds her desktop where she left it', async () => {
    await annaSitsStill();
    await using again = await SeatClient.connect(s.hub.url, { key: s.seat.key });
    await again.welcome();
    const grant = await again.granted('anna', PASSWORD);
    expect(grant.sessionId).toBe(sitsAt.session);
    expect((await annas())?.serverId).toBe(sitsAt.serverId);
    const { sessionId, resumeSecret: secret } = grant;
    again.send({ type: 'logoff', requestId: 'logoff-anna', sessionId, secret });
    expect(await again.frame('release')).toMatchObject({ code: 'logged-off' });
  });

  inTheLab('deleted, both pools leave no server and no port behind', async () => {
    const { sites } = smallSite(0);
    await s.hub.apply({ sites }, { prune: true });
    await waitFor('every server to be gone', () => s.watch.servers.length === 0, WITHIN_MS);
    await waitFor('the hub to see it', async () => (await desktops()).length === 0, 120_000);
    await waitFor(
      'every port to be gone',
      async () => JSON.stringify(await s.neighbours.ports()) === JSON.stringify(s.before.ports),
      120_000,
    );
    expect(await s.neighbours.look()).toEqual(s.before.neighbours);
    const audit = await s.hub.ask<{ verified: object }>('GET', '/audit?verify=true');
    expect(audit.verified).not.toHaveProperty('brokenAt');
  });
});
