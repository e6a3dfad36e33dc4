import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { newId, systemClock, toFault } from '@anyseat/base';
import {
  createServer,
  forceDeleteServer,
  listFlavors,
  imagesNamed,
  lockServer,
  openSession,
  resetState,
  stopServer,
  unlockServer,
  type Session,
} from '@anyseat/openstack';
import type { Cloud, CloudServer, ServerOrder } from '../../../hub/src/cloud/cloud.ts';
import { installationTag } from '../../../hub/src/domain/naming.ts';
import { waitFor } from '../../e2e/parts/waitFor.ts';
import { cheapOrder, clearAway, isState, openBenchCloud, seenAs, type CloudBench } from './cloudBench.ts';

/**
 * What every cloud behind the port does: the same tests on minicloud and on a real OpenStack. Each test has an installation tag
 * of its own, and takes away what it made.
 */
export function cloudContract(name: string, provide: () => Promise<CloudBench>): void {
  describe(name, () => {
    let bench: CloudBench;
    let cloud: Cloud;
    let member: Session;
    let admin: Session;

    beforeAll(async () => {
      bench = await provide();
      cloud = await openBenchCloud(bench);
      member = openSession({ credentials: bench.member, clock: systemClock });
      admin = openSession({ credentials: bench.admin, clock: systemClock });
    });

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
      await member?.[Symbol.asyncDispose]();
      await admin?.[Symbol.asyncDispose]();
      await bench?.[Symbol.asyncDispose]();
    });

    /** Runs with a tag of its own, and clears away. */
    async function withTag(work: (tag: string) => Promise<void>): Promise<void> {
      const tag = installationTag(newId('installation', systemClock.now()));
      try {
        await work(tag);
      } finally {
        await clearAway(cloud, tag, bench.patienceMs);
      }
    }

    const order = (tag: string, label: string, more?: Parameters<typeof cheapOrder>[3]): ServerOrder =>
      cheapOrder(
        bench,
        `as-${label}-${newId('desktop', systemClock.now()).slice(-8)}`,
        ['anyseat', tag],
        more,
      );
    const running = (id: string) => seenAs(cloud, id, isState('running'), bench.patienceMs);
    const faultOf = async (work: Promise<unknown>) => {
      const error: unknown = await work.then(
        () => new Error('it went well'),
        (thrown: unknown) => thrown,
      );
      const { code, retry, message } = toFault(error);
      return { code, retry, message };
    };
    /** Skips with the bench's reason. */
    const needs = (ctx: TestContext, what: keyof CloudBench & string, thing: unknown) => {
      if (thing === undefined) ctx.skip(bench.cannot?.[what] ?? `${name} cannot provoke this (${what})`);
    };

    test('a server is ordered, runs, is listed as it was ordered, shows its display, is removed and is gone', () =>
      withTag(async (tag) => {
        const wanted = order(tag, 'life', {
          spec: { networks: [bench.network] },
          metadata: { 'anyseat.pool': 'desks' },
        });
        const { id } = await cloud.create({ ...wanted, userData: '#cloud-config\n' });
        const server = await running(id);
        const listing = await cloud.list(tag);
        expect(listing).toEqual({
          servers: [server],
          complete: true,
          startedAt: expect.any(Number) as number,
        });
        expect(server).toMatchObject({
          id,
          name: wanted.name,
          state: 'running',
          words: 'ACTIVE',
          metadata: wanted.metadata,
          host: expect.any(String) as string,
          hostId: expect.any(String) as string,
          hostUp: true,
          fault: undefined,
          addresses: [expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as string],
        });
        expect(listing.servers[0]?.tags.toSorted()).toEqual(['anyseat', tag].toSorted());
        expect(Math.abs(listing.servers[0]!.createdAt - systemClock.now())).toBeLessThan(
          bench.patienceMs + 60_000,
        );
        const endpoint = await cloud.endpoint(id);
        expect(endpoint.host).not.toBe('');
        expect(endpoint.port ?? endpoint.tlsPort).toBeGreaterThan(0);
        await cloud.remove(id);
        expect(await seenAs(cloud, id, isState('gone'), bench.patienceMs)).toBe('gone');
        expect((await cloud.list(tag)).servers).toEqual([]);
      }));

    test('a server is found by its tag from the moment the order was taken', () =>
      withTag(async (tag) => {
        const own = `${tag}-x`.slice(0, 60);
        const { id } = await cloud.create({ ...order(tag, 'found'), tags: ['anyseat', tag, own] });
        const found = await cloud.withTag(own);
        expect(found.servers.map((server) => server.id)).toEqual([id]);
        expect(['building', 'running']).toContain(found.servers[0]?.state);
      }));

    test('a listing goes over all pages, complete, with every server once', () =>
      withTag(async (tag) => {
        const ids = await Promise.all(
          Array.from({ length: 7 }, async (_, i) => (await cloud.create(order(tag, `page${i}`))).id),
        );
        await Promise.all(ids.map(running));
        await using narrow = await openBenchCloud(bench, { pageSize: 2 });
        const listing = await narrow.list(tag);
        expect({ complete: listing.complete, ids: listing.servers.map((s) => s.id).toSorted() }).toEqual({
          complete: true,
          ids: ids.toSorted(),
        });
      }));

    test('servers of others in the same project are never listed', () =>
      withTag(async (tag) => {
        const ours = await cloud.create(order(tag, 'ours'));
        const [image] = await imagesNamed(member.image, bench.image);
        const flavor = (await listFlavors(member.compute)).find((one) => one.name === bench.flavor);
        const theirs = await createServer(member.compute, {
          name: `as-theirs-${randomUUID().slice(0, 8)}`,
          hostname: 'theirs',
          imageRef: image!.id,
          flavorRef: flavor!.id,
          networks: 'none',
          metadata: {},
          tags: ['anyseat', `${tag}0`],
          config_drive: false,
        });
        try {
          expect((await cloud.list(tag)).servers.map((server) => server.id)).toEqual([ours.id]);
          expect((await cloud.withTag(tag)).servers.map((server) => server.id)).toEqual([ours.id]);
        } finally {
          await cloud.remove(theirs.id);
          await seenAs(cloud, theirs.id, isState('gone'), bench.patienceMs);
        }
      }));

    test('an order beyond the quota is refused as such, and nothing is left', async (ctx) => {
      needs(ctx, 'tiny', bench.tiny);
      const tag = installationTag(newId('installation', systemClock.now()));
      await using tiny = await openBenchCloud({ member: bench.tiny! });
      try {
        const first = await tiny.create(order(tag, 'tiny1'));
        await seenAs(tiny, first.id, isState('running'), bench.patienceMs);
        expect(await faultOf(tiny.create(order(tag, 'tiny2')))).toEqual({
          code: 'cloud-quota',
          retry: 'terminal',
          message: expect.stringContaining('Quota exceeded') as string,
        });
        expect((await tiny.list(tag)).servers.map((server) => server.id)).toEqual([first.id]);
      } finally {
        await clearAway(tiny, tag, bench.patienceMs);
      }
    });

    test('an image, a flavor and networks that are not there are told all at once', () =>
      withTag(async (tag) => {
        const spec = {
          image: 'no-image',
          flavor: 'no-flavor',
          networks: [bench.network, 'no-net', randomUUID()],
        };
        expect(await faultOf(cloud.create(order(tag, 'names', { spec })))).toEqual({
          code: 'cloud-refused-order',
          retry: 'terminal',
          message: [
            'there is no image no-image that this project may use',
            'there is no flavor no-flavor that this project may use',
            'there is no network no-net that this project may use',
            `there is no network ${spec.networks[2]} that this project may use`,
          ].join('; '),
        });
        expect((await cloud.list(tag)).servers).toEqual([]);
      }));

    test('what only the cloud can see is refused in its own words', () =>
      withTag(async (tag) => {
        expect(
          await faultOf(cloud.create(order(tag, 'zone', { spec: { availabilityZone: 'mars' } }))),
        ).toEqual({
          code: 'cloud-refused-order',
          retry: 'terminal',
          message:
            'compute: could not create a server: 400: The requested availability zone is not available',
        });
      }));

    test('tags, metadata and names that no cloud takes are refused before anything is asked', () =>
      withTag(async (tag) => {
        const tooMuch = {
          ...order(tag, 'limits'),
          hostName: 'under_score',
          tags: Array.from({ length: 51 }, (_, i) => `t${i}`),
          metadata: { long: 'x'.repeat(256) },
        };
        expect(await faultOf(cloud.create(tooMuch))).toEqual({
          code: 'cloud-refused-order',
          retry: 'terminal',
          message:
            'under_score is not a host name of 63 letters, digits and dashes at most; 51 tags are too many; 50 are allowed; the metadata long is longer than 255 characters',
        });
      }));

    test('a server that no host was found for is failed, with the scheduler’s words and no display', (ctx) => {
      needs(ctx, 'hugeFlavor', bench.hugeFlavor);
      return withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'huge', { spec: { flavor: bench.hugeFlavor } }));
        expect(await seenAs(cloud, id, isState('failed'), bench.patienceMs)).toMatchObject({
          state: 'failed',
          words: 'ERROR',
          host: undefined,
          fault: { code: 500, message: 'No valid host was found.' },
        });
        expect(await faultOf(cloud.endpoint(id))).toMatchObject({
          code: 'cloud-no-console',
          retry: 'transient',
        });
        expect((await cloud.list(tag)).servers.map((server) => server.state)).toEqual(['failed']);
      });
    });

    test('a server that could not be built is failed, with the cloud’s words', (ctx) => {
      needs(ctx, 'failBuild', bench.failBuild);
      return withTag(async (tag) => {
        const { metadata, words } = await bench.failBuild!();
        const { id } = await cloud.create(order(tag, 'spawn', metadata === undefined ? {} : { metadata }));
        expect(await seenAs(cloud, id, isState('failed'), bench.patienceMs)).toMatchObject({
          state: 'failed',
          fault: { code: 500, message: expect.stringMatching(words) as string },
        });
      });
    });

    test('a server in ERROR without a fault is failed all the same', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'silent'));
        await running(id);
        await resetState(admin.compute, id, 'error');
        expect(await cloud.server(id)).toMatchObject({ state: 'failed', words: 'ERROR', fault: undefined });
      }));

    test('a server that is being deleted is leaving, though the cloud still says ACTIVE, and asking again is no error', (ctx) => {
      needs(ctx, 'holdDeletes', bench.holdDeletes);
      return withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'leaving'));
        await running(id);
        {
          await using _held = await bench.holdDeletes!();
          await cloud.remove(id);
          expect(await cloud.server(id)).toMatchObject({ state: 'leaving', words: 'ACTIVE/deleting' });
          expect((await cloud.list(tag)).servers.map((server) => server.state)).toEqual(['leaving']);
          expect(await faultOf(cloud.endpoint(id))).toMatchObject({
            code: 'cloud-no-console',
            retry: 'transient',
          });
          await cloud.remove(id);
        }
        // What was held may need a push: the way an operator has.
        if ((await cloud.server(id)) !== 'gone') {
          await resetState(admin.compute, id, 'error').catch(() => undefined);
          await cloud.remove(id);
        }
        expect(await seenAs(cloud, id, isState('gone'), bench.patienceMs)).toBe('gone');
      });
    });

    test('while a cell is down its servers are not listed, the listing is not complete, and by id they are unknown', (ctx) => {
      needs(ctx, 'breakCell', bench.breakCell);
      return withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'cell'));
        await running(id);
        {
          await using _broken = await bench.breakCell!();
          expect(await cloud.list(tag)).toMatchObject({ servers: [], complete: false });
          expect(await cloud.withTag(tag)).toMatchObject({ servers: [], complete: false });
          expect(await cloud.server(id)).toMatchObject({ id, state: 'unknown', words: 'UNKNOWN' });
          expect(await faultOf(cloud.endpoint(id))).toMatchObject({
            code: 'cloud-no-console',
            retry: 'transient',
          });
          expect(await faultOf(cloud.remove(id))).toMatchObject({
            code: 'cloud-unreachable',
            retry: 'transient',
          });
        }
        expect(await cloud.list(tag)).toMatchObject({ servers: [{ id, state: 'running' }], complete: true });
      });
    });

    test('a server is never seen running again after its removal was asked for', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'after'));
        await running(id);
        await cloud.remove(id);
        const seen = new Set<string>();
        const end = systemClock.monotonic() + bench.patienceMs;
        for (let state = ''; state !== 'gone' && systemClock.monotonic() < end;) {
          const server = await cloud.server(id);
          state = server === 'gone' ? 'gone' : server.state;
          seen.add(state);
        }
        expect([...seen].filter((state) => state !== 'leaving')).toEqual(['gone']);
      }));

    test('a token that is over is replaced, and nobody notices', async (ctx) => {
      needs(ctx, 'expiry', bench.expiry);
      const { credentials, clock, over } = bench.expiry!;
      const told: string[] = [];
      await using lasting = await openBenchCloud({ member: credentials }, { clock, told });
      const id = randomUUID();
      expect(await lasting.server(id)).toBe('gone');
      await over();
      expect(await Promise.all([lasting.server(id), lasting.server(id), lasting.server(id)])).toEqual([
        'gone',
        'gone',
        'gone',
      ]);
      expect(told.filter((line) => line === 'a token was issued')).toHaveLength(2);
    });

    test('what needs a newer cloud is refused in words', async () => {
      const call = {
        method: 'GET',
        path: '/servers',
        what: 'look ahead',
        version: { want: '2.999', least: '2.999' },
      } as const;
      expect(await faultOf(member.compute.call(call))).toEqual({
        code: 'cloud-settings',
        retry: 'terminal',
        message: expect.stringMatching(
          /^this cloud is too old: its compute service offers microversion 2\.\d+ at most, and 2\.999 is needed$/,
        ) as string,
      });
    });

    test('of an id that nobody knows it is said that it is gone, and removing it is no error', async () => {
      const id = randomUUID();
      expect([await cloud.server(id), await cloud.server('nope'), await cloud.remove(id)]).toEqual([
        'gone',
        'gone',
        undefined,
      ]);
      expect(await faultOf(cloud.endpoint(id))).toMatchObject({
        code: 'cloud-no-console',
        retry: 'transient',
      });
      expect(await faultOf(cloud.start(id))).toMatchObject({
        code: 'cloud-refused-order',
        retry: 'terminal',
      });
    });

    test('a stopped server is seen as such and started, and starting what runs is no error', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'stop'));
        await running(id);
        await cloud.start(id);
        await stopServer(member.compute, id);
        await seenAs(cloud, id, isState('stopped'), bench.patienceMs + 60_000);
        await cloud.start(id);
        await cloud.start(id);
        expect(await running(id)).toMatchObject({ state: 'running' });
      }));

    test('a server is switched off, asked twice, and its ports are those of the project that are on it', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'off', { spec: { networks: [bench.network] } }));
        await running(id);
        expect((await cloud.ports()).filter((port) => port.serverId === id)).toEqual([
          { id: expect.any(String) as string, serverId: id },
        ]);
        await cloud.stop(id);
        await cloud.stop(id);
        expect(await seenAs(cloud, id, isState('stopped'), bench.patienceMs + 60_000)).toMatchObject({
          state: 'stopped',
        });
      }));

    test('a server is rebuilt: the same one, and whether it was is known by the mark that the order left', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'rebuild'));
        const before = (await running(id)) as CloudServer;
        const mark = { 'anyseat.rebuild': '2' };
        expect(await cloud.rebuilt(id, mark)).toBe('not-taken');
        const metadata = { ...before.metadata, ...mark };
        const image = await cloud.image(bench.image);
        await cloud.rebuild(id, { image, hostName: 'made-anew', metadata, userData: 'hello' });
        await waitFor(
          'the rebuild',
          async () => (await cloud.rebuilt(id, mark)) === 'done',
          bench.patienceMs,
        );
        const { host, hostId, tags } = before;
        expect(await running(id)).toMatchObject({
          id,
          host,
          hostId,
          tags,
          metadata,
          createdAt: before.createdAt,
        });
        expect(await cloud.rebuilt(id, { 'anyseat.rebuild': '3' })).toBe('not-taken');
        expect(await cloud.whyNotRebuilt({ image: bench.image, flavor: bench.flavor })).toBeUndefined();
        await cloud.remove(id);
        await seenAs(cloud, id, isState('gone'), bench.patienceMs);
        expect(await cloud.rebuilt(id, mark)).toBe('gone');
      }));

    test('a server that is no more is not rebuilt, and a locked one is refused in words', () =>
      withTag(async (tag) => {
        const image = await cloud.image(bench.image);
        const anew = { image, hostName: 'made-anew', metadata: {}, userData: undefined };
        await expect(cloud.rebuild(randomUUID(), anew)).rejects.toMatchObject({
          code: 'cloud-refused-order',
        });
        const { id } = await cloud.create(order(tag, 'locked-rebuild'));
        await running(id);
        await lockServer(member.compute, id, 'somebody looks at it');
        await expect(cloud.rebuild(id, anew)).rejects.toMatchObject({
          code: 'cloud-refused-order',
          message: expect.stringContaining('locked') as string,
        });
        await unlockServer(member.compute, id);
      }));

    test('the last lines of a server’s console are told while it is there, and of one that is gone none', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'console'));
        await running(id);
        const log = await cloud.consoleLog(id, 1);
        expect(log).toEqual(expect.any(String));
        // A line may be empty; there is never more than was asked for.
        expect(log!.trimEnd().split('\n').length).toBe(1);
        await cloud.remove(id);
        await seenAs(cloud, id, isState('gone'), bench.patienceMs);
        expect(await cloud.consoleLog(id, 1)).toBe(undefined);
      }));

    test('a port that is gone is removed without an error, an image is known by name and by id', async () => {
      await cloud.removePort(randomUUID());
      const id = await cloud.image(bench.image);
      expect(await cloud.image(id)).toBe(id);
      expect(await faultOf(cloud.image('no-such-image'))).toMatchObject({ code: 'cloud-refused-order' });
    });

    test('hosts are told to the admin, who says which of them is given servers', async () => {
      const [host] = (await cloud.hosts())!;
      expect(host).toMatchObject({ up: true, enabled: true });
      await cloud.enableHost(host!.name, false, 'a test');
      const disabled = (await cloud.hosts())!.find((one) => one.name === host!.name);
      await cloud.enableHost(host!.name, true, '');
      expect(disabled).toMatchObject({ enabled: false, reason: 'a test' });
      expect((await cloud.hosts())!.find((one) => one.name === host!.name)).toMatchObject({ enabled: true });
      await using alone = await openBenchCloud({ ...bench, admin: undefined });
      expect(await alone.hosts()).toBe(undefined);
      expect(await faultOf(alone.unstick(randomUUID()))).toMatchObject({ code: 'cloud-forbidden' });
    });

    test('what the project may have is told to its member, what hosts have promised to the admin alone', () =>
      withTag(async (tag) => {
        const used = (quotas: readonly { name: string; used: number }[], name: string) =>
          quotas.find((one) => one.name === name)!.used;
        const before = await cloud.quotas();
        expect(before.map(({ name }) => name)).toEqual(['servers', 'cores', 'memory (MB)']);
        expect(before.filter((one) => !(one.used >= 0 && one.most > 0))).toEqual([]);
        expect((await cloud.services())!.filter(({ up }) => !up)).toEqual([]);
        expect((await cloud.services())!.map(({ name }) => name.split(' ')[0])).toContain('nova-scheduler');

        const { id } = await cloud.create(order(tag, 'room'));
        const { host } = (await running(id)) as CloudServer;
        await waitFor('the server to be counted', async () => used(await cloud.quotas(), 'servers') > 0);
        const here = (await cloud.rooms())!.find((one) => one.host === host)!;
        expect([here.memoryMb!.promised > 0, here.cpus!.promised > 0]).toEqual([true, true]);
        expect([here.memoryMb, here.cpus].map((one) => one!.has > 0 && one!.ratio > 0)).toEqual([true, true]);
        expect(new Set((await cloud.rooms())!.map((one) => one.host))).toEqual(
          new Set((await cloud.hosts())!.map(({ name }) => name)),
        );
        await using alone = await openBenchCloud({ ...bench, admin: undefined });
        expect([await alone.rooms(), await alone.services()]).toEqual([undefined, undefined]);
        expect((await alone.quotas()).length).toBe(3);
      }));

    test('a server that somebody locked is not removed, and it is said why', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'lock'));
        await running(id);
        await lockServer(member.compute, id, 'evidence');
        const fault = await faultOf(cloud.remove(id));
        await unlockServer(member.compute, id);
        expect(fault).toEqual({
          code: 'cloud-refused-order',
          retry: 'terminal',
          message: `server ${id} is locked in the cloud: unlock it first`,
        });
        expect(await cloud.server(id)).toMatchObject({ state: 'running' });
      }));

    test('credentials are probed for what they may do', async () => {
      const both = await cloud.probe();
      expect(both).toMatchObject({ seesHosts: true, resolvesConsoles: true });
      await using alone = await openBenchCloud({ member: bench.member });
      const without = await alone.probe();
      expect(without.seesHosts).toBe(false);
      expect(without.lost.join('\n')).toContain('hosts are not seen');
    });

    test('without admin credentials everything works but the sight of hosts', () =>
      withTag(async (tag) => {
        await using alone = await openBenchCloud({ member: bench.member });
        const { id } = await alone.create(order(tag, 'alone'));
        const server = await seenAs(alone, id, isState('running'), bench.patienceMs);
        expect(server).toMatchObject({
          host: undefined,
          hostUp: undefined,
          hostId: expect.any(String) as string,
        });
        expect(await alone.list(tag)).toMatchObject({ servers: [server], complete: true });
        await alone.remove(id);
      }));

    test('admin credentials of another project see the hosts of ours', (ctx) => {
      needs(ctx, 'adminElsewhere', bench.adminElsewhere);
      return withTag(async (tag) => {
        await using far = await openBenchCloud({ member: bench.member, admin: bench.adminElsewhere! });
        const { id } = await far.create(order(tag, 'far'));
        await running(id);
        expect(await far.list(tag)).toMatchObject({
          complete: true,
          servers: [{ id, host: expect.any(String) as string, hostUp: true }],
        });
        expect(await far.server(id)).toMatchObject({ host: expect.any(String) as string });
      });
    });

    test('admin credentials that are refused are done without', () =>
      withTag(async (tag) => {
        const wrong = {
          ...bench.admin,
          auth: { kind: 'applicationCredential', credential: { id: 'f'.repeat(32) }, secret: () => 'wrong' },
        } as const;
        const told: string[] = [];
        await using halved = await openBenchCloud({ member: bench.member, admin: wrong }, { told });
        const { id } = await halved.create(order(tag, 'halved'));
        expect(await seenAs(halved, id, isState('running'), bench.patienceMs)).toMatchObject({
          host: undefined,
        });
        expect((await halved.list(tag)).servers).toHaveLength(1);
        expect((await halved.probe()).lost[0]).toContain('the admin credentials are not taken');
        expect(told).toContain('the admin credentials are refused; hosts are not seen');
      }));

    test('wrong credentials are told as such', async () => {
      const wrong = {
        ...bench.member,
        auth: { kind: 'applicationCredential', credential: { id: 'f'.repeat(32) }, secret: () => 'wrong' },
      } as const;
      await using closed = await openBenchCloud({ member: wrong });
      expect(await faultOf(closed.list('any'))).toMatchObject({
        code: 'cloud-credentials',
        retry: 'terminal',
      });
    });

    test('a caller that gives up gets its own reason, and the others their listing', () =>
      withTag(async (tag) => {
        const stop = new AbortController();
        const [hasty, patient] = [cloud.list(tag, stop.signal), cloud.list(tag)];
        stop.abort(new Error('the shift is over'));
        await expect(hasty).rejects.toThrow('the shift is over');
        expect(await patient).toMatchObject({ servers: [], complete: true });
      }));

    test('a server can be removed by force', () =>
      withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'force'));
        await running(id);
        // Where servers are not kept after deletion this is a plain deletion.
        await forceDeleteServer(member.compute, id);
        expect(await seenAs(cloud, id, isState('gone'), bench.patienceMs)).toBe('gone');
      }));
  });
}
