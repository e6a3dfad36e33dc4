import { expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import { SpiceServer } from '@anyseat/spice';
import type { Cloud } from '../cloud/cloud.ts';
import type { CloudServer } from '../domain/cloudServer.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Session } from '../domain/session.ts';
import { LostDesktops } from './lostDesktops.ts';

const OFF = { host: '127.0.0.1', port: 1, resolvedAt: 1 };

interface Given {
  session?: Partial<Session>;
  /** What the session is by the time the cloud has answered. */
  later?: Partial<Session>;
  server?: CloudServer['state'] | 'gone';
  endpoint?: Desktop['endpoint'];
  online?: boolean;
}

/** The reasons for which the desktop of one session was swapped in one look. */
async function look({ session, later, server = 'gone', endpoint = OFF, online = true }: Given) {
  const swapped: string[] = [];
  const row = {
    id: 'ses_1',
    tc: 'tc_1',
    state: 'away',
    viewerEnd: 'link-lost',
    secretHash: 'hash',
    desktop: 'dt_1',
    ...session,
  } as unknown as Session;
  const desktop = {
    id: 'dt_1',
    cloud: 'c',
    serverId: 's1',
    session: 'ses_1',
    endpoint,
  } as unknown as Desktop;
  const cloud = {
    spice: { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined },
    server: () => Promise.resolve(server === 'gone' ? server : { state: server, words: 'as it says' }),
  } as unknown as Cloud;
  await using lost = new LostDesktops({
    store: {
      sessionsAway: () => Promise.resolve([row]),
      session: () => Promise.resolve({ ...row, ...later }),
      desktop: () => Promise.resolve(desktop),
    },
    clouds: new Map([['c', cloud]]),
    hostsOf: () => undefined,
    online: () => new Set(online ? [row.tc] : []),
    clock: systemClock,
    log: silentLog,
    swap: (_session, _desktop, reason) => Promise.resolve(swapped.push(reason)),
  });
  await lost.look();
  return swapped;
}

test('a desktop that its seat has lost, that the cloud has no more and that does not answer is swapped', async () => {
  expect(await look({})).toEqual(['its server is gone']);
});

test.each<[string, Given]>([
  ['its seat shows it', { session: { state: 'connected' } }],
  ['the person ended it', { session: { viewerEnd: 'closed-by-person' } }],
  ['its seat is silent', { online: false }],
  ['it is locked', { session: { secretHash: undefined } }],
  ['the cloud says that it runs', { server: 'running' }],
  ['the cloud cannot say', { server: 'unknown' }],
  ['its person shut it down', { server: 'stopped' }],
  ['its person came back meanwhile', { later: { state: 'connected' } }],
  ['its person logged off meanwhile', { later: { state: 'ended' } }],
  ['its person has another one meanwhile', { later: { desktop: 'dt_2' as Session['desktop'] } }],
])('one is left alone where %s', async (_, given) => {
  expect(await look(given)).toEqual([]);
});

test('one that answers is left alone, whatever the cloud says of it', async () => {
  await using desktop = new SpiceServer({
    identify: () => ({ name: 'd', uuid: '11111111-1111-4111-8111-111111111111' }),
  });
  const { port } = await desktop.listen({ host: '127.0.0.1' });
  const endpoint = { host: '127.0.0.1', port, resolvedAt: 1 };
  expect(await look({ endpoint })).toEqual([]);
});
