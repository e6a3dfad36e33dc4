import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { toFault } from '@anyseat/base';
import { openBenchCloud } from '../contracts/cloud/cloudBench.ts';
import { cloudContract } from '../contracts/cloud/cloudContract.ts';
import { cloudTroubles } from '../contracts/cloud/troubleContract.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
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
} else test('the cloud port on OpenStack', (ctx) => ctx.skip(NO_LAB));
