import { DAY } from '@anyseat/base';
import { areManyDown } from '../hosts.ts';
import type { Problem, ProblemKind } from '../problem.ts';
import type { AlertCode } from './alertRules.ts';
import type { Condition } from './alert.ts';
import type { CloudEvidence, Evidence, Lines, PoolEvidence } from './evidence.ts';
import type { Blind, Seen } from './planAlerts.ts';
import { blindToSeats, seatConditions } from './seatConditions.ts';

const LOW_SHARE = 0.1;
const NEARLY_FULL_SHARE = 0.03;
const ENDS_SOON_MS = 30 * DAY;
const ENDS_NOW_MS = 3 * DAY;
/** A look at all servers of a cloud takes some hundred ms, at ten thousand of them a few seconds. */
const SLOW_LOOK_MS = 15_000;
const FEWEST_BROKEN = 3;
const BROKEN_SHARE = 0.1;
const QUARANTINED_SHARE = 0.2;

/** The conditions that follow from what was seen, and what nothing can be said of. Pure. */
export function conditionsOf(seen: Evidence, lines: Lines): Seen {
  return {
    conditions: [
      ...hubConditions(seen),
      ...seen.directories
        .filter(({ ok }) => !ok)
        .map(({ name, text }) =>
          is('directory-down', `directory/${name}`, { name, text: after(text, name) }),
        ),
      ...seen.guessed.map((site) => is('password-guessing', `site/${site}`, { name: seen.titleOf(site) })),
      ...seen.clouds.flatMap((cloud) => cloudConditions(cloud, lines)),
      ...seen.pools.flatMap(poolConditions),
      ...problemConditions(seen.problems),
      ...seatConditions(seen),
    ],
    blind: [...seen.clouds.flatMap(blindToCloud), ...blindToSeats(seen)],
  };
}

const is = (
  code: AlertCode,
  about: string,
  fields: Condition['fields'] = {},
  within: readonly string[] = [],
): Condition => ({ code, about, within, fields });

/** Whoever says what is wrong says of what before; the alert does as well. */
const after = (text: string, name: string): string =>
  text.replace(/^(directory|cloud) /, '').startsWith(`${name}: `)
    ? text.replace(/^(directory|cloud) /, '').slice(name.length + 2)
    : text;

function hubConditions({ store, disk, certificates, channels, now }: Evidence): Condition[] {
  const share = disk === undefined ? 1 : disk.freeMb / Math.max(1, disk.totalMb);
  const count = Math.round(disk?.freeMb ?? 0);
  return [
    ...(store.ok ? [] : [is('store-failing', 'hub', { text: store.text })]),
    ...(share < LOW_SHARE ? [is('disk-low', 'hub', { count })] : []),
    ...(share < NEARLY_FULL_SHARE ? [is('disk-nearly-full', 'hub', { count })] : []),
    ...certificates.flatMap(({ name, endsAt }) => {
      const [about, fields] = [`certificate/${name}`, { name, until: endsAt }];
      return [
        ...(endsAt - now < ENDS_SOON_MS ? [is('certificate-ends', about, fields)] : []),
        ...(endsAt - now < ENDS_NOW_MS ? [is('certificate-over', about, fields)] : []),
      ];
    }),
    ...channels.map(({ name, text }) => is('channel-failing', `channel/${name}`, { name, text })),
  ];
}

function cloudConditions(cloud: CloudEvidence, lines: Lines): Condition[] {
  const { name, failure, complete, lookMs = 0, failed = [], quotas = [], services = [] } = cloud;
  const about = `cloud/${name}`;
  return [
    ...(failure === undefined ? [] : [is('cloud-down', about, { name, text: after(failure, name) })]),
    ...(complete === false ? [is('cloud-incomplete', about, { name })] : []),
    ...(lookMs >= SLOW_LOOK_MS ? [is('cloud-slow', about, { name, count: Math.round(lookMs) })] : []),
    ...(failed.length > 0
      ? [is('servers-failed', about, { name, count: failed.length, text: failed[0]! })]
      : []),
    ...services
      .filter(({ up }) => !up)
      .map((service) =>
        is('cloud-service-down', `service/${name}/${service.name}`, { name: service.name, cloud: name }, [
          about,
        ]),
      ),
    ...quotas
      .filter(({ used, most }) => most >= 0 && used >= most * lines.quota)
      .map(({ name: of, used, most }) =>
        is('quota-near', `quota/${name}/${of}`, { name: of, cloud: name, count: used, most }, [about]),
      ),
    ...hostConditions(cloud, lines),
  ];
}

