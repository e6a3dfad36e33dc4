import { test } from 'vitest';
import { cloudContract } from '../contracts/cloud/cloudContract.ts';
import { cloudTroubles } from '../contracts/cloud/troubleContract.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { openstackBench } from './openstackBench.ts';

const lab = theLab();
if (lab) {
  cloudContract('the cloud port on OpenStack', () => Promise.resolve(openstackBench(lab)));
  cloudTroubles('the cloud port on OpenStack', () => Promise.resolve(openstackBench(lab)));
} else test('the cloud port on OpenStack', (ctx) => ctx.skip(NO_LAB));
