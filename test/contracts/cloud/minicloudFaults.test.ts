import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import { newId, systemClock, toFault } from '@anyseat/base';
import type { MinicloudOptions } from '@anyseat/minicloud';
import type { Cloud } from '../../../hub/src/cloud/cloud.ts';
import { installationTag } from '../../../hub/src/domain/naming.ts';
import { cheapOrder, clearAway, isState, openBenchCloud, seenAs } from './cloudBench.ts';
import { fasterClock, minicloudBench, type MinicloudBench } from './minicloudBench.ts';

/** What a real OpenStack cannot be made to do on demand: the port under minicloud's fault switches. */

let bench: MinicloudBench;
let cloud: Cloud;
let tag: string;

const compute = { service: 'compute' } as const;
const orders = { service: 'compute', method: 'POST', path: '^/v2\\.1/servers$' } as const;

const faultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it went well',
    (error: unknown) => `${toFault(error).code} ${toFault(error).retry}`,
  );

/** `n` servers that run, with a tag of their own. */
async function desks(n: number): Promise<string[]> {
  const ids = await Promise.all(
    Array.from(
      { length: n },
      async (_, i) => (await cloud.create(cheapOrder(bench, `as-desk-${i}`, ['anyseat', tag]))).id,
    ),
  );
  await Promise.all(ids.map((id) => seenAs(cloud, id, isState('running'), bench.patienceMs)));
  return ids.toSorted();
}

const listed = async () => {
  const { servers, complete } = await cloud.list(tag);
  return { ids: servers.map((server) => server.id).toSorted(), complete };
};

function onMinicloud(options: MinicloudOptions, cases: () => void): void {
  describe(JSON.stringify(options), () => {
    beforeAll(async () => {
      bench = await minicloudBench(options);
      // A deadline of a minute and a half comes within 1.5 seconds.
      cloud = await openBenchCloud(bench, { clock: fasterClock(60) });
      tag = installationTag(newId('installation', systemClock.now()));
    });
    afterEach(async () => {
      bench.minicloud.faults.clearAll();
      await clearAway(cloud, tag, bench.patienceMs);
    });
    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
      await bench?.[Symbol.asyncDispose]();
    });
    cases();
  });
}

