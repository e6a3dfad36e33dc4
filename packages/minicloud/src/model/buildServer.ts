import { messageOf } from '@anyseat/base';
import type { Cloud } from './cloud.ts';
import type { Course } from './course.ts';
import type { Host } from './hosts.ts';
import { checkWiring } from './ports.ts';
import { POWER, type Server } from './server.ts';

/** `[scheduler]max_attempts`. */
const MOST_ATTEMPTS = 3;

const NO_VALID_HOST = 'No valid host was found. ';
const NO_VALID_HOST_DETAILS =
  'Traceback (most recent call last):\n  File "nova/conductor/manager.py", in schedule_and_build_instances\n' +
  `nova.exception.NoValidHost: ${NO_VALID_HOST}There are not enough hosts available.\n`;

/** A build that no other host need try. */
class Aborted extends Error {
  readonly code: number;
  /** undefined: ends in ERROR without a word. */
  readonly told: string | undefined;
  constructor(code: number, told: string | undefined) {
    super(told ?? 'aborted');
    this.code = code;
    this.told = told;
  }
}

/**
 * The way of a server from its request to ACTIVE or ERROR: scheduled onto a host with room, wired, spawned; tried on
 * other hosts when a host fails. Metadata `lab_delay` (seconds) keeps it spawning, `lab_fault` makes every host fail.
 */
export async function buildServer(cloud: Cloud, server: Server, course: Course): Promise<void> {
  const action = server.actions[0]!;
  await course.wait(cloud.takes('scheduleMs'));
  if (cloud.faults.take('build-stuck')) return;
  const tried = new Set<string>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const none = attempt === 0 && cloud.faults.take('no-valid-host');
    const host = none ? undefined : cloud.hosts.pick(cloud.flavorOf(server), server.zone, tried);
    if (!host) break;
    tried.add(host.name);
    cloud.claim(server, host);
    cloud.change(server, { cell: host.cell, tags: [...server.tags].sort() });
    try {
      await buildOn(cloud, server, course, host);
      cloud.finished(server, action);
      return;
    } catch (error) {
      cloud.finished(server, action, messageOf(error));
      await course.step(cloud.hypervisor.remove(server.id));
      if (error instanceof Aborted)
        return giveUp(cloud, server, error.code, error.told, error.told === undefined);
      cloud.ports.release(server.id, cloud.clock.now());
      cloud.unclaim(server);
      cloud.change(server, { host: null, taskState: 'scheduling' });
    }
  }
  if (tried.size === 0) {
    cloud.change(server, { cell: 'cell0', tags: [...server.tags].sort() });
    cloud.finished(server, action, NO_VALID_HOST);
    return cloud.fail(server, 500, NO_VALID_HOST, NO_VALID_HOST_DETAILS);
  }
  giveUp(cloud, server, 500, exhausted(server));
}

function giveUp(
  cloud: Cloud,
  server: Server,
  code: number,
  told: string | undefined,
  keepsHost = false,
): void {
  cloud.ports.release(server.id, cloud.clock.now());
  if (!keepsHost) {
    cloud.unclaim(server);
    cloud.change(server, { host: null });
  }
  cloud.fail(server, code, told, told);
}

async function buildOn(cloud: Cloud, server: Server, course: Course, host: Host): Promise<void> {
  const giveBack = await course.borrow(cloud.hosts.buildSlot(host));
  await course.step(cloud.hosts.whenUp(host.name));
  cloud.change(server, { host: host.name, taskState: 'networking' });
  await course.wait(cloud.takes('networkMs'));
  wire(cloud, server, host);
  cloud.change(server, { taskState: 'spawning' });
  const delay = Number(server.metadata['lab_delay']);
  if (delay > 0) await course.wait(delay * 1000);
  await course.wait(cloud.takes('spawnMs'));
  await course.step(cloud.hosts.whenUp(host.name));
  checkLuck(cloud, server);
  await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'fresh'));
  for (const port of cloud.ports.of(server.id))
    cloud.ports.change(port, { status: 'ACTIVE' }, cloud.clock.now());
  giveBack();
  cloud.change(server, {
    vmState: 'active',
    taskState: null,
    power: POWER.running,
    launchedAt: cloud.clock.now(),
  });
}

/** What is to go wrong, goes wrong here. */
function checkLuck(cloud: Cloud, server: Server): void {
  if (cloud.faults.take('build-fails-silently')) throw new Aborted(500, undefined);
  const planned = cloud.faults.take('build-fails');
  if (planned) throw new Aborted(planned.code ?? 500, planned.message);
  const told = server.metadata['lab_fault'];
  if (told) throw new Error(told);
}

/** Makes the ports that Nova makes, and binds the ones it was given. */
function wire(cloud: Cloud, server: Server, host: Host): void {
  const { ports, installation } = cloud;
  if (cloud.faults.on('neutron-down')) throw new Error('Neutron does not answer');
  const bound = { deviceId: server.id, deviceOwner: `compute:${host.zone}`, host: host.name };
  for (const { network, port: given, address } of checkAgain(cloud, server)) {
    const port = given === undefined ? undefined : ports.get(given);
    if (port) {
      ports.change(port, bound, cloud.clock.now());
      continue;
    }
    if (cloud.faults.take('ports-fail')) throw new Error('Neutron failed to make a port');
    const made = ports.create(
      {
        networkId: network!,
        projectId: server.projectId,
        securityGroups: [installation.securityGroupId],
        novaMade: true,
        ...bound,
        ...(address !== undefined && { address }),
      },
      cloud.clock.now(),
    );
    ports.change(made, { host: host.name }, cloud.clock.now());
  }
}

/** Two servers may have been promised the same port: the second one learns it here. */
function checkAgain(cloud: Cloud, server: Server): { network?: string; port?: string; address?: string }[] {
  try {
    return checkWiring(server.wiring, cloud.installation.networks, cloud.ports, server.projectId);
  } catch (error) {
    throw new Aborted(500, `Build of instance ${server.id} aborted: ${messageOf(error)}`);
  }
}

const exhausted = (server: Server): string =>
  'Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ' +
  `${server.id}.`;