function hostConditions({ name, hosts = [], crowding = [] }: CloudEvidence, lines: Lines): Condition[] {
  const about = `cloud/${name}`;
  const down = hosts.filter(({ up, enabled }) => up === false && enabled);
  const many: Condition[] = areManyDown(hosts)
    ? [is('hosts-many-down', about, { name, count: down.length, most: hosts.length })]
    : [];
  const crowded = crowding.filter(({ memory, cpu }) => memory >= lines.memory || cpu >= lines.cpu);
  return [
    ...many,
    ...down.map((host) => is('host-down', `host/${name}/${host.name}`, { name: host.name }, [about])),
    ...crowded.map(({ host, memory, cpu }) => {
      const text = `memory ${memory.toFixed(2)}, CPU ${cpu.toFixed(2)}`;
      return is('host-crowded', `host/${name}/${host}`, { name: host, text }, [about]);
    }),
  ];
}

function blindToCloud({ name, untried, failure, ...cloud }: CloudEvidence): Blind[] {
  const within = `cloud/${name}`;
  const isAway = untried || failure !== undefined;
  const unseen: (AlertCode | false)[] = [
    untried && 'cloud-down',
    (isAway || cloud.complete === undefined) && 'cloud-incomplete',
    (isAway || cloud.lookMs === undefined) && 'cloud-slow',
    (isAway || cloud.failed === undefined) && 'servers-failed',
    cloud.services === undefined && 'cloud-service-down',
    cloud.quotas === undefined && 'quota-near',
    cloud.hosts === undefined && 'host-down',
    cloud.hosts === undefined && 'hosts-many-down',
    cloud.crowding === undefined && 'host-crowded',
    isAway && 'left-undone',
    isAway && 'pool-stuck',
  ];
  return [{ codes: unseen.filter((code) => code !== false), within }];
}

function poolConditions(pool: PoolEvidence): Condition[] {
  const { name, ready, broken, quarantined, waiting, ceiling, trouble } = pool;
  if (pool.closed) return [];
  const [about, within] = [`pool/${name}`, [`cloud/${pool.cloud}`]];
  return [
    ...(waiting > 0 && ready === 0 ? [is('pool-empty', about, { name, count: waiting }, within)] : []),
    ...(trouble === undefined ? [] : [is('pool-stuck', about, { name, text: trouble }, within)]),
    ...(broken >= Math.max(FEWEST_BROKEN, ceiling * BROKEN_SHARE)
      ? [is('pool-broken', about, { name, count: broken }, within)]
      : []),
    ...(quarantined > 0 && quarantined >= ceiling * QUARANTINED_SHARE
      ? [is('pool-quarantine', about, { name, count: quarantined, most: ceiling }, within)]
      : []),
  ];
}

const waitsForWord: ReadonlySet<ProblemKind> = new Set(['vanished', 'strays-many']);

/** One a kind and cloud: of what does not come right by itself there are many at once. */
function problemConditions(problems: readonly Problem[]): Condition[] {
  const groups = new Map<string, Problem[]>();
  for (const one of problems) {
    const key = `problem/${one.cloud}/${one.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].map(([about, own]) => {
    const { kind, cloud, what, text } = own[0]!;
    const within = [`cloud/${cloud}`];
    return waitsForWord.has(kind)
      ? is('held-back', about, { cloud, text: `${what}: ${text}` }, within)
      : is('left-undone', about, { cloud, count: own.length, name: kind, text: what }, within);
  });
}
