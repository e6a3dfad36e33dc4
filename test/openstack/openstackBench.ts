import { systemClock, type Clock } from '@anyseat/base';
import { openSession } from '@anyseat/openstack';
import type { CloudBench } from '../contracts/cloud/cloudBench.ts';
import type { OpenstackLab } from '../lab/openstack/lab.ts';

/** Of the lab's second Keystone (up.sh). */
const SHORT_TOKENS_LAST_MS = 5000;

/** By this clock no token ever ages, so that only the cloud can say that one is over. */
const stoppedClock: Clock = { ...systemClock, monotonic: () => 0 };

/** The lab as the contract suite wants a cloud: what minicloud does by a switch is done by a hand on its processes. */
export function openstackBench(lab: OpenstackLab): CloudBench {
  const { names } = lab;
  return {
    member: lab.credentials('lab'),
    admin: lab.credentials('lab-admin'),
    broker: lab.credentials('lab-broker'),
    image: names.image,
    flavor: names.flavor,
    network: names.network,
    patienceMs: 60_000,
    adminElsewhere: lab.credentials('lab-elsewhere'),
    tiny: lab.credentials('lab-tiny'),
    hugeFlavor: names.hugeFlavor,
    // Nova tries its hosts one after another, and in the end says only that.
    failBuild: () =>
      Promise.resolve({
        metadata: { lab_fault: 'the hypervisor says no' },
        words: /^Exceeded maximum number of retries/,
      }),
    // Nova holds a host to be up for a minute after its last word.
    holdDeletes: () => Promise.resolve(lab.freeze('nova-compute-lab')),
    breakCell: () => lab.breakCell(),
    noPorts: async () => {
      await using member = openSession({ credentials: lab.credentials('lab'), clock: systemClock });
      const { projectId } = await member.compute.whoami();
      const quota = async (method: 'PUT' | 'DELETE', body?: object) => {
        await using admin = openSession({ credentials: lab.credentials('lab-admin'), clock: systemClock });
        await admin.network.call({ method, path: `/quotas/${projectId}`, body, what: 'set a quota' });
      };
      await quota('PUT', { quota: { port: 0 } });
      return { [Symbol.asyncDispose]: () => quota('DELETE') };
    },
    without: async (service) => {
      await lab.end(service === 'network' ? 'neutron-server' : 'keystone', 'SIGKILL');
      return { [Symbol.asyncDispose]: () => lab.bringBack() };
    },
    interruptBuild: {
      metadata: { lab_delay: '60' },
      // Whichever it is on.
      interrupt: async () => {
        for (let host = 1; host <= lab.hosts; host++) await lab.end(`nova-compute-lab${host}`, 'SIGKILL');
        await lab.bringBack();
      },
    },
    expiry: {
      credentials: lab.credentials('lab-short'),
      clock: stoppedClock,
      over: () => systemClock.sleep(SHORT_TOKENS_LAST_MS + 2000),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
