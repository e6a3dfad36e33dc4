import { HOUR, MINUTE, SECOND } from '@anyseat/base';
import { join } from 'node:path';
import type { FaultName, FaultParams } from '../../../packages/minicloud/src/model/faults.ts';
import { resetState } from '../../../packages/minicloud/src/model/act.ts';
import { removeServer } from '../../../packages/minicloud/src/model/removeServer.ts';
import type { Server } from '../../../packages/minicloud/src/model/server.ts';
import type { Dice } from './dice.ts';
import { network } from './network.ts';
import type { World } from './world.ts';

/** One way in which a day goes wrong: it begins, and ends by itself or when the faults end. */
type Mishap = (world: World, dice: Dice) => void | Promise<void>;

/** Shorter than the five minutes for which an order without an answer is looked for. */
const LONGEST_BLINDNESS_MS = 4 * MINUTE;

const somebody = { userId: 'admin', projectId: 'admin', isAdmin: true, requestId: 'req-trouble' };

/** A switch of the cloud for a while. */
function switchOn<N extends FaultName>(
  name: N,
  params: FaultParams[N],
  options: { count?: number; forMs?: number } = {},
): Mishap {
  return (world) => {
    const { count, forMs } = options;
    const on = world.minicloud.faults.set(name, params, count === undefined ? {} : { count });
    if (forMs !== undefined) world.time.at(forMs, () => on[Symbol.dispose]());
  };
}

const ours = (world: World): Server[] => [...world.cloud.servers()].filter((s) => world.isOurs(s));

const onHost = (world: World, host: string): Server[] =>
  [...world.cloud.servers()].filter((s) => s.host === host);

/** The host starts again; its guests are off. */
function switchOnAgain(world: World, host: string): void {
  if (!world.darkHosts.delete(host)) return;
  for (const server of onHost(world, host)) world.hypervisor.powerOff(server.id);
}

