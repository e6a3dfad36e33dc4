import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { newId, systemClock, toFault } from '@anyseat/base';
import { openSession, rebootServer, stopServer, type Session } from '@anyseat/openstack';
import { proveIdentity } from '@anyseat/spice';
import type { Cloud, CloudEndpoint } from '../../hub/src/cloud/cloud.ts';
import { installationTag } from '../../hub/src/domain/naming.ts';
import { cheapOrder, clearAway, isState, openBenchCloud, seenAs } from '../contracts/cloud/cloudBench.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { openstackBench } from './openstackBench.ts';

/** What Nova says of displays that are real: libvirt starts, stops and moves them. One server, in the order of its life. */
const run = promisify(execFile);
/** Nova, libvirt and an emulated machine, on processors that others use as well. */
const PATIENCE_MS = 180_000;

const lab = theLab();
const missing =
  (lab ? undefined : NO_LAB) ??
  (lab?.names.screenZone === undefined ? 'the lab has no host with libvirt: it takes root' : undefined);

describe('the display of a server on libvirt', () => {
  let cloud: Cloud;
  let member: Session;
  let id: string;
  const tag = installationTag(newId('installation', systemClock.now()));
  let first: CloudEndpoint;

  beforeAll(async () => {
    if (!lab || missing !== undefined) return;
    const bench = openstackBench(lab);
    cloud = await openBenchCloud(bench);
    member = openSession({ credentials: bench.member, clock: systemClock });
    const spec = {
      image: lab.names.screenImage ?? lab.names.image,
      flavor: lab.names.screenFlavor,
      availabilityZone: lab.names.screenZone,
    };
    ({ id } = await cloud.create(cheapOrder(bench, 'as-libvirt', ['anyseat', tag], { spec })));
  }, PATIENCE_MS);

  afterAll(async () => {
    if (missing !== undefined) return;
    await clearAway(cloud, tag, PATIENCE_MS);
    await cloud[Symbol.asyncDispose]();
    await member[Symbol.asyncDispose]();
  }, PATIENCE_MS);

  const onLibvirt = (name: string, work: () => Promise<void>) =>
    test(name, (ctx: TestContext) => (missing === undefined ? work() : ctx.skip(missing)));

  const running = () => seenAs(cloud, id, isState('running'), PATIENCE_MS);
  const behind = async (endpoint: CloudEndpoint) => {
    const proof = await proveIdentity(endpoint);
    return proof.outcome === 'proved' ? proof.uuid : proof.outcome;
  };
  const faultOf = (work: Promise<unknown>) =>
    work.then(
      () => 'it went well',
      (error: unknown) => `${toFault(error).code} ${toFault(error).retry}`,
    );

  onLibvirt('is where Nova says, and is that server’s', async () => {
    await running();
    first = await cloud.endpoint(id);
    expect(first).toEqual({ host: '127.0.0.1', port: expect.any(Number) as number, tlsPort: undefined });
    expect(await behind(first)).toBe(id);
  });

  onLibvirt('is none while the server is off, and there again, the server’s own, when it runs', async () => {
    await stopServer(member.compute, id);
    await seenAs(cloud, id, isState('stopped'), PATIENCE_MS);
    expect(await faultOf(cloud.endpoint(id))).toBe('cloud-no-console transient');
    expect(await behind(first)).not.toBe(id);
    await cloud.start(id);
    await running();
    expect(await behind(await cloud.endpoint(id))).toBe(id);
  });

  onLibvirt('is found again after a hard reboot, wherever it is then', async () => {
    await rebootServer(member.compute, id, 'HARD');
    await running();
    expect(await behind(await cloud.endpoint(id))).toBe(id);
  });

  onLibvirt('a guest that dies is seen as stopped, though nobody stopped it', async () => {
    await run('virsh', ['-c', lab!.libvirt!, 'destroy', id]);
    expect(await seenAs(cloud, id, isState('stopped'), PATIENCE_MS)).toMatchObject({ words: 'SHUTOFF' });
    expect(await faultOf(cloud.endpoint(id))).toBe('cloud-no-console transient');
    await cloud.start(id);
    await running();
    expect(await behind(await cloud.endpoint(id))).toBe(id);
  });
});