onMinicloud({ hosts: { count: 4, cells: 2 } }, () => {
  const faults = () => bench.minicloud.faults;

  test('while a cell is down, its servers are unknown, the others are listed, and the listing is not complete', async () => {
    const ids = await desks(4);
    expect(await listed()).toEqual({ ids, complete: true });
    faults().set('cells-down', { cells: ['cell2'] });
    const down = await listed();
    expect(down.complete).toBe(false);
    expect(down.ids.length).toBeGreaterThan(0);
    expect(down.ids.length).toBeLessThan(4);
    const lost = ids.filter((id) => !down.ids.includes(id));
    for (const id of lost)
      expect(await cloud.server(id)).toMatchObject({ state: 'unknown', words: 'UNKNOWN' });
    expect((await cloud.withTag(tag)).complete).toBe(false);
    faults().clear('cells-down');
    expect(await listed()).toEqual({ ids, complete: true });
  });

  test('a listing that lags says what was, and a look at the server by id says what is', async () => {
    const ids = await desks(2);
    faults().set('listing-lags', {});
    await cloud.remove(ids[0]!);
    expect(await seenAs(cloud, ids[0]!, isState('gone'), bench.patienceMs)).toBe('gone');
    expect((await listed()).ids).toEqual(ids);
    const late = await cloud.create(cheapOrder(bench, 'as-late', ['anyseat', tag]));
    expect((await listed()).ids).not.toContain(late.id);
    expect(await cloud.server(late.id)).not.toBe('gone');
  });

  test('what a partial listing leaves out is not gone', async () => {
    const ids = await desks(6);
    faults().set('listing-partial', { share: 0.5 });
    const { ids: some } = await listed();
    for (const id of ids.filter((one) => !some.includes(one)))
      expect(await cloud.server(id)).toMatchObject({ state: 'running' });
  });

  test.each(['hang', 'reset', 'error'] as const)(
    'an order that was taken and whose answer is lost (%s) is unsure, was sent once, and is found by its tag',
    async (how) => {
      faults().set('create-lost', { how });
      expect(await faultOf(cloud.create(cheapOrder(bench, `as-lost-${how}`, ['anyseat', tag])))).toBe(
        'cloud-unsure transient',
      );
      const found = await cloud.withTag(tag);
      expect({ names: found.servers.map((server) => server.name), complete: found.complete }).toEqual({
        names: [`as-lost-${how}`],
        complete: true,
      });
    },
  );

  test.each([502, 503, 504] as const)(
    'a page of a proxy (%i) for an order leaves open whether it was taken, and it is not sent again',
    async (status) => {
      faults().set('html-error', { status, on: orders }, { count: 1 });
      expect(await faultOf(cloud.create(cheapOrder(bench, 'as-page', ['anyseat', tag])))).toBe(
        'cloud-unsure transient',
      );
      expect((await cloud.withTag(tag)).servers).toEqual([]);
    },
  );

  test('an order whose connection is reset before it was read is unsure too, and found not to be there', async () => {
    faults().set('reset', { on: orders }, { count: 1 });
    expect(await faultOf(cloud.create(cheapOrder(bench, 'as-reset', ['anyseat', tag])))).toBe(
      'cloud-unsure transient',
    );
    expect((await cloud.withTag(tag)).servers).toEqual([]);
  });

  test('an order that is put off is sent again when the cloud said, and made once', async () => {
    faults().set('too-many-requests', { retryAfter: 2, on: orders }, { count: 2 });
    await cloud.create(cheapOrder(bench, 'as-later', ['anyseat', tag]));
    expect((await cloud.withTag(tag)).servers.map((server) => server.name)).toEqual(['as-later']);
  });

  test('a cloud that puts off for longer than anybody waits is busy, with the time it asked for', async () => {
    faults().set('too-many-requests', { retryAfter: 3600, on: compute });
    const fault = await cloud.server('a').catch(toFault);
    expect(fault).toMatchObject({
      code: 'cloud-busy',
      retry: 'transient',
      fields: { retryAfterMs: 3_600_000 },
    });
  });

  test.each([502, 503, 504] as const)(
    'looks are repeated behind a proxy that hiccups (%i)',
    async (status) => {
      const ids = await desks(1);
      faults().set('html-error', { status, on: { service: 'compute', method: 'GET' } }, { count: 2 });
      expect(await listed()).toEqual({ ids, complete: true });
    },
  );

  test('a cut connection is not the end of a listing or of a removal', async () => {
    const ids = await desks(1);
    faults().set('reset', { on: { service: 'compute' } }, { count: 1 });
    expect(await listed()).toEqual({ ids, complete: true });
    faults().set('reset', { on: { service: 'compute', method: 'DELETE' } }, { count: 1 });
    await cloud.remove(ids[0]!);
    expect(await seenAs(cloud, ids[0]!, isState('gone'), bench.patienceMs)).toBe('gone');
  });

  test('a Nova that takes calls and never answers fails every call within its deadline', async () => {
    // So that the names of an order are known already.
    await desks(1);
    faults().set('hang', { on: compute });
    const all = await Promise.all([
      faultOf(cloud.list(tag)),
      faultOf(cloud.withTag(tag)),
      faultOf(cloud.server('a')),
      faultOf(cloud.remove('a')),
      faultOf(cloud.start('a')),
      faultOf(cloud.endpoint('a')),
      faultOf(cloud.probe()),
      faultOf(cloud.create(cheapOrder(bench, 'as-hang', ['anyseat', tag]))),
    ]);
    expect(all).toEqual([...Array<string>(7).fill('cloud-unreachable transient'), 'cloud-unsure transient']);
  });

  test('with Neutron away a listing fails, and is never empty instead', async () => {
    await desks(1);
    faults().set('neutron-down', {});
    expect(await faultOf(cloud.list(tag))).toBe('cloud-unreachable transient');
  });

  test('with Keystone away, the token that lives is used', async () => {
    const ids = await desks(1);
    faults().set('keystone-down', {});
    expect(await listed()).toEqual({ ids, complete: true });
  });

  test('with Keystone away and no token, it is the cloud that cannot be reached, not the credentials', async () => {
    await using fresh = await openBenchCloud(bench, { clock: fasterClock(60) });
    expect(await faultOf(fresh.server('a'))).toBe('it went well');
    faults().set('keystone-down', {});
    bench.minicloud.expireTokens();
    expect(await faultOf(fresh.server('a'))).toBe('cloud-busy transient');
    await using fresher = await openBenchCloud(bench, { clock: fasterClock(60) });
    expect(await faultOf(fresher.server('a'))).toBe('cloud-unreachable transient');
  });

  test('a build that never ends is seen as building for as long as it lasts, and can be removed', async () => {
    faults().set('build-stuck', {}, { count: 1 });
    const { id } = await cloud.create(cheapOrder(bench, 'as-stuck', ['anyseat', tag]));
    expect(await cloud.server(id)).toMatchObject({ state: 'building' });
    await cloud.remove(id);
    expect(await seenAs(cloud, id, isState('gone'), bench.patienceMs)).toBe('gone');
  });

  test('a build that fails without a fault is failed', async () => {
    faults().set('build-fails-silently', {}, { count: 1 });
    const { id } = await cloud.create(cheapOrder(bench, 'as-silent', ['anyseat', tag]));
    expect(await seenAs(cloud, id, isState('failed'), bench.patienceMs)).toMatchObject({ fault: undefined });
  });

  test('hosts that report no more are seen as down, and what runs there as running', async () => {
    const [id] = await desks(1);
    const server = await cloud.server(id!);
    const host = server === 'gone' ? undefined : server.host;
    faults().set('hosts-down', { hosts: [host!] });
    expect(await cloud.server(id!)).toMatchObject({ state: 'running', host, hostUp: false });
  });

  test('a display that the cloud refuses for now is none yet', async () => {
    const [id] = await desks(1);
    faults().set('console-refused', { status: 409, message: 'Instance is not ready' }, { count: 1 });
    expect(await faultOf(cloud.endpoint(id!))).toBe('cloud-no-console transient');
    expect(await cloud.endpoint(id!)).toMatchObject({ host: expect.any(String) as string });
  });

  test('a Nova that fails over the display of a server that runs is in trouble itself', async () => {
    const [id] = await desks(1);
    faults().set('console-refused', { status: 500, message: 'Unexpected API Error.' }, { count: 1 });
    expect(await faultOf(cloud.endpoint(id!))).toBe('cloud-unreachable transient');
  });

  test('a login page of some network in between is no OpenStack', async () => {
    faults().set('answer', { status: 200, body: '<html>Please log in</html>', on: compute });
    expect([await faultOf(cloud.list(tag)), await faultOf(cloud.server('a'))]).toEqual([
      'cloud-unreachable transient',
      'cloud-unreachable transient',
    ]);
  });

  test('a 404 that is not Nova’s makes no server gone', async () => {
    const [id] = await desks(1);
    faults().set('answer', { status: 404, body: '<html><title>404 Not Found</title></html>', on: compute });
    expect([await faultOf(cloud.server(id!)), await faultOf(cloud.remove(id!))]).toEqual([
      'cloud-unreachable transient',
      'cloud-unreachable transient',
    ]);
  });
});

