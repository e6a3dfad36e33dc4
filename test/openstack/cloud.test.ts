import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId, systemClock, toFault } from '@anyseat/base';
import { cheapOrder, clearAway, isState, openBenchCloud, seenAs } from '../contracts/cloud/cloudBench.ts';
import { cloudContract } from '../contracts/cloud/cloudContract.ts';
import { cloudTroubles } from '../contracts/cloud/troubleContract.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { installationTag } from '../../hub/src/domain/naming.ts';
import { credentialOf } from './credentialOf.ts';
import { narrowNetwork } from './narrowNetwork.ts';
import { openstackBench } from './openstackBench.ts';

const lab = theLab();
if (lab) {
  cloudContract('the cloud port on OpenStack', () => Promise.resolve(openstackBench(lab)));
  cloudTroubles('the cloud port on OpenStack', () => Promise.resolve(openstackBench(lab)));

  test('a token that Nova cannot have checked, because Keystone is away, is no wrong token', async () => {
    // The other Keystone gives tokens on; Nova asks the one that is away.
    await using cloud = await openBenchCloud({ member: lab.credentials('lab-short') });
    await lab.end('keystone', 'SIGKILL');
    const fault = await cloud.server(randomUUID()).catch(toFault);
    await lab.bringBack();
    expect(fault).toMatchObject({ code: 'cloud-busy', retry: 'transient', fields: { status: 503 } });
    expect(await cloud.server(randomUUID())).toBe('gone');
  });

  test('a credential that is taken back takes its tokens along, and it is told as the credentials’ matter', async () => {
    const given = await credentialOf(lab.credentials('lab-password'));
    await using cloud = await openBenchCloud({ member: given.credentials });
    expect(await cloud.server(randomUUID())).toBe('gone');
    await given.takeBack();
    // Nova has looked at the token before, and believes what it saw for as long as its cache does.
    await lab.forgetTokens();
    expect(await cloud.server(randomUUID()).catch(toFault)).toMatchObject({
      code: 'cloud-credentials',
      retry: 'terminal',
    });
  });

  test('a server for which a network has no address left is failed, with Nova’s words', async () => {
    const bench = openstackBench(lab);
    const tag = installationTag(newId('installation', systemClock.now()));
    await using cloud = await openBenchCloud(bench);
    await using network = await narrowNetwork(lab.credentials('lab-admin'));
    const order = (name: string) =>
      cloud.create(cheapOrder(bench, name, ['anyseat', tag], { spec: { networks: [network.id] } }));
    try {
      const first = await order('as-first');
      await seenAs(cloud, first.id, isState('running'), bench.patienceMs);
      const second = await order('as-second');
      expect(await seenAs(cloud, second.id, isState('failed'), bench.patienceMs)).toMatchObject({
        fault: { message: expect.stringContaining('No fixed IP addresses available') as string },
      });
    } finally {
      await clearAway(cloud, tag, bench.patienceMs);
    }
  });
} else test('the cloud port on OpenStack', (ctx) => ctx.skip(NO_LAB));