const kinds: Readonly<Record<string, (dice: Dice) => Mishap>> = {
  'answers are late': (dice) =>
    switchOn('slow', { ms: dice.between(100, 20_000) }, { count: 1 + dice.below(20) }),
  'calls hang': (dice) => switchOn('hang', {}, { count: 1 + dice.below(4) }),
  'connections are reset': (dice) => switchOn('reset', {}, { count: 1 + dice.below(10) }),
  'a proxy answers': (dice) =>
    switchOn('html-error', { status: dice.one([502, 503, 504] as const) }, { count: 1 + dice.below(10) }),
  'too many requests': (dice) =>
    switchOn('too-many-requests', { retryAfter: dice.below(10) }, { count: 1 + dice.below(5) }),
  'the cloud is away': (dice) => (world) => {
    network.cloudAway = true;
    world.time.at(dice.between(10 * SECOND, 3 * MINUTE), () => (network.cloudAway = false));
  },
  'an order’s answer is lost': (dice) =>
    switchOn(
      'create-lost',
      { how: dice.one(['hang', 'reset', 'error'] as const) },
      { count: 1 + dice.below(3) },
    ),
  'orders are refused': (dice) =>
    switchOn(
      'create-refused',
      { status: dice.one([400, 403, 409, 500]), message: 'no' },
      { count: 1 + dice.below(3) },
    ),
  'builds fail': (dice) => switchOn('build-fails', { message: 'no disk' }, { count: 1 + dice.below(3) }),
  'builds fail without a word': (dice) => switchOn('build-fails-silently', {}, { count: 1 + dice.below(2) }),
  'a build is stuck': () => switchOn('build-stuck', {}, { count: 1 }),
  'no host is found': (dice) => switchOn('no-valid-host', {}, { count: 1 + dice.below(3) }),
  'a delete hangs': (dice) => switchOn('delete-hangs', {}, { count: 1 + dice.below(2) }),
  'listings lag': (dice) =>
    switchOn('listing-lags', {}, { forMs: dice.between(5 * SECOND, LONGEST_BLINDNESS_MS) }),
  'listings are partial': (dice) =>
    switchOn(
      'listing-partial',
      { share: dice.between(0.1, 0.9) },
      { forMs: dice.between(5 * SECOND, LONGEST_BLINDNESS_MS) },
    ),
  'listings are empty': (dice) =>
    switchOn('listing-partial', { share: 1 }, { forMs: dice.between(5 * SECOND, LONGEST_BLINDNESS_MS) }),
  'all computes look down': (dice) =>
    switchOn('computes-down', {}, { forMs: dice.between(10 * SECOND, 5 * MINUTE) }),
  'a cell is down': (dice) =>
    switchOn(
      'cells-down',
      { cells: [dice.one(['cell1', 'cell2'])] },
      { forMs: dice.between(10 * SECOND, LONGEST_BLINDNESS_MS) },
    ),
  'neutron is down': (dice) => switchOn('neutron-down', {}, { forMs: dice.between(5 * SECOND, 2 * MINUTE) }),
  'ports fail': (dice) => switchOn('ports-fail', {}, { count: 1 + dice.below(3) }),
  'keystone is down': (dice) =>
    switchOn('keystone-down', {}, { forMs: dice.between(10 * SECOND, 6 * MINUTE) }),
  'tokens expire': () => (world) => world.minicloud.identity.expireAll(),
  'consoles are refused': (dice) =>
    switchOn(
      'console-refused',
      { status: dice.one([409, 500, 503]), message: 'no console' },
      { count: 1 + dice.below(5) },
    ),
  'the quota is cut in half': (dice) => (world) =>
    switchOn(
      'quota',
      { instances: Math.max(1, Math.floor(world.cloud.size / 2)) },
      { forMs: dice.between(MINUTE, 5 * MINUTE) },
    )(world, dice),
  'an order is taken twice': () => (world) => {
    network.ordersTakenTwice++;
    world.wasDuplicated = true;
  },
  'a host dies with all that runs on it': (dice) => (world) => {
    const host = dice.one(world.cloud.installation.hosts).name;
    if (world.darkHosts.has(host)) return;
    world.darkHosts.add(host);
    const down = world.minicloud.faults.set('hosts-down', { hosts: [...world.darkHosts] });
    for (const server of onHost(world, host)) world.lose(server, () => world.hypervisor.goDark(server.id));
    world.time.at(dice.between(30 * SECOND, 5 * MINUTE), () => {
      down[Symbol.dispose]();
      switchOnAgain(world, host);
    });
  },
  'a host is cut off': (dice) => (world) =>
    switchOn(
      'hosts-down',
      { hosts: [dice.one(world.cloud.installation.hosts).name] },
      { forMs: dice.between(30 * SECOND, 5 * MINUTE) },
    )(world, dice),
  'a server goes into ERROR': (dice) => (world) => {
    const server = dice.one(ours(world));
    if (server) resetState(world.cloud, server, 'error', somebody);
  },
  'a server is deleted behind our back': (dice) => (world) => {
    const server = dice.one(ours(world));
    if (server) world.lose(server, () => removeServer(world.cloud, server, somebody));
  },
  'a guest is shut down': (dice) => (world) => {
    const server = dice.one(ours(world));
    if (server) world.lose(server, () => world.hypervisor.powerOff(server.id));
  },
  'the clock jumps': (dice) => (world) => {
    const by = dice.one([-1, 1]) * dice.one([30 * SECOND, 10 * MINUTE, HOUR, 26 * HOUR]);
    world.clockOffset += by;
    if (world.hub) world.hub.clock.offset = world.clockOffset;
  },
  'the hub stands still': (dice) => (world) => {
    if (world.hub) world.hub.clock.standsStillUntil = world.time.now + dice.between(5 * SECOND, 2 * MINUTE);
  },
  'the hub is killed': (dice) => (world) => world.killAfterCrossings(1 + dice.below(60)),
  'the hub is killed again and again': (dice) => (world) => {
    for (let i = 0; i < 4; i++)
      world.time.at(i * 30 * SECOND, () => world.killAfterCrossings(1 + dice.below(20)));
  },
  'the hub is stopped and started': () => async (world) => {
    if (!world.hub?.hub) return;
    await world.stopHub();
    await world.startHub();
  },
  'yesterday’s backup is restored': (dice) => async (world) => {
    const file = join(world.folder, `backup-${world.crossings}.db`);
    await world.operate('POST', '/backup', { file });
    await world.time.sleep(dice.between(10 * SECOND, 6 * MINUTE));
    if (!world.hub?.hub) return;
    world.wasRestored = true;
    await world.operate('POST', '/restore', { file });
  },
  'the directory is down': (dice) => (world) => {
    world.directory.state = dice.one(['down', 'hung'] as const);
    world.time.at(dice.between(5 * SECOND, 2 * MINUTE), () => (world.directory.state = 'well'));
  },
  'a cable is pulled': (dice) => (world) => {
    const seat = dice.one(world.seats);
    seat.pullCable();
    world.time.at(dice.between(SECOND, 4 * MINUTE), () => seat.plugIn());
  },
  'the site’s line is cut': (dice) => (world) => {
    for (const seat of world.seats) seat.pullCable();
    world.time.at(dice.between(SECOND, 3 * MINUTE), () => world.seats.forEach((seat) => seat.plugIn()));
  },
  'lines break': (dice) => (world) => {
    for (const seat of world.seats) if (dice.happens(0.5)) seat.breakLine();
  },
  'a box loses its power': (dice) => (world) => {
    const seat = dice.one(world.seats);
    seat.switchOff();
    world.time.at(dice.between(SECOND, MINUTE), () => seat.switchOn());
  },
  'an agent is killed': (dice) => (world) => dice.one(world.seats).restartAgent(),
  'an act is done and nobody hears it': (dice) => () => {
    network.actsUnheard += 1 + dice.below(3);
  },
  'an act is lost on its way': (dice) =>
    switchOn(
      dice.one(['reset', 'hang'] as const),
      { on: { service: 'compute', method: 'POST', path: '/action$' } },
      { count: 1 + dice.below(3) },
    ),
  'a rebuild fails': (dice) => (world) => {
    world.hypervisor.freshFails += 1 + dice.below(2);
  },
  'a rebuild hangs': () => (world) => {
    world.hypervisor.freshHangs++;
  },
  'an operator swaps a desktop': (dice) => (world) => swapOne(world, dice),
  'an operator swaps what people work on': (dice) => async (world) => {
    for (const seat of world.seats)
      if (seat.showing && dice.happens(0.4)) await orderSwap(world, dice, `seat/${seat.name}`);
  },
  'a desktop dies under its person': (dice) => (world) => {
    const seat = dice.one(world.seats.filter(({ showing }) => showing));
    const server = seat?.showing && world.cloud.server(seat.showing.server);
    if (!server) return;
    const how = dice.one(['deleted', 'error', 'deleted']);
    world.lose(server, () => {
      if (how === 'deleted') return removeServer(world.cloud, server, somebody);
      world.hypervisor.powerOff(server.id);
      resetState(world.cloud, server, 'error', somebody);
    });
  },
  'an operator looks at what is in quarantine': (dice) => async (world) => {
    for (const { id, server_id } of world.hub?.rows<{ id: string; server_id: string | null }>(QUARANTINED) ??
      []) {
      if (dice.happens(0.3)) continue;
      if (server_id !== null) world.operatorGaveUp.add(server_id);
      await world.operate('POST', `/desktops/${id}/${dice.one(['release', 'retire'])}`);
    }
  },
  'an operator locks a seat': (dice) => async (world) => {
    const { name } = dice.one(world.seats);
    world.lockedSeats.add(name);
    await world.operate('POST', `/tcs/${name}/lock`);
  },
  'an operator ends a session': (dice) => async (world) => {
    const sessions = world.hub?.rows<{ id: string; server_id: string | null }>(SESSIONS) ?? [];
    if (sessions.length === 0) return;
    const { id, server_id } = dice.one(sessions);
    if (server_id !== null) world.operatorGaveUp.add(server_id);
    await world.operate('POST', `/sessions/${id}/end`);
  },
};

