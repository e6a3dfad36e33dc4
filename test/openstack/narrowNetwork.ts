import { z } from 'zod';
import { systemClock } from '@anyseat/base';
import { openSession, type CloudCredentials } from '@anyseat/openstack';

const made = z.object({ network: z.object({ id: z.string() }) });

/** A network that has one address to give. */
export async function narrowNetwork(admin: CloudCredentials): Promise<{ id: string } & AsyncDisposable> {
  const session = openSession({ credentials: admin, clock: systemClock });
  const call = (method: 'POST' | 'DELETE', path: string, body?: object) =>
    session.network.call({ method, path, body, what: 'make a narrow network' });
  const { network } = made.parse(
    (await call('POST', '/networks', { network: { name: 'narrow', shared: true } })).body,
  );
  await call('POST', '/subnets', {
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.78.0.0/30', enable_dhcp: false },
  });
  return {
    id: network.id,
    async [Symbol.asyncDispose]() {
      await call('DELETE', `/networks/${network.id}`);
      await session[Symbol.asyncDispose]();
    },
  };
}
