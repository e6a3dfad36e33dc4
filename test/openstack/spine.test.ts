import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { DesktopView, Grant } from '@anyseat/protocol';
import { proveIdentity } from '@anyseat/spice';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite, temporaryFolder, writeUsers } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { installationTag } from '../../hub/src/domain/naming.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { Neighbours } from './neighbours.ts';
import { Screens } from './screens.ts';

/**
 * A pool's whole life on a real Nova (its fake driver), Neutron and Keystone, with the hub as a process that is killed in the
 * middle, and with somebody else in the same project. The tests are one story, in their order.
 */
const FLOOR = 20;
/** Twenty servers with ports are a minute of work for two processors that others use as well. */
const FILLED_WITHIN_MS = 420_000;

const lab = theLab();
const people = ['anna', 'bernd'];
let s: Stage;

interface Stage extends AsyncDisposable {
  hub: HubProcess;
  neighbours: Neighbours;
  screens: Screens;
  tag: string;
  /** Ports that were there before the pool. */
  portsBefore: string[];
  seat: (name: string) => Promise<SeatClient>;
}

async function stage(): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('spine')).path;
  const screens = opening.use(new Screens(lab!));
  const neighbours = opening.use(new Neighbours(lab!));
  await writeUsers(join(folder, 'users.yaml'), people);
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: { default: { cloud: 'lab', adminCloud: 'lab-admin', cloudsFile: lab!.cloudsFile } },
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
    }),
  );
  const { installation } = await hub.status();
  await neighbours.moveIn(installation, 'standard-1');
  const portsBefore = await neighbours.ports();
  const kept = opening.move();
  return {
    hub,
    neighbours,
    screens,
    tag: installationTag(installation),
    portsBefore,
    seat: async (name) => {
      const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: name });
      const client = kept.use(await SeatClient.connect(hub.url, { token }));
      await client.welcome();
      return client;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const pool = () =>
  smallSite(2, {
    image: lab!.names.image,
    flavor: lab!.names.flavor,
    networks: [lab!.names.network],
    floor: FLOOR,
    ceiling: FLOOR + 2,
  });

const desktops = () => s.hub.get('desktops');
const serverIds = (all: readonly DesktopView[]): string[] => all.flatMap((d) => d.serverId ?? []).toSorted();

/** As soon as a desktop has a server, the server has a screen, its own unless said otherwise. */
async function furnish(whose: (id: string) => string = (id) => id): Promise<DesktopView[]> {
  const all = await desktops();
  await s.screens.giveTo(serverIds(all), whose);
  return all;
}

/** What people see of a grant's display: which server is behind it. */
async function behind({ display }: Grant): Promise<string | undefined> {
  const proof = await proveIdentity(display);
  return proof.outcome === 'proved' ? proof.uuid : undefined;
}

