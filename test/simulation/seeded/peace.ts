import { MINUTE, SECOND } from '@anyseat/base';
import { resetState } from '../../../packages/minicloud/src/model/act.ts';
import { removeServer } from '../../../packages/minicloud/src/model/removeServer.ts';
import type { World } from './world.ts';

/** Longer than the longest back-off; shorter than broken desktops are kept as evidence, which must keep nobody waiting. */
const WITHIN_MS = 14 * MINUTE;
/** So long everything has to stay as it should be. */
const STAYS_MS = 10 * SECOND;
const LOOK_MS = 100;
const OPERATOR_LOOKS_MS = 20 * SECOND;

const somebody = { userId: 'admin', projectId: 'admin', isAdmin: true, requestId: 'req-operator' };

/**
 * The second phase: the faults have stopped, people sit down and stay, and an operator does what is only theirs to do.
 * Within the modelled time everybody has a desktop, the floor is met, the queue is empty, nothing is stuck and nothing
 * leaks. A hub that does nothing is safe, and worthless.
 */
export async function peace(world: World): Promise<void> {
  world.restless = false;
  world.begin('the operator', () => operate(world));
  let well: number | undefined;
  let lookAt = 0;
  await world.pass(WITHIN_MS, () => {
    if (world.time.now < lookAt) return false;
    lookAt = world.time.now + LOOK_MS;
    const wrong = whatIsWrong(world, 1);
    if (wrong.length > 0) {
      well = undefined;
      return false;
    }
    well ??= world.time.now;
    return world.time.now - well >= STAYS_MS;
  });
  if (world.violation || well !== undefined) return;
  for (const text of whatIsWrong(world, 20)) world.trace.add('world', `is wrong still: ${text}`);
  world.violate(
    'everything is well again',
    `${WITHIN_MS / MINUTE} minutes later: ${whatIsWrong(world, 3).join('; ')}`,
  );
}

/** What is not as it should be, at most so many of it. */
function whatIsWrong(world: World, most: number): string[] {
  const wrong: string[] = [];
  for (const find of [peopleWithout, openSwaps, unmetFloors, stuckDesktops, leaks]) {
    if (wrong.length >= most) break;
    wrong.push(...find(world));
  }
  return wrong.slice(0, most);
}

function* peopleWithout({ people }: World): Iterable<string> {
  for (const person of people)
    if (person.at?.showing?.person !== person.user)
      yield `${person.user} has no desktop (at ${person.at?.name ?? 'no seat'}, ${person.at?.seat.session.kind ?? ''})`;
}

/** Whose next desktop is on the screen, and the swap is not over. */
function* openSwaps({ hub }: World): Iterable<string> {
  const open = hub?.rows<{ user: string }>(
    "SELECT user FROM sessions WHERE state = 'connected' AND swap IS NOT NULL",
  );
  for (const { user } of open ?? []) yield `the swap of ${user} is not over`;
}

interface Row {
  state: string;
  server_id: string | null;
  server_name: string | null;
  pool: string;
}

const rowsOf = ({ hub }: World): Row[] =>
  hub?.rows<Row>("SELECT state, server_id, server_name, pool FROM desktops WHERE state <> 'gone'") ?? [];

function* unmetFloors(world: World): Iterable<string> {
  if (!world.hub?.hub) yield 'there is no hub';
  const rows = rowsOf(world);
  for (const [pool, { floor, ceiling }] of Object.entries(world.site.pools)) {
    const own = rows.filter((row) => row.pool === pool);
    const ready = own.filter(({ state }) => state === 'ready');
    const kept = own.filter(({ state }) => state !== 'ready' && state !== 'broken' && AT_REST.has(state));
    const wanted = Math.min(floor, ceiling - kept.length);
    if (ready.length < wanted) yield `${ready.length} of ${wanted} desktops of ${pool} are ready`;
    for (const { server_id, server_name } of ready) {
      const server = server_id === null ? undefined : world.cloud.server(server_id);
      if (server?.vmState !== 'active' || !world.hypervisor.isRunning(server.id))
        yield `${server_name} is ready, and its server is ${server?.vmState ?? 'gone'}`;
    }
  }
}

const AT_REST = new Set(['ready', 'leased', 'bound', 'parked', 'broken', 'quarantined']);

function* stuckDesktops(world: World): Iterable<string> {
  for (const { state, server_name } of rowsOf(world)) {
    if (!AT_REST.has(state)) yield `${server_name} is ${state}`;
  }
}

