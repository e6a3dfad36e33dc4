import { systemClock, type Clock } from '@anyseat/base';
import type { CloudCredentials } from '@anyseat/openstack';
import type { CloudBench } from './cloudBench.ts';

/** Where a laboratory's OpenStack is, as its start script prints it. */
export type LabFacts = Readonly<Record<string, string | undefined>>;

const TOKENS_LAST_SECONDS = 5;

/**
 * A real OpenStack with Nova's fake driver, whose fixtures are: user `hub` with an application credential, user `admin`, project
 * `tiny` with a quota of one server, flavor `desk.huge` that fits nowhere, metadata `lab_fault` that makes a build fail, and a second
 * Keystone whose tokens last five seconds. What takes a hand on its processes comes as hooks.
 */
export function labBench(
  facts: LabFacts,
  hooks: Pick<CloudBench, 'holdDeletes' | 'breakCell'> = {},
): CloudBench {
  const need = (name: string): string => {
    const value = facts[name];
    if (!value) throw new Error(`the laboratory did not say ${name}`);
    return value;
  };
  const at = (authUrl: string, auth: CloudCredentials['auth']): CloudCredentials => ({
    cloud: 'lab',
    authUrl,
    auth,
    region: need('OS_REGION_NAME'),
    interfaces: ['public'],
    endpoints: {},
    tls: { verify: true, ca: undefined, cert: undefined, key: undefined },
  });
  const authUrl = need('OS_AUTH_URL');
  const domain = { name: 'Default' };
  const by = (user: string, project: string): CloudCredentials['auth'] => ({
    kind: 'password',
    user: { name: user, domain },
    password: () => need('OSLAB_ADMIN_PASSWORD'),
    project: { name: project, domain },
  });
  const credential: CloudCredentials['auth'] = {
    kind: 'applicationCredential',
    credential: { id: need('OSLAB_APPCRED_ID') },
    secret: () => need('OSLAB_APPCRED_SECRET'),
  };
  return {
    member: at(authUrl, credential),
    admin: at(authUrl, by('admin', 'desktops')),
    image: need('OSLAB_IMAGE'),
    flavor: need('OSLAB_FLAVOR'),
    network: need('OSLAB_NETWORK'),
    patienceMs: 60_000,
    adminElsewhere: at(authUrl, by('admin', 'admin')),
    tiny: at(authUrl, by('tinyuser', 'tiny')),
    hugeFlavor: 'desk.huge',
    // Nova tries every host before it gives up, and says only that.
    failBuild: () =>
      Promise.resolve({
        metadata: { lab_fault: 'the hypervisor says no' },
        words: /^Exceeded maximum number of retries/,
      }),
    ...hooks,
    expiry: {
      credentials: at(need('OSLAB_SHORT_AUTH_URL'), credential),
      clock: stoppedClock,
      over: () => systemClock.sleep((TOKENS_LAST_SECONDS + 2) * 1000),
    },
    cannot: {
      holdDeletes: 'it takes a hand on the laboratory’s nova-compute (SIGSTOP)',
      breakCell: 'it takes a hand on the laboratory’s databases (a socket of its own for the cell)',
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** By this clock no token ever ages, so that only the cloud can say that one is over. */
const stoppedClock: Clock = { ...systemClock, monotonic: () => 0 };
