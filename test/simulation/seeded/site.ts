import type { Timings } from '../../../packages/minicloud/src/options.ts';
import type { Dice } from './dice.ts';

export interface Site {
  seats: readonly string[];
  people: readonly string[];
  pools: Readonly<Record<string, { floor: number; ceiling: number; boots: number }>>;
  mostBoots: number;
  hosts: number;
  timings: Partial<Timings>;
}

/** A small call centre, a little different for every seed. */
export function siteOf(dice: Dice): Site {
  const pooled = 3 + dice.below(4);
  const owners = 1 + dice.below(2);
  const floor = 1 + dice.below(3);
  return {
    seats: Array.from({ length: pooled + owners + dice.below(3) }, (_, i) => `s${i + 1}`),
    people: [
      ...Array.from({ length: pooled }, (_, i) => `p${i + 1}`),
      ...Array.from({ length: owners }, (_, i) => `own${i + 1}`),
    ],
    pools: {
      standard: { floor, ceiling: pooled + floor + 3, boots: 1 + dice.below(4) },
      owned: { floor: 1, ceiling: owners + 4, boots: 1 + dice.below(2) },
    },
    mostBoots: 2 + dice.below(4),
    hosts: 3 + dice.below(3),
    timings: {
      scheduleMs: 500,
      networkMs: 800,
      spawnMs: Math.round(dice.between(4, 20) * 1000),
      powerOnMs: 5000,
      powerOffMs: 2000,
      deleteMs: Math.round(dice.between(1, 5) * 1000),
      jitter: 0.5,
    },
  };
}

/** As an operator writes it. */
export function resourcesOf({ seats, pools }: Site): unknown {
  const pool = (name: string, more: Record<string, unknown>) => ({
    title: name,
    image: 'desk-image',
    flavor: 'desk.small',
    toActiveSeconds: 60,
    toReadySeconds: 60,
    graceSeconds: 45,
    ...pools[name],
    ...more,
  });
  return {
    sites: { nt: { title: 'Nantong', timeZone: 'Asia/Shanghai' } },
    seats: Object.fromEntries(seats.map((name) => [name, { site: 'nt', label: name }])),
    pools: { standard: pool('standard', {}), owned: pool('owned', { afterUse: 'keep' }) },
    allocators: {
      owners: {
        title: 'Owners',
        priority: 10,
        match: { groups: ['owners'] },
        pools: ['owned'],
        binding: 'user',
      },
      everybody: { title: 'Everybody', default: true, pools: ['standard'] },
    },
  };
}
