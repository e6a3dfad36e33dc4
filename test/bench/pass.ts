import { systemClock } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import type { CloudServer } from '../../hub/src/domain/cloudServer.ts';
import type { Desktop, SessionId } from '../../hub/src/domain/desktop.ts';
import { planPool } from '../../hub/src/domain/pool/planPool.ts';
import type { PoolWorld } from '../../hub/src/domain/pool/world.ts';
import { rowOf, type Benchmark, type Row } from './parts/row.ts';

const SIZES = [100, 1000, 10_000];
const ROUNDS = 7;
/** A round is so many passes that it can be timed. */
const DESKTOPS_A_ROUND = 100_000;

/** One planning round of a pool, against one walk over the same desktops that looks each one's server up. */
export const pass: Benchmark = {
  name: 'pass',
  about: 'one planning round over 100, 1,000 and 10,000 desktops, against one walk over them',
  run: () => {
    const rows = SIZES.map((size): Row => {
      const world = worldOf(size);
      const rounds: { measured: number; floor: number }[] = [];
      for (let round = -2; round < ROUNDS; round++) {
        const floor = msOf(size, () => walk(world));
        // Rows are read anew for every round; what a round keeps for itself is no gift for the next.
        const measured = msOf(size, () => planPool({ ...world, desktops: [...world.desktops] }).length);
        // The first ones are for the compiler.
        if (round >= 0) rounds.push({ measured, floor });
      }
      const name = `planning round, ${size} desktops`;
      return rowOf({ name, unit: 'ms', better: 'less', floorIs: 'one walk, one look-up each' }, rounds);
    });
    return Promise.resolve({ rows, notes: [] });
  },
};

function msOf(size: number, work: () => number): number {
  const passes = DESKTOPS_A_ROUND / size;
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < passes; i++) sum += work();
  if (sum < 0) throw new Error('never: keeps the work from being compiled away');
  return (performance.now() - start) / passes;
}

function walk({ desktops, seen }: PoolWorld): number {
  let running = 0;
  for (const desktop of desktops) {
    if (seen.byId.get(desktop.serverId!)?.state === 'running') running++;
  }
  return running;
}

/** A pool in the middle of a shift: six of ten desktops are held, three ready, one on its way or leaving. */
function worldOf(size: number): PoolWorld {
  const now = systemClock.now();
  const states = [
    'leased',
    'leased',
    'leased',
    'leased',
    'leased',
    'leased',
    'ready',
    'ready',
    'ready',
  ] as const;
  const desktops = Array.from({ length: size }, (_, i): Desktop => {
    const state = states[i % 10] ?? (i % 20 === 9 ? 'building' : 'retiring');
    return {
      id: `dt_${i}` as Desktop['id'],
      number: i,
      cloud: 'default',
      pool: 'p',
      poolRevision: 1,
      image: 'img-1',
      state,
      stateSince: now - 10_000,
      attempt: 1,
      serverName: `p-${i}`,
      serverId: `server-${i}`,
      host: `host-${i % 200}`,
      endpoint: { host: '10.0.0.1', port: 5900, resolvedAt: now },
      session: state === 'leased' ? (`ses_${i}` as SessionId) : undefined,
      usedBy: state === 'leased' ? `call:${i}` : undefined,
      fault: undefined,
      heldBack: undefined,
      unconfirmedSince: undefined,
      createdAt: now - 60_000,
      askedAt: now - 60_000,
      activeAt: now - 30_000,
      readyAt: now - 20_000,
      writtenAt: now - 10_000,
    };
  });
  const servers = desktops.map(serverOf);
  return {
    pool: {
      name: 'p',
      revision: 1,
      madeSince: 1,
      spec: poolSpec.parse({
        title: 'P',
        image: 'i',
        flavor: 'f',
        floor: Math.ceil(size / 3),
        ceiling: size,
      }),
    },
    desktops,
    image: { use: 'img-1' },
    missingSince: new Map(),
    mayLose: false,
    hosts: new Map(),
    closed: undefined,
    seen: {
      byId: new Map(servers.map((server) => [server.id, server])),
      byName: new Map(servers.map((server) => [server.name, server])),
      complete: true,
      startedAt: now,
    },
    waiting: 0,
    size: { floor: Math.ceil(size / 3), keep: 0, shrink: 5 },
    boot: { forPeople: 50, forSpares: 50, unplaced: 50, paused: undefined, on: () => 50 },
    mayCreate: Infinity,
    busy: new Set(),
    askedAt: new Map(),
    now,
    monotonic: now,
    inStateMs: (desktop) => now - desktop.stateSince,
  };
}

const serverOf = (desktop: Desktop): CloudServer => ({
  id: desktop.serverId!,
  name: desktop.serverName!,
  state: desktop.state === 'building' ? 'building' : 'running',
  words: 'ACTIVE',
  metadata: {},
  tags: [],
  host: desktop.host,
  hostId: undefined,
  hostUp: true,
  fault: undefined,
  addresses: [],
  createdAt: desktop.createdAt,
});