const QUARANTINED = "SELECT id, server_id FROM desktops WHERE state = 'quarantined'";
const SESSIONS =
  "SELECT s.id, d.server_id FROM sessions s LEFT JOIN desktops d ON d.id = s.desktop WHERE s.state <> 'ended'";

/** By whatever an operator can call it. */
function swapOne(world: World, dice: Dice): Promise<void> {
  const server = dice.one(ours(world));
  const names = [`user/${dice.one(world.people).user}`, `seat/${dice.one(world.seats).name}`];
  if (server) names.push(`desktop/${server.name}`);
  return orderSwap(world, dice, dice.one(names));
}

interface Swap {
  desktop: { id: string };
  session?: string;
}

/** What it would come to, a while to think, and then yes; some know better and do not ask. */
async function orderSwap(world: World, dice: Dice, of: string): Promise<void> {
  const trial = (await world.operate('POST', '/swap', { of, dryRun: true })) as Swap | undefined;
  if (!trial) return;
  const { session } = trial;
  const desktop = trial.desktop.id;
  const row = world.hub?.rows<{ server_id: string | null; server_name: string }>(
    'SELECT server_id, server_name FROM desktops WHERE id = ?',
    desktop,
  )[0];
  const thinks = dice.happens(0.7);
  if (thinks) await world.time.sleep(dice.between(0, 15 * SECOND));
  world.operatorSwaps.add(desktop);
  if (row?.server_id) world.operatorGaveUp.add(row.server_id);
  world.trace.add('operator', `swaps ${row?.server_name ?? desktop}`);
  const expect = { desktop, ...(session === undefined ? {} : { session }) };
  await world.operate(
    'POST',
    '/swap',
    thinks ? { of, expect } : { of: `desktop/${row?.server_name ?? desktop}` },
  );
}