/** Servers that no row has, and rows whose server is gone. */
function* leaks(world: World): Iterable<string> {
  const rows = rowsOf(world);
  const known = new Set(rows.map((row) => row.server_id));
  for (const server of world.cloud.servers())
    if (world.isOurs(server) && !known.has(server.id)) yield `${server.name} has no row`;
  for (const { server_id, server_name, state } of rows)
    if (server_id !== null && !world.cloud.server(server_id)) yield `${server_name} (${state}) has no server`;
}

/**
 * What only a person may decide: a quarantined desktop that nobody sits before goes, and so does a session that is as it stood
 * in a backup and has nobody before its desktop; a delete that hangs in the cloud is
 * loosened there; strays that the hub leaves alone for being too many are cleared away in the cloud.
 */
async function operate(world: World): Promise<void> {
  for (let round = 0; ; round++) {
    await world.time.sleep(OPERATOR_LOOKS_MS);
    for (const server of world.cloud.servers()) {
      if (server.taskState === 'deleting' && world.time.now - (server.updatedAt - BEGAN) > MINUTE)
        resetState(world.cloud, server, 'error', somebody);
    }
    const rows = quarantined(world).filter(({ server_id }) => {
      const viewer = server_id === null ? undefined : world.screens.viewerOf(server_id);
      return !viewer || !world.sitsAt(viewer.person, viewer.seat);
    });
    for (const { id, server_id } of rows) {
      if (server_id !== null) world.operatorGaveUp.add(server_id);
      world.trace.add('operator', `gives up ${id}`);
      await world.operate('POST', `/desktops/${id}/retire`);
    }
    for (const bound of unusable(world)) {
      world.trace.add('operator', `gives up ${bound.server_name}, which is somebody’s and cannot be used`);
      world.operatorGaveUp.add(bound.server_id);
      if (bound.session !== null) await world.operate('POST', `/sessions/${bound.session}/end`);
      await world.operate('POST', `/desktops/${bound.id}/retire`);
    }
    for (const { id, server_name } of lostUnderPeople(world)) {
      world.trace.add('operator', `swaps ${server_name}, which is lost, and its pool leaves that to people`);
      world.operatorSwaps.add(id);
      await world.operate('POST', '/swap', { of: `desktop/${server_name}` });
    }
    for (const { session, server_id } of unconfirmed(world)) {
      if (world.screens.viewerOf(server_id)) continue;
      world.trace.add('operator', `ends ${session}, which is as in the backup, and nobody is there`);
      world.operatorGaveUp.add(server_id);
      await world.operate('POST', `/sessions/${session}/end`);
    }
    if (round >= 10) clearStrays(world);
  }
}

const BEGAN = Date.UTC(2026, 10, 23, 0);

const quarantined = ({ hub }: World) =>
  hub?.rows<{ id: string; server_id: string | null }>(
    "SELECT id, server_id FROM desktops WHERE state = 'quarantined'",
  ) ?? [];

/** Sessions as they stood in a backup, of which no seat has said anything since. */
const unconfirmed = ({ hub }: World) =>
  hub?.rows<{ session: string; server_id: string }>(
    'SELECT session, server_id FROM desktops WHERE unconfirmed_since IS NOT NULL AND session IS NOT NULL',
  ) ?? [];

/** Bound desktops whose server is in ERROR or gone: whose they are is an operator's to decide (rule 3). */
const unusable = ({ hub, cloud }: World) =>
  (
    hub?.rows<{ id: string; server_id: string; server_name: string; session: string | null }>(
      "SELECT id, server_id, server_name, session FROM desktops WHERE state IN ('bound', 'parked')",
    ) ?? []
  ).filter(({ server_id }) => {
    const vmState = cloud.server(server_id)?.vmState;
    return vmState === undefined || vmState === 'error';
  });

/** What somebody has whose pool wants no swaps by rule: it is gone, and nobody but an operator may say so. */
function* lostUnderPeople({ hub, cloud, hypervisor, site }: World) {
  const held = hub?.rows<{ id: string; pool: string; server_id: string; server_name: string }>(
    "SELECT id, pool, server_id, server_name FROM desktops WHERE state = 'leased' AND session IS NOT NULL",
  );
  for (const one of held ?? []) {
    const isThere = cloud.server(one.server_id)?.vmState === 'active' && hypervisor.isRunning(one.server_id);
    if (!isThere && !site.pools[one.pool as 'standard' | 'owned'].swaps.byRule) yield one;
  }
}

function clearStrays(world: World): void {
  const known = new Set(rowsOf(world).map((row) => row.server_id));
  const strays = [...world.cloud.servers()].filter((s) => world.isOurs(s) && !known.has(s.id));
  if (strays.length <= 2) return;
  for (const server of strays) {
    if (world.screens.viewerOf(server.id)) continue;
    world.trace.add('operator', `clears ${server.name} away`);
    removeServer(world.cloud, server, somebody);
  }
}
