import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, systemClock, toFault } from '@anyseat/base';
import { listComputeServices, openSession, type CloudCredentials, type Session } from '@anyseat/openstack';
import type { Cloud, ServerOrder } from '../../../hub/src/cloud/cloud.ts';
import { installationTag } from '../../../hub/src/domain/naming.ts';
import { cheapOrder, clearAway, isState, openBenchCloud, seenAs, type CloudBench } from './cloudBench.ts';

/**
 * What the port says of a cloud that parts are missing from, or of credentials that parts are closed to: the same tests on
 * minicloud and on a real OpenStack. Tests that take something away put it back.
 */
export function cloudTroubles(name: string, provide: () => Promise<CloudBench>): void {
  describe(`${name}, in trouble`, () => {
    let bench: CloudBench;
    let cloud: Cloud;
    let admin: Session;

    beforeAll(async () => {
      bench = await provide();
      cloud = await openBenchCloud(bench);
      admin = openSession({ credentials: bench.admin, clock: systemClock });
    });

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
      await admin?.[Symbol.asyncDispose]();
      await bench?.[Symbol.asyncDispose]();
    });

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
    const made = async (tag: string, label: string): Promise<string> => {
      const { id } = await cloud.create(order(tag, label));
      await seenAs(cloud, id, isState('running'), bench.patienceMs);
      return id;
    };

    test('what each credential may do is found out by trying, and what is lost without it is said', () =>
      withTag(async (tag) => {
        const lost = {
          hosts: expect.stringContaining('hosts are not seen') as string,
          consoles: expect.stringContaining('consoles cannot be looked up') as string,
          tls: expect.stringContaining('does not tell TLS ports') as string,
        };
        const id = await made(tag, 'able');
        await using member = await openBenchCloud({ member: bench.member });
        expect(await member.probe()).toEqual({
          seesHosts: false,
          resolvesConsoles: false,
          tlsConsoles: false,
          soundAndUsb: false,
          lost: [lost.hosts, lost.consoles, lost.tls],
        });
        expect(await faultOf(member.endpoint(id))).toBe('cloud-forbidden terminal');
        await using broker = await openBenchCloud({ member: bench.broker! });
        expect(await broker.probe()).toEqual({
          seesHosts: false,
          resolvesConsoles: true,
          tlsConsoles: false,
          soundAndUsb: false,
          lost: [lost.hosts, lost.tls],
        });
        expect(await cloud.probe()).toEqual({
          seesHosts: true,
          resolvesConsoles: true,
          tlsConsoles: false,
          soundAndUsb: false,
          lost: [lost.tls],
        });
        expect(await broker.endpoint(id)).toEqual(await cloud.endpoint(id));
      }));

    test('a wrong secret is as wrong as an unknown credential', async () => {
      const { auth } = bench.member;
      if (auth.kind !== 'applicationCredential') throw new Error('the bench has no application credential');
      const wrong: CloudCredentials = { ...bench.member, auth: { ...auth, secret: () => 'wrong' } };
      await using closed = await openBenchCloud({ member: wrong });
      expect(await faultOf(closed.list('any'))).toBe('cloud-credentials terminal');
    });

    test('a host that takes no new servers is up; one that is declared down is not, and what is removed from it is gone at once', () =>
      withTag(async (tag) => {
        const id = await made(tag, 'host');
        const server = await cloud.server(id);
        const host = server === 'gone' ? undefined : server.host;
        const decide = async (what: object) => {
          const service = (await listComputeServices(admin.compute)).find((one) => one.host === host);
          await admin.compute.call({
            method: 'PUT',
            path: `/os-services/${service!.id}`,
            body: what,
            what: 'decide about a host',
            version: { want: '2.53', least: '2.53' },
          });
        };
        try {
          await decide({ status: 'disabled', disabled_reason: 'new memory' });
          expect(await cloud.server(id)).toMatchObject({ state: 'running', host, hostUp: true });
          await decide({ forced_down: true });
          expect(await cloud.server(id)).toMatchObject({ state: 'running', host, hostUp: false });
          expect(await cloud.list(tag)).toMatchObject({ servers: [{ id, hostUp: false }], complete: true });
          await cloud.remove(id);
          expect(await cloud.server(id)).toBe('gone');
        } finally {
          await decide({ forced_down: false });
          await decide({ status: 'enabled' });
        }
      }));

    test('a quota of ports is a quota: the order is refused as such, and one without a port is taken', (ctx) => {
      if (!bench.noPorts) return ctx.skip(`${name} cannot take the ports away`);
      return withTag(async (tag) => {
        await using _none = await bench.noPorts!();
        const wired = order(tag, 'wired', { spec: { networks: [bench.network] } });
        expect(await faultOf(cloud.create(wired))).toBe('cloud-quota terminal');
        expect((await cloud.list(tag)).servers).toEqual([]);
        await made(tag, 'unwired');
      });
    });

    test('a server whose host died while it was built is failed, without a word why', (ctx) => {
      if (!bench.interruptBuild) return ctx.skip(`${name} cannot interrupt a build`);
      const { metadata, interrupt } = bench.interruptBuild;
      return withTag(async (tag) => {
        const { id } = await cloud.create(order(tag, 'torn', { metadata }));
        await seenAs(
          cloud,
          id,
          (s) => s === 'gone' || s.state === 'failed' || s.words === 'BUILD/spawning',
          bench.patienceMs,
        );
        await interrupt();
        expect(await seenAs(cloud, id, isState('failed'), bench.patienceMs)).toMatchObject({
          words: 'ERROR',
          fault: undefined,
        });
        expect(await faultOf(cloud.start(id))).toMatch(/^cloud-(busy|refused-order) /);
      });
    });

    test('with Neutron away nothing is gone: no listing is empty instead, displays are found, and an order is unsure', (ctx) => {
      if (!bench.without) return ctx.skip(`${name} cannot take Neutron away`);
      return withTag(async (tag) => {
        const id = await made(tag, 'network');
        const wired = () => order(tag, 'wired', { spec: { networks: [bench.network] } });
        // So that the network is known by name already.
        const first = await cloud.create(wired());
        await seenAs(cloud, first.id, isState('running'), bench.patienceMs);
        {
          await using _away = await bench.without!('network');
          expect(await faultOf(cloud.list(tag))).toBe('cloud-unreachable transient');
          expect(await faultOf(cloud.server(id))).toBe('cloud-unreachable transient');
          expect(await faultOf(cloud.create(wired()))).toBe('cloud-unsure transient');
          expect(await cloud.endpoint(id)).toMatchObject({ host: expect.any(String) as string });
        }
        const back = await seenListed(cloud, tag, bench.patienceMs);
        expect(back).toEqual({ ids: [id, first.id].toSorted(), complete: true });
      });
    });

    test('with Keystone away a token that lives is used, and nobody blames the credentials', (ctx) => {
      if (!bench.without) return ctx.skip(`${name} cannot take Keystone away`);
      return withTag(async (tag) => {
        const id = await made(tag, 'identity');
        {
          await using _away = await bench.without!('identity');
          expect(await cloud.server(id)).toMatchObject({ id, state: 'running' });
          expect(await cloud.list(tag)).toMatchObject({ servers: [{ id }], complete: true });
          await using fresh = await openBenchCloud(bench);
          expect(await faultOf(fresh.server(id))).toBe('cloud-unreachable transient');
        }
        expect(await cloud.server(id)).toMatchObject({ id, state: 'running' });
      });
    });
  });
}

const faultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it went well',
    (error: unknown) => `${toFault(error).code} ${toFault(error).retry}`,
  );

/** The first listing that comes in after something was away. */
async function seenListed(
  cloud: Cloud,
  tag: string,
  patienceMs: number,
): Promise<{ ids: string[]; complete: boolean }> {
  const end = systemClock.monotonic() + patienceMs;
  for (;;) {
    try {
      const { servers, complete } = await cloud.list(tag);
      return { ids: servers.map((server) => server.id).toSorted(), complete };
    } catch (error) {
      if (systemClock.monotonic() > end) throw error;
    }
  }
}
