import { MINUTE, SECOND } from '@anyseat/base';
import { removeServer } from '../../../packages/minicloud/src/model/removeServer.ts';
import { lookBack, openSite } from './runSeed.ts';
import { peace } from './peace.ts';
import type { Scenario } from './scenarios.ts';
import type { Site, SitePool } from './site.ts';
import type { ThinClient } from './thinClient.ts';
import { World } from './world.ts';

export { scenarios } from './scenarios.ts';

export interface Walked {
  /** Where the hub was killed; undefined: the swap was over before it came so far. */
  killedAt: string | undefined;
  /** What is not as it ought to be afterwards. */
  wrong: string[];
  trace: readonly string[];
}

/** The same for each step of a walk, so that all is as it was until the hub is killed. */
const SEED = 7;
const SWAPPED_WITHIN = 10 * MINUTE;
const somebody = { userId: 'admin', projectId: 'admin', isAdmin: true, requestId: 'req-walk' };

/**
 * A swap from its beginning to its end, with the hub killed at the n-th place: between any two steps of the world that changed
 * something (a commit is a step), and at each call of the cloud and each frame, just before and just after. Whoever asked asks
 * again; the seat comes back by itself.
 */
export async function walkSwap(scenario: Scenario, n: number): Promise<Walked> {
  using world = new World(SEED, siteFor(scenario));
  const wrong: string[] = [];
  const expect = (what: string, is: unknown, wanted: unknown) => {
    if (is !== wanted) wrong.push(`${what}: ${String(is)}, not ${String(wanted)}`);
  };
  try {
    world.restless = false;
    await openSite(world);
    const seat = world.seats[0]!;
    await world.pass(
      5 * MINUTE,
      () => isAtWork(world, seat) && readyOnes(world) === (scenario.ready ? 1 : 0),
    );
    const before = rowOf(world, seat.showing?.server);
    if (!before) throw new Error(`nobody is at work: ${JSON.stringify(seat.seat.session)}`);
    const from = world.crossings;
    let at: string | undefined;
    world.onKilled = (what) => (at = what);
    world.stepsAreCrossings = true;
    world.killAfterCrossings(n);
    begin(scenario, world, seat, before);
    await world.pass(
      SWAPPED_WITHIN,
      () => isAtWork(world, seat) && seat.showing?.server !== before.server_id && !hasOpenSwap(world),
    );
    world.killAfterCrossings(Infinity);
    world.stepsAreCrossings = false;
    const after = rowOf(world, seat.showing?.server);
    expect('on the screen is another desktop', after !== undefined && after.id !== before.id, true);
    expect('its state', after?.state, scenario.whose === 'bound' ? 'bound' : 'leased');
    const swaps =
      world.hub?.rows<{ desktop: string; origin: string; to_desktop: string }>('SELECT * FROM swaps') ?? [];
    expect('swaps', swaps.length, 1);
    expect('of', swaps[0]?.desktop, before.id);
    expect('by', swaps[0]?.origin, scenario.by);
    expect('to', swaps[0]?.to_desktop, after?.id);
    const old = world.hub?.rows<{ state: string }>('SELECT state FROM desktops WHERE id = ?', before.id)[0];
    expect(
      'the old one may be handed out',
      ['quarantined', 'retiring', 'gone'].includes(old?.state ?? ''),
      true,
    );
    const bindings = world.hub?.rows<{ desktop: string }>('SELECT desktop FROM bindings') ?? [];
    expect(
      'bindings',
      bindings.map(({ desktop }) => desktop).join(),
      scenario.whose === 'bound' ? after?.id : '',
    );
    if (!world.violation) await peace(world);
    if (!world.violation) await lookBack(world);
    if (world.violation) wrong.push(`rule ${world.violation.rule}: ${world.violation.text}`);
    return {
      killedAt: at === undefined ? undefined : `${world.crossings - from}: ${at}`,
      wrong,
      trace: world.trace.lines,
    };
  } finally {
    await world.close();
  }
}

interface Row {
  id: string;
  state: string;
  server_id: string;
  server_name: string;
  session: string;
}

const rowOf = ({ hub }: World, server: string | undefined): Row | undefined =>
  hub?.rows<Row>(
    'SELECT id, state, server_id, server_name, session FROM desktops WHERE server_id = ?',
    server ?? '',
  )[0];

const readyOnes = ({ hub }: World): number =>
  hub?.rows<{ n: number }>("SELECT count(*) AS n FROM desktops WHERE state = 'ready'")[0]?.n ?? 0;

const hasOpenSwap = ({ hub }: World): boolean =>
  (hub?.rows("SELECT 1 FROM sessions WHERE state <> 'ended' AND swap IS NOT NULL") ?? [1]).length > 0;

/** Sees a desktop, and the hub knows that. */
const isAtWork = ({ hub }: World, { showing }: ThinClient): boolean =>
  showing !== undefined && (hub?.rows("SELECT 1 FROM sessions WHERE state = 'connected'") ?? []).length === 1;

/** Begins the swap; whoever asks goes on until it is answered. */
function begin({ by }: Scenario, world: World, seat: ThinClient, before: Row): void {
  if (by === 'rule') {
    const server = world.cloud.server(before.server_id)!;
    world.lose(server, () => removeServer(world.cloud, server, somebody));
  } else if (by === 'person') {
    world.complaints.add(before.server_name);
    seat.intend('wantReplacement');
    seat.intend('confirm');
  } else world.begin('the operator', () => order(world, before));
}

async function order(world: World, { id, session }: Row): Promise<void> {
  world.operatorSwaps.add(id);
  for (;;) {
    let answer: unknown;
    world.begin('the order', async () => {
      answer = await world.operate('POST', '/swap', { of: 'seat/s1', expect: { desktop: id, session } });
    });
    await world.time.sleep(5 * SECOND);
    if (answer !== undefined) return;
  }
}

function siteFor({ whose, ready }: Scenario): Site {
  const pool = (isOwn: boolean): SitePool => ({
    floor: ready && isOwn === (whose === 'bound') ? 1 : 0,
    ceiling: 5,
    boots: 2,
    afterUse: isOwn ? 'keep' : 'replace',
    swaps: { perPersonHour: 2, byRule: true, bound: 'everybody', keepMost: 3 },
  });
  return {
    seats: ['s1'],
    people: [whose === 'bound' ? 'own1' : 'p1'],
    pools: { standard: pool(false), owned: pool(true) },
    rules: { sessions: 1 },
    whenGone: 'tell',
    mostBoots: 4,
    hosts: 2,
    timings: { scheduleMs: 500, networkMs: 500, spawnMs: 4000, deleteMs: 1000, jitter: 0.2 },
  };
}
