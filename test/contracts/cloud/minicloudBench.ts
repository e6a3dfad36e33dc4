import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '@anyseat/base';
import { startMinicloud, type Minicloud, type MinicloudOptions } from '@anyseat/minicloud';
import { readCredentials, type CloudCredentials } from '@anyseat/openstack';
import type { CloudBench } from './cloudBench.ts';

export interface MinicloudBench extends CloudBench {
  readonly minicloud: Minicloud;
}

/** A minicloud that is quick, and every way it has to provoke what goes wrong. */
export async function minicloudBench(options: MinicloudOptions = {}): Promise<MinicloudBench> {
  const minicloud = await startMinicloud({ hypervisor: 'fake', speed: 5, ...options });
  const { faults } = minicloud;
  const credentials = readFrom(minicloud.cloudsYaml());
  const member = credentials('minicloud-app');
  return {
    minicloud,
    member,
    admin: credentials('minicloud-admin-app'),
    broker: credentials('minicloud-broker-app'),
    image: 'desk-image',
    flavor: 'desk.small',
    network: 'desk-net',
    patienceMs: 10_000,
    adminElsewhere: inProject(credentials('minicloud-admin'), 'tiny'),
    tiny: inProject(credentials('minicloud'), 'tiny', 'tinyuser'),
    hugeFlavor: 'desk.huge',
    failBuild: () => {
      faults.set('build-fails', { message: 'the hypervisor says no' }, { count: 1 });
      return Promise.resolve({ words: /the hypervisor says no/ });
    },
    holdDeletes: () => {
      const held = faults.set('delete-hangs', {});
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(held[Symbol.dispose]()) });
    },
    breakCell: () => {
      const broken = faults.set('cells-down', { cells: ['cell1'] });
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(broken[Symbol.dispose]()) });
    },
    noPorts: () => {
      const none = faults.set('quota', { ports: 0 });
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(none[Symbol.dispose]()) });
    },
    without: (service) => {
      const away = faults.set(service === 'network' ? 'neutron-down' : 'keystone-down', {});
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(away[Symbol.dispose]()) });
    },
    interruptBuild: {
      metadata: { lab_delay: '1' },
      interrupt: () => Promise.resolve(void faults.set('build-fails-silently', {}, { count: 1 })),
    },
    expiry: {
      credentials: member,
      clock: systemClock,
      over: () => Promise.resolve(minicloud.expireTokens()),
    },
    [Symbol.asyncDispose]: () => minicloud[Symbol.asyncDispose](),
  };
}

/** Credentials by their name in a clouds.yaml that stands in no file. */
export function readFrom(cloudsYaml: string): (name: string) => CloudCredentials {
  return (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'clouds-'));
    try {
      const file = join(folder, 'clouds.yaml');
      writeFileSync(file, cloudsYaml);
      return readCredentials(name, {
        env: { OS_CLIENT_CONFIG_FILE: file },
        cwd: folder,
        home: folder,
        site: folder,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** The same password for another project, or as another user. */
function inProject(credentials: CloudCredentials, project: string, user?: string): CloudCredentials {
  const { auth } = credentials;
  if (auth.kind !== 'password') throw new Error('only a password can be scoped');
  const domain = { id: 'default' };
  return {
    ...credentials,
    auth: { ...auth, project: { name: project, domain }, ...(user && { user: { name: user, domain } }) },
  };
}

/** The real clock with every timer so many times as fast: deadlines of a minute come within a second. */
export function fasterClock(times: number): Clock {
  return {
    ...systemClock,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, fn) => systemClock.after(ms / times, fn),
  };
}
