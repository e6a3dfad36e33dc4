import { MINUTE } from '@anyseat/base';
import type { PoolView, StatusAnswer, Warning } from '@anyseat/protocol';
import type { Abilities, Cloud } from '../cloud/cloud.ts';
import type { Directory } from '../directory/directory.ts';
import type { Snapshots } from '../reconcile/snapshots.ts';
import { problemRules, type ProblemKind } from '../domain/problem.ts';
import type { Session } from '../domain/session.ts';
import { unmetWishes } from '../domain/unmetWishes.ts';
import { behindWarnings, type PeopleDeps } from './people.ts';
import { rosterWarnings } from './rosters.ts';
import { view, type ViewDeps } from './views.ts';
import { updateWarnings } from './updates.ts';

export interface StatusDeps extends ViewDeps {
  headCounts: PeopleDeps['headCounts'];
  name: string;
  version: string;
  startedAt: number;
  upMs: () => number;
  directories: readonly Directory[];
  clouds: ReadonlyMap<string, Cloud>;
  /** What each cloud's credentials were found to be able to do; a text while they could not be tried. */
  abilities: ReadonlyMap<string, Abilities | string>;
  snapshots: Snapshots;
}

/** How the hub and everything that it stands on are now. */
export async function status(deps: StatusDeps): Promise<StatusAnswer> {
  const { store, online } = deps;
  const tcs = await store.tcs();
  const live = await store.sessions({ live: true });
  const sessions: Record<string, number> = {};
  for (const session of live) sessions[session.state] = (sessions[session.state] ?? 0) + 1;
  const pools = await view('pools', deps);
  return {
    version: deps.version,
    installation: store.installation.id,
    hub: {
      id: store.installation.hubId,
      name: deps.name,
      run: store.installation.run,
      startedAt: deps.startedAt,
      upMs: Math.round(deps.upMs()),
    },
    store: store.health(),
    directories: deps.directories.map((directory) => ({ name: directory.name, ...directory.health() })),
    clouds: [...deps.clouds.values()].map((cloud) => cloudHealth(cloud, deps)),
    seats: deps.catalogue().seats.size,
    tcs: {
      online: online().size,
      enrolled: tcs.filter((tc) => tc.state === 'enrolled').length,
      pending: tcs.filter((tc) => tc.state === 'pending').length,
    },
    sessions,
    waiting: pools.reduce((sum, pool) => sum + pool.waiting, 0),
    pools,
    warnings: [
      ...cloudWarnings(deps),
      ...problemWarnings(deps),
      ...quarantineWarnings(pools),
      ...(await unconfirmedWarnings(deps)),
      ...(await updateWarnings(deps)),
      ...(await drainWarnings(deps)),
      ...limitWarnings(live, deps),
      ...resourceWarnings(deps),
      ...(await rosterWarnings(deps)),
      ...(await behindWarnings(deps)),
      ...wishWarnings(deps),
    ],
  };
}

function cloudHealth(cloud: Cloud, deps: StatusDeps): StatusAnswer['clouds'][number] {
  const snapshot = deps.snapshots.latest(cloud.name);
  if (!snapshot && deps.snapshots.failed(cloud.name))
    return { name: cloud.name, ok: false, text: 'its servers could not be listed' };
  if (!snapshot) {
    const answers = typeof deps.abilities.get(cloud.name) === 'object';
    const text = answers ? 'answers; nobody looked for servers of ours yet' : 'has not answered yet';
    return { name: cloud.name, ok: answers, text };
  }
  const seconds = Math.round((deps.now() - snapshot.startedAt) / 1000);
  const whole = snapshot.complete ? '' : ', not all of them: a part of the cloud does not answer';
  return {
    name: cloud.name,
    ok: snapshot.complete,
    text: `${snapshot.servers.length} servers of ours, seen ${seconds} s ago${whole}`,
  };
}

function cloudWarnings({ clouds, abilities }: StatusDeps): Warning[] {
  return [...clouds.values()].flatMap((cloud): Warning[] => {
    const can = abilities.get(cloud.name);
    if (can === undefined) return [];
    if (typeof can === 'string') {
      return [
        {
          code: 'cloud-not-probed',
          severity: 'error',
          text: `Cloud ${cloud.name} could not be tried: ${can}`,
        },
      ];
    }
    const lost = can.lost.map((text): Warning => ({
      code: 'cloud-ability',
      severity: 'warning',
      text: `Cloud ${cloud.name}: ${text}`,
    }));
    const plain: Warning[] =
      can.tlsConsoles && cloud.spice.tls !== 'never'
        ? []
        : [
            {
              code: 'spice-plain',
              severity: 'warning',
              text: `Cloud ${cloud.name}: pictures and keys travel unencrypted, and whoever reaches a host's SPICE port has the desktop. Keep those ports to the seats' network.`,
            },
          ];
    return [...lost, ...plain];
  });
}

