import { silentLog, type Clock, type Log } from '@anyseat/base';
import type { CloudCredentials } from './credentials/credentials.ts';
import { endpointOf, type ServiceType } from './keystone/catalog.ts';
import { Tokens } from './keystone/tokens.ts';
import { Service, type Lanes } from './service.ts';
import { Wire } from './wire/wire.ts';

export interface SessionOptions {
  readonly credentials: CloudCredentials;
  readonly clock: Clock;
  readonly log?: Log;
  /** For a call that names none. */
  readonly deadlineMs?: number;
  /** A larger answer is refused while it comes in. A thousand servers in detail are two million bytes. */
  readonly mostBytes?: number;
}

const DEADLINE_MS = 30_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Calls at once per service. Nova answers a handful at a time; more of them only wait there instead of here. */
const LANES: Readonly<Record<'compute' | 'network' | 'image' | 'placement', Lanes>> = {
  compute: { look: 4, change: 8, urgent: 16 },
  network: { look: 4, change: 4, urgent: 4 },
  image: { look: 4, change: 1, urgent: 4 },
  placement: { look: 2, change: 1, urgent: 1 },
};

/** One set of credentials on one cloud: its token, its connections, its services. Nothing is asked before the first call. */
export interface Session extends AsyncDisposable {
  readonly compute: Service;
  readonly network: Service;
  readonly image: Service;
  readonly placement: Service;
}

export function openSession(options: SessionOptions): Session {
  const { credentials, clock, log = silentLog, deadlineMs = DEADLINE_MS } = options;
  const wire = new Wire(credentials.tls, options.mostBytes ?? MOST_BYTES);
  const tokens = new Tokens({ wire, credentials, clock, log, deadlineMs });
  const service = (type: keyof typeof LANES, below: string) =>
    new Service({
      type,
      endpoint: ({ catalog }) =>
        withPath(endpointOf(type satisfies ServiceType, catalog, credentials), below),
      tokens,
      wire,
      clock,
      log,
      deadlineMs,
      lanes: LANES[type],
    });
  return {
    compute: service('compute', '/v2.1'),
    network: service('network', '/v2.0'),
    image: service('image', '/v2'),
    // Its paths begin at its root.
    placement: service('placement', ''),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

/** Addresses stand in catalogs with and without their version. */
function withPath(url: URL, below: string): URL {
  if (!/\/v\d+(\.\d+)?(\/|$)/.test(url.pathname)) url.pathname = url.pathname.replace(/\/$/, '') + below;
  return url;
}
