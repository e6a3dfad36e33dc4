import type { Timings } from '../../../packages/minicloud/src/options.ts';
import type { Dice } from './dice.ts';

export interface SitePool {
  floor: number;
  ceiling: number;
  boots: number;
  afterUse: 'replace' | 'rebuild' | 'keep';
  parkAfterHours?: number;
  swaps: { perPersonHour: number; byRule: boolean; bound: 'operators' | 'everybody'; keepMost: number };
}

/** What its allocator says of everybody's sessions. */
export interface SessionRules {
  /** How many somebody may have at once; owners have one. */
  sessions: number;
  idle?: { afterMinutes: number; warnMinutes: number; action: 'lock' | 'logOff' };
  atMost?: { minutes: number; warnMinutes: number };
}

export interface Site {
  seats: readonly string[];
  people: readonly string[];
  pools: Readonly<Record<'standard' | 'owned', SitePool>>;
  rules: SessionRules;
  /** When the bound desktop of an owner is gone for good. */
  whenGone: 'tell' | 'new';
  mostBoots: number;
  hosts: number;
  timings: Partial<Timings>;
}

/** A small call centre, a little different for every seed. */
export function siteOf(dice: Dice): Site {
  const pooled = 3 + dice.below(4);
  const owners = 1 + dice.below(2);
  const floor = 1 + dice.below(3);
  const rules = sessionRulesOf(dice);
  const afterUse = dice.happens(0.4) ? 'rebuild' : 'replace';
  // With room for others a used one is not made anew: another one is there already.
  const spare = (afterUse === 'rebuild' ? -floor : 3) + (rules.sessions - 1) * pooled;
  return {
    seats: Array.from(
      { length: pooled + owners + dice.below(3) + rules.sessions - 1 },
      (_, i) => `s${i + 1}`,
    ),
    people: [
      ...Array.from({ length: pooled }, (_, i) => `p${i + 1}`),
      ...Array.from({ length: owners }, (_, i) => `own${i + 1}`),
    ],
    pools: {
      standard: {
        floor,
        ceiling: pooled + floor + spare,
        boots: 1 + dice.below(4),
        afterUse,
        swaps: swapsOf(dice),
      },
      owned: {
        floor: 1,
        ceiling: owners + 4,
        boots: 1 + dice.below(2),
        afterUse: 'keep',
        ...(dice.happens(0.5) ? { parkAfterHours: 1 } : {}),
        swaps: swapsOf(dice),
      },
    },
    rules,
    whenGone: dice.one(['tell', 'new']),
    mostBoots: 2 + dice.below(4),
    hosts: 3 + dice.below(3),
    timings: {
      scheduleMs: 500,
      networkMs: 800,
      spawnMs: Math.round(dice.between(4, 20) * 1000),
      powerOnMs: 5000,
      powerOffMs: 2000,
      rebuildMs: Math.round(dice.between(3, 15) * 1000),
      deleteMs: Math.round(dice.between(1, 5) * 1000),
      jitter: 0.5,
    },
  };
}

const swapsOf = (dice: Dice): SitePool['swaps'] => ({
  perPersonHour: dice.one([1, 2, 20]),
  byRule: dice.happens(0.8),
  bound: dice.one(['operators', 'everybody']),
  keepMost: dice.below(4),
});

const sessionRulesOf = (dice: Dice): SessionRules => ({
  sessions: dice.happens(0.3) ? 2 : 1,
  ...(dice.happens(0.3)
    ? { idle: { afterMinutes: 2, warnMinutes: 1, action: dice.one(['lock', 'logOff'] as const) } }
    : {}),
  ...(dice.happens(0.15) ? { atMost: { minutes: 5, warnMinutes: 1 } } : {}),
});

/** As an operator writes it. */
export function resourcesOf({ seats, pools, rules, whenGone }: Site): unknown {
  const pool = (name: 'standard' | 'owned') => ({
    title: name,
    image: 'desk-image',
    flavor: 'desk.small',
    toActiveSeconds: 60,
    toReadySeconds: 60,
    graceSeconds: 45,
    ...pools[name],
  });
  const { sessions, ...limits } = rules;
  return {
    sites: { nt: { title: 'Nantong', timeZone: 'Asia/Shanghai' } },
    seats: Object.fromEntries(seats.map((name) => [name, { site: 'nt', label: name }])),
    pools: { standard: pool('standard'), owned: pool('owned') },
    allocators: {
      owners: {
        title: 'Owners',
        priority: 10,
        match: { groups: ['owners'] },
        pools: ['owned'],
        binding: 'user',
        whenGone,
        ...limits,
      },
      everybody: { title: 'Everybody', default: true, pools: ['standard'], sessions, ...limits },
    },
  };
}
