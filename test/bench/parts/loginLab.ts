import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEOPLE, type Scheme } from '../../lab/ldif.ts';
import { startSlapd, type Slapd } from '../../lab/slapd.ts';
import { ChildProgram } from './childProgram.ts';
import { hubUrl, startHub, untilLinksStand } from './hub.ts';
import { runFolder } from './runFolder.ts';
import { freePort } from '../../../installer/src/freePort.ts';
import type { ServerProcess } from './serverProcess.ts';
import { addResources, addServedDesktops, addThinClients, openStore } from './site.ts';
import { startThinClients } from './thinClients.ts';
import type { LoginRound, Visit } from './thinClientsProgram.ts';

/** Everything that a login goes through, each part in a process of its own, and thin clients that wait for people. */
export interface LoginLab extends AsyncDisposable {
  slapd: Slapd;
  hub: ServerProcess;
  cloud: ChildProgram;
  clients: ChildProgram;
  /** So many people log in, each for the first time, each at a thin client of their own, each for a fresh desktop. */
  closedLoop(count: number, inFlight: number): Promise<LoginRound>;
  openLoop(count: number, perSecond: number): Promise<LoginRound>;
}

/**
 * @param people how many may log in before everything is used up
 * @param slapd one that is there already, with at least so many agents; not stopped
 */
export async function openLoginLab(options: {
  scheme: Scheme;
  people: number;
  slapd?: Slapd;
  allocators?: number;
  nodeArgs?: readonly string[];
}): Promise<LoginLab> {
  const { scheme, people } = options;
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(runFolder('logins')).path;
  const slapd = options.slapd ?? opening.use(await startSlapd({ agents: people, scheme }));
  const cloud = opening.use(ChildProgram.start(join(import.meta.dirname, 'cloudProgram.ts')));
  const clients = opening.use(startThinClients());
  const cloudsYaml = await cloud.ask<string>('start');
  const publicKeys = await clients.ask<string[]>('make', people);
  {
    mkdirSync(folder, { recursive: true });
    await using store = await openStore(folder);
    const { allocators } = options;
    await addResources(store, {
      seats: people,
      desktops: people,
      ...(allocators === undefined ? {} : { allocators }),
    });
    await addThinClients(store, publicKeys);
    await addServedDesktops(store, people, { program: cloud, cloudsYaml });
  }
  const cloudsFile = join(folder, 'clouds.yaml');
  writeFileSync(cloudsFile, cloudsYaml, { mode: 0o600 });
  const watchPort = await freePort();
  const hub = opening.use(
    await startHub({
      folder,
      tls: false,
      watchPort,
      // In life they are made as the desktops become ready, long before anybody comes.
      standingLinks: { most: people, perSecond: 1000 },
      nodeArgs: options.nodeArgs ?? [],
      clouds: { default: { cloud: 'minicloud-app', adminCloud: 'minicloud-admin', cloudsFile } },
      directories: [directorySettings(slapd)],
    }),
  );
  await hub.listening();
  await untilLinksStand(watchPort, people);
  await clients.ask('connect', { url: hubUrl(hub, false), from: 0, to: people, inFlight: 100 });

  const agents = slapd.centre.staff.slice(-people);
  let next = 0;
  const visits = (count: number): Visit[] => {
    if (next + count > people) throw new RangeError('nobody is left who has not logged in');
    return agents
      .slice(next, (next += count))
      .map(({ user, password }, i) => ({ client: next - count + i, user, password }));
  };
  const kept = opening.move();
  return {
    slapd,
    hub,
    cloud,
    clients,
    closedLoop: (count, inFlight) => clients.ask('closedLoop', { visits: visits(count), inFlight }),
    openLoop: (count, perSecond) => clients.ask('openLoop', { visits: visits(count), perSecond }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const directorySettings = (slapd: Slapd) => ({
  type: 'ldap',
  name: 'call',
  servers: [slapd.url],
  allowPlain: true,
  bindDn: slapd.serviceDn,
  passwordFile: slapd.passwordFile,
  userBase: PEOPLE,
  attributes: ['departmentNumber', 'employeeType'],
});