/** How often something goes wrong. */
const EVERY_MS = [2 * SECOND, 90 * SECOND] as const;

/** Which kinds of trouble this world has, and when; a world has a few kinds only, so that each can have its way. */
export function planTrouble(world: World, dice: Dice, forMs: number): void {
  const all = Object.keys(kinds);
  const share = dice.between(0.05, 0.4);
  const armed = all.filter(() => dice.happens(share));
  if (armed.length === 0) armed.push(dice.one(all));
  world.trace.add('world', `what goes wrong here: ${armed.join(', ')}`);
  for (let at = dice.between(...EVERY_MS); at < forMs; at += dice.between(...EVERY_MS)) {
    const kind = dice.one(armed);
    world.time.at(at, () => {
      world.trace.add('world', kind);
      world.begin(kind, async () => kinds[kind]!(dice)(world, dice));
    });
  }
}

/** Everything that was broken is mended, but for what the hub has to mend. */
export function endTrouble(world: World): void {
  world.trace.add('world', 'from here on nothing goes wrong');
  world.minicloud.faults.clearAll();
  for (const host of world.darkHosts) switchOnAgain(world, host);
  network.cloudAway = false;
  network.ordersTakenTwice = 0;
  network.actsUnheard = 0;
  world.hypervisor.freshFails = 0;
  world.hypervisor.freshHangs = 0;
  world.directory.state = 'well';
  world.killAfterCrossings(Infinity);
  for (const seat of world.seats) {
    seat.plugIn();
    if (!seat.isOn) seat.switchOn();
  }
}