onMinicloud({ maxLimit: 3, hosts: { count: 2, cells: 2 } }, () => {
  test('in a project of more than a page it takes the compute services to know that no cell is down', async () => {
    const ids = await desks(5);
    expect(await listed()).toEqual({ ids, complete: true });
    bench.minicloud.faults.set('cells-down', { cells: ['cell1'] });
    expect((await listed()).complete).toBe(false);
    bench.minicloud.faults.clear('cells-down');
    await using alone = await openBenchCloud({ member: bench.member });
    const seen = await alone.list(tag);
    expect({ ids: seen.servers.map((server) => server.id).toSorted(), complete: seen.complete }).toEqual({
      ids,
      complete: false,
    });
    expect((await alone.probe()).lost.join('\n')).toContain('whether a cell is down cannot be known');
  });
});

onMinicloud({ face: '2025.1' }, () => {
  test('a cloud of 2025.1 is spoken to in the same way, and tells more of displays', async () => {
    const [id] = await desks(1);
    expect(await cloud.probe()).toMatchObject({ tlsConsoles: true, lost: [] });
    expect(await cloud.endpoint(id!)).toMatchObject({ host: expect.any(String) as string });
  });
});

onMinicloud({ reclaimSeconds: 3600 }, () => {
  test('a server that is kept after its deletion is leaving until it is removed by force', async () => {
    const [id] = await desks(1);
    await cloud.remove(id!);
    expect(
      await seenAs(cloud, id!, (s) => s !== 'gone' && s.words === 'SOFT_DELETED', bench.patienceMs),
    ).toMatchObject({
      state: 'leaving',
    });
    expect((await listed()).ids).toEqual([]);
    await cloud.remove(id!);
    expect(await seenAs(cloud, id!, isState('gone'), bench.patienceMs)).toBe('gone');
  });
});