describe('a pool on OpenStack', () => {
  beforeAll(async () => {
    if (lab) s = await stage();
  });
  afterAll(() => s?.[Symbol.asyncDispose]());

  const inTheLab = (name: string, work: () => Promise<void>) =>
    test(name, (ctx: TestContext) => (lab ? work() : ctx.skip(NO_LAB)));

  inTheLab(
    'fills to its floor over the death of its hub, no server twice, and counts no screen of another',
    async () => {
      await s.hub.apply(pool());
      let impostor: string | undefined;
      const other = '00000000-0000-4000-8000-000000000000';
      const furnished = () => furnish((id) => ((impostor ??= id) === id ? other : id));
      await waitFor('a few servers', async () => serverIds(await furnished()).length >= 4, FILLED_WITHIN_MS);
      await s.hub.killAndRestart();
      const all = await waitFor(
        'nineteen of twenty to be ready',
        async () => {
          const now = await furnished();
          return now.filter((d) => d.state === 'ready').length >= FLOOR - 1 ? now : undefined;
        },
        FILLED_WITHIN_MS,
      );
      const last = all.find((d) => d.serverId === impostor)!;
      expect(last.state).toBe('booting');
      s.screens.show(impostor!, impostor!);
      await waitFor(
        'the twentieth',
        async () => (await furnished()).every((d) => d.state === 'ready'),
        60_000,
      );
      const servers = await s.neighbours.tagged(s.tag);
      expect(servers.map((server) => server.id).toSorted()).toEqual(serverIds(await desktops()));
      expect(servers.map((server) => server.status)).toEqual(Array<string>(FLOOR).fill('ACTIVE'));
      expect((await s.neighbours.ports()).length).toBe(s.portsBefore.length + FLOOR);
      // Where they are is the scheduler's to say: a host on which builds failed lately is avoided.
      const strange = (await desktops()).filter((d) => d.host !== 'lab1' && d.host !== 'lab2');
      expect(strange).toEqual([]);
    },
  );

  inTheLab('a login claims one, and its screen is that server’s', async () => {
    const seat = await s.seat('s1');
    const grant = await seat.granted('anna', PASSWORD);
    const own = (await desktops()).find((d) => d.user === 'anna')!;
    expect(grant.display).toMatchObject({ kind: 'spice', port: s.screens.portOf(own.serverId!) });
    expect(await behind(grant)).toBe(own.serverId);
    await seat.viewer(grant, 'connected');
    const used = own.serverId!;
    seat.send({
      type: 'logoff',
      requestId: 'logoff-anna',
      sessionId: grant.sessionId,
      secret: grant.resumeSecret,
    });
    expect(await seat.frame('release')).toMatchObject({ code: 'logged-off' });

    // The lease has ended: that server is gone for good, and another one makes the floor whole.
    const full = await waitFor(
      'a pool of ready desktops again',
      async () => {
        const now = await furnish();
        return now.length === FLOOR && now.every((d) => d.state === 'ready') ? now : undefined;
      },
      FILLED_WITHIN_MS,
    );
    expect(serverIds(full)).not.toContain(used);
    expect((await s.neighbours.tagged(s.tag)).map((server) => server.id).toSorted()).toEqual(serverIds(full));
  });

  inTheLab(
    'with Nova’s API down a ready desktop is still handed out, proved to be the right one',
    async () => {
      const seat = await s.seat('s2');
      await lab!.end('nova-api', 'SIGKILL');
      const grant = await seat.granted('bernd', PASSWORD);
      const own = (await desktops()).find((d) => d.user === 'bernd')!;
      expect(await behind(grant)).toBe(own.serverId);
      const { sessionId, resumeSecret: secret } = grant;
      seat.send({ type: 'logoff', requestId: 'logoff-bernd', sessionId, secret });
      expect(await seat.frame('release')).toMatchObject({ code: 'logged-off' });
      await lab!.bringBack();
      await waitFor(
        'what was used to be gone',
        async () => !serverIds(await furnish()).includes(own.serverId!),
        FILLED_WITHIN_MS,
      );
    },
  );

  inTheLab('deleted, it leaves no server and no port behind, and touched nobody else’s', async () => {
    const before = await s.neighbours.look();
    expect(before.map((server) => server.status)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']);
    const { sites } = smallSite(0);
    await s.hub.apply({ sites }, { prune: true });
    await waitFor(
      'every server to be gone',
      async () => (await s.neighbours.tagged(s.tag)).length === 0,
      FILLED_WITHIN_MS,
    );
    await waitFor('the hub to see it', async () => (await desktops()).length === 0, 60_000);
    await waitFor(
      'every port to be gone',
      async () => JSON.stringify(await s.neighbours.ports()) === JSON.stringify(s.portsBefore),
      60_000,
    );
    expect(await s.neighbours.look()).toEqual(before);
    expect((await s.hub.ask<{ verified: object }>('GET', '/audit?verify=true')).verified).not.toHaveProperty(
      'brokenAt',
    );
  });
});
