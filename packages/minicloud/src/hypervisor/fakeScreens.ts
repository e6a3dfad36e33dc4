import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpiceServer } from '@anyseat/spice';
import type { SpiceOptions } from '../options.ts';
import type { FakeHypervisor } from './fake.ts';

/**
 * Real SPICE links for guests that are nothing but a state: one listener for all of them. It has to listen on every
 * address, since Linux has no way to listen on 127.0.0.0/8; what comes to any address but a running guest's is reset.
 */
export async function openScreens(fake: FakeHypervisor, options: SpiceOptions): Promise<AsyncDisposable> {
  const screens = new SpiceServer({
    identify(address) {
      const guest = fake.guestAt(address);
      if (!guest) return undefined;
      return {
        name: guest.name,
        uuid: guest.id,
        ...(options.ticket !== undefined && { password: options.ticket }),
        ...(options.tlsOnly !== undefined && { tlsOnly: options.tlsOnly }),
      };
    },
  });
  const { x509Dir } = options;
  const read = (file: string): string => readFileSync(join(x509Dir!, file), 'utf8');
  const tls =
    x509Dir === undefined ? undefined : { cert: read('server-cert.pem'), key: read('server-key.pem') };
  const plain =
    tls && options.tlsOnly ? undefined : await screens.listen({ host: '0.0.0.0', port: options.port ?? 0 });
  const secure = tls && (await screens.listen({ host: '0.0.0.0', tls }));
  fake.ports = { port: plain?.port ?? null, tlsPort: secure?.port ?? null };
  fake.onStopped((id) => screens.disconnect(id));
  return screens;
}