const toldInFull: ReadonlySet<ProblemKind> = new Set(['vanished', 'strays-many', 'binding-gone']);

/** What is held back for an operator's word in full; the rest in one line, with where to read it. */
function problemWarnings({ problems }: StatusDeps): Warning[] {
  const all = problems.list();
  const held = all.filter(({ kind }) => toldInFull.has(kind));
  const others = all.length - held.length;
  return [
    ...held.map(({ kind, what, text }): Warning => ({
      code: kind,
      severity: 'error',
      text: `${what}: ${text}; ${problemRules[kind].next}`,
    })),
    ...(others === 0
      ? []
      : [
          {
            code: 'problems',
            severity: 'warning' as const,
            text: `${others === 1 ? 'One thing does not come right by itself' : `${others} things do not come right by themselves`}: anyseat get problems`,
          },
        ]),
  ];
}

function quarantineWarnings(pools: readonly PoolView[]): Warning[] {
  return pools.flatMap(({ name, states, ceiling }): Warning[] => {
    const kept = states['quarantined'] ?? 0;
    if (kept === 0) return [];
    const text = `Pool ${name} has ${kept} desktops in quarantine, which count against its ceiling of ${ceiling}. Look at them (anyseat get desktops), and let go of those that nobody works on: anyseat desktop retire DESKTOP`;
    return [{ code: 'quarantined', severity: 'warning', text }];
  });
}

function wishWarnings({ catalogue, abilities }: StatusDeps): Warning[] {
  return unmetWishes(catalogue(), givesDevices(abilities)).map(({ name, path, text }) => ({
    code: 'viewer-devices',
    severity: 'warning',
    text: `allocators/${name} has ${path.join('.')}: true, and ${text}.`,
  }));
}

/** Whether a cloud can give desktops sound and USB redirection, where it has been tried. */
export const givesDevices =
  (abilities: StatusDeps['abilities']) =>
  (cloud: string): boolean | undefined => {
    const can = abilities.get(cloud);
    return typeof can === 'object' ? can.soundAndUsb : undefined;
  };

/** Sessions as they stood in a backup that no seat has shown since. */
async function unconfirmedWarnings(deps: StatusDeps): Promise<Warning[]> {
  if ((await deps.store.unconfirmedDesktops()).size === 0) return [];
  const since = (await view('sessions', deps)).flatMap((session) => session.unconfirmedSince ?? []);
  if (since.length === 0) return [];
  const minutes = Math.max(0, Math.round((deps.now() - Math.min(...since)) / MINUTE));
  const who = since.length === 1 ? 'One session is' : `${since.length} sessions are`;
  const text = `${who} as in the backup that was restored ${minutes} min ago, unconfirmed by any seat: their people may be at other seats, or gone. Their desktops are kept until their person logs in, or for twelve hours, then in quarantine. Look at them (anyseat get sessions), and end those of people who have left: anyseat session end SESSION`;
  return [{ code: 'unconfirmed', severity: 'warning', text }];
}

/** People who are told that their time is over soon. */
function limitWarnings(live: readonly Session[], { limitsOf }: StatusDeps): Warning[] {
  const ending = live.filter((session) => limitsOf(session).some(({ warned }) => warned));
  if (ending.length === 0) return [];
  const who = ending.slice(0, 3).map(({ user, seat }) => `${user} at ${seat}`);
  const more = ending.length > who.length ? ` and ${ending.length - who.length} more` : '';
  const text = `Told on the screen that a limit of their allocator is near: ${who.join(', ')}${more}. When which session ends: anyseat get sessions`;
  return [{ code: 'sessions-end-soon', severity: 'info', text }];
}

/** Hosts that are to be empty, until they are resumed: who is left, and what is next. */
async function drainWarnings(deps: StatusDeps): Promise<Warning[]> {
  if (deps.drains.all.length === 0) return [];
  return (await view('hosts', deps))
    .filter(({ drain }) => drain !== undefined)
    .map(({ name, words }) => ({
      code: 'host-drained',
      severity: 'info',
      text: `Host ${name} is ${words}. It is given desktops again by: anyseat host resume ${name}`,
    }));
}

function resourceWarnings({ catalogue, directories }: StatusDeps): Warning[] {
  if (directories.length === 0)
    return [
      { code: 'no-directories', severity: 'error', text: 'hub.yaml names no directory: nobody can log in.' },
    ];
  const { sites, seats, pools, allocators } = catalogue();
  if (sites.size + seats.size + pools.size + allocators.size === 0) {
    return [
      {
        code: 'no-resources',
        severity: 'info',
        text: 'There are no sites, seats, pools and allocators yet: anyseat apply -f FILE',
      },
    ];
  }
  if (allocators.size === 0)
    return [
      { code: 'no-allocators', severity: 'warning', text: 'There are no allocators: nobody gets a desktop.' },
    ];
  return [];
}
