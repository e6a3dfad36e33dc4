import type {
  AlertView,
  AllocatorView,
  BindingView,
  DesktopView,
  HostView,
  InputView,
  PoolView,
  RosterView,
  ProblemView,
  PromisedView,
  SeatView,
  SessionView,
  SiteView,
  SwapView,
  TcView,
  ViewKind,
  ViewOf,
} from '@anyseat/protocol';
import { age, duration, moment } from './formats.ts';
import { matchText } from './matchText.ts';
import type { Column } from './table.ts';
import type { Style, Terminal } from './terminal.ts';

/** The moment that ages are counted to, and the zone that times are told in. */
type When = { now: number; timeZone: Terminal['timeZone'] };

/** The columns of every kind, as operators read them. `spare` is what a narrow terminal does without first. */
export const tableOf: { [K in ViewKind]: (when: When) => Column<ViewOf[K]>[] } = {
  sites: () => sites,
  seats: () => seats,
  tcs,
  pools: () => pools,
  allocators: () => allocators,
  rosters,
  desktops,
  sessions,
  bindings,
  hosts: () => hosts,
  problems,
  swaps,
  alerts,
};

/** Number columns stand to the right. */
const number = <Row>(
  head: string,
  cell: (row: Row) => number,
  more: Partial<Column<Row>> = {},
): Column<Row> => ({
  head,
  align: 'right',
  cell: (row) => String(cell(row)),
  ...more,
});

const when = (holds: boolean, style: Style): Style | undefined => (holds ? style : undefined);

const sites: Column<SiteView>[] = [
  { head: 'NAME', cell: (s) => s.name },
  { head: 'TITLE', cell: (s) => s.title, least: 10 },
  { head: 'TIME ZONE', cell: (s) => s.timeZone, spare: 1 },
  number('SEATS', (s) => s.seats),
  number('ONLINE', (s) => s.online, { style: (s) => when(s.online < s.seats, 'yellow') }),
  number('SESSIONS', (s) => s.sessions),
];

const seats: Column<SeatView>[] = [
  { head: 'NAME', cell: (s) => s.name },
  { head: 'LABEL', cell: (s) => s.label, least: 8, spare: 4 },
  { head: 'SITE', cell: (s) => s.site },
  { head: 'TAGS', cell: (s) => tagText(s.tags), least: 8, spare: 2 },
  { head: 'THIN CLIENT', cell: (s) => s.tc, spare: 3 },
  {
    head: 'NOW',
    cell: (s) => (s.tc === undefined ? 'no TC' : s.online ? 'online' : 'offline'),
    style: (s) => (s.online ? 'green' : s.tc === undefined ? 'dim' : 'red'),
  },
  { head: 'USER', cell: (s) => s.user, least: 12 },
  { head: 'IDLE', align: 'right', cell: idleText, spare: 5 },
  { head: 'SESSION', cell: (s) => s.session, spare: 1 },
];

function tcs({ now }: When): Column<TcView>[] {
  return [
    { head: 'FINGERPRINT', cell: (t) => t.fingerprint },
    {
      head: 'STATE',
      cell: (t) => t.state,
      style: (t) => (t.state === 'pending' ? 'yellow' : when(t.state === 'retired', 'dim')),
    },
    { head: 'SEAT', cell: (t) => t.seat },
    {
      head: 'NOW',
      cell: (t) => (t.online ? 'online' : 'offline'),
      style: (t) => (t.online ? 'green' : 'red'),
    },
    { head: 'SEEN', align: 'right', cell: (t) => age(now - t.lastSeenAt), spare: 5 },
    {
      head: 'HEALTH',
      cell: (t) => t.troubles && (t.troubles.length === 0 ? 'good' : t.troubles.join('; ')),
      least: 16,
      style: (t) => (t.troubles?.length === 0 ? 'green' : 'red'),
    },
    { head: 'HOST NAME', cell: (t) => t.hostName, least: 10, spare: 4 },
    { head: 'MODEL', cell: (t) => t.model, least: 10, spare: 3 },
    { head: 'ADDRESS', cell: (t) => t.address, spare: 6 },
    { head: 'AGENT', cell: (t) => t.agentVersion, least: 6, spare: 2 },
    { head: 'ID', cell: (t) => t.id, spare: 1 },
  ];
}

const pools: Column<PoolView>[] = [
  { head: 'NAME', cell: (p) => p.name },
  { head: 'TITLE', cell: (p) => p.title, least: 10, spare: 2 },
  {
    head: 'READY',
    align: 'right',
    cell: (p) => `${p.ready}/${p.floor}`,
    style: (p) => (p.ready >= p.floor ? 'green' : 'yellow'),
  },
  number('COMING', (p) => p.onTheirWay, { spare: 5 }),
  number('IN USE', (p) => p.inUse),
  number('BROKEN', (p) => p.broken, { style: (p) => when(p.broken > 0, 'red') }),
  number('CEILING', (p) => p.ceiling, { spare: 3 }),
  number('WAITING', (p) => p.waiting, { style: (p) => when(p.waiting > 0, 'red') }),
  {
    head: 'BOOT',
    align: 'right',
    cell: (p) => (p.bootMs === undefined ? undefined : duration(p.bootMs)),
    spare: 4,
  },
  { head: 'CLOUD', cell: (p) => p.cloud, spare: 1 },
  { head: 'WHAT IT DOES', cell: (p) => p.words, least: 30 },
];

const allocators: Column<AllocatorView>[] = [
  { head: 'PRIORITY', align: 'right', cell: (a) => (a.default ? 'default' : String(a.priority)) },
  { head: 'NAME', cell: (a) => a.name },
  { head: 'TITLE', cell: (a) => a.title, least: 8, spare: 1 },
  { head: 'POOLS', cell: (a) => poolsText(a), least: 10 },
  { head: 'BINDING', cell: (a) => a.binding },
  { head: 'FOR WHOM', cell: (a) => (a.default ? 'everybody else' : matchText(a.match)), least: 16 },
];

/** `office, training; at nantong nt-office` */
const poolsText = ({ pools, sitePools = {} }: AllocatorView): string =>
  [
    pools.join(', '),
    ...Object.entries(sitePools).map(([site, list]) => `at ${site} ${list.join(', ')}`),
  ].join('; ');

function rosters({ timeZone }: When): Column<RosterView>[] {
  return [
    { head: 'NAME', cell: (r) => r.name },
    { head: 'TITLE', cell: (r) => r.title, least: 8, spare: 2 },
    {
      head: 'TABLE',
      cell: (r) =>
        r.source === 'nowhere'
          ? 'none yet'
          : r.source === 'url' && r.rows === 0
            ? 'not pulled yet'
            : r.source,
      style: (r) => when(r.source === 'nowhere', 'yellow'),
    },
    number('ROWS', (r) => r.rows),
    number('PEOPLE', (r) => r.people, { spare: 4 }),
    { head: 'DAYS', cell: (r) => r.firstDay && `${r.firstDay}..${r.lastDay}`, spare: 5 },
    number('NOW', (r) => r.expected),
    number('COMING', (r) => r.coming),
    number('NOWHERE', (r) => r.nowhere, { style: (r) => when(r.nowhere > 0, 'red') }),
    {
      head: 'SINCE',
      cell: (r) => (r.since === undefined ? undefined : moment(r.since, timeZone)),
      spare: 3,
    },
    { head: 'BY', cell: (r) => r.by, spare: 1 },
    {
      head: 'TROUBLE',
      cell: (r) => r.failure ?? nowhereText(r),
      least: 16,
      style: () => 'red',
    },
  ];
}

/** `40 hotels, nantong: no allocator serves them` */
const nowhereText = ({ nowhereWho }: RosterView): string | undefined =>
  nowhereWho.length === 0
    ? undefined
    : nowhereWho
        .map(
          ({ site, department, person, heads, why }) =>
            `${heads} ${[person, department, site].filter((one) => one !== undefined && one !== '').join(', ')}: ${why}`,
        )
        .join('; ');

const ON_ITS_WAY = new Set(['wanted', 'creating', 'unsure', 'building', 'booting', 'rebuilding']);

function desktopStyle({ state }: DesktopView): Style | undefined {
  if (state === 'ready') return 'green';
  if (state === 'broken' || state === 'quarantined') return 'red';
  if (ON_ITS_WAY.has(state)) return 'yellow';
  return when(state === 'gone' || state === 'retiring', 'dim');
}

function desktops({ now }: When): Column<DesktopView>[] {
  return [
    number('NO', (d) => d.number),
    { head: 'SERVER', cell: (d) => d.server, spare: 7 },
    { head: 'POOL', cell: (d) => d.pool, spare: 6 },
    {
      head: 'STATE',
      cell: (d) => (d.unconfirmedSince === undefined ? d.state : `${d.state}, unconfirmed`),
      style: desktopStyle,
    },
    { head: 'FOR', align: 'right', cell: (d) => age(now - d.since) },
    { head: 'USER', cell: (d) => d.user, least: 12 },
    { head: 'SESSION', cell: (d) => d.session, spare: 2 },
    { head: 'HOST', cell: (d) => d.host, least: 10, spare: 4 },
    { head: 'SPICE AT', cell: (d) => d.endpoint, spare: 3 },
    { head: 'SERVER ID', cell: (d) => d.serverId, spare: 1 },
    { head: 'FAULT', cell: (d) => d.fault, least: 16, spare: 8, style: () => 'red' },
    { head: 'WHAT IS NEXT', cell: (d) => d.next, least: 24, spare: 9 },
  ];
}

const SESSION_STYLE: Readonly<Record<string, Style>> = {
  connected: 'green',
  away: 'yellow',
  waiting: 'yellow',
};

/** A seat that says nothing keeps its session as it was; both are told. */
const stateOf = (s: SessionView): string =>
  s.state === 'ended'
    ? (s.end ?? s.state)
    : s.unconfirmedSince !== undefined
      ? `${s.state}, unconfirmed`
      : s.online
        ? s.state
        : `${s.state}, silent`;

function sessionStyle({ state, online }: SessionView): Style | undefined {
  if (state === 'ended') return 'dim';
  return online ? SESSION_STYLE[state] : 'red';
}

function sessions({ now, timeZone }: When): Column<SessionView>[] {
  return [
    { head: 'ID', cell: (s) => s.id },
    { head: 'USER', cell: (s) => s.user, least: 12 },
    { head: 'NAME', cell: (s) => s.displayName, least: 8, spare: 6 },
    { head: 'SEAT', cell: (s) => s.seat },
    { head: 'SITE', cell: (s) => s.site, spare: 2 },
    { head: 'STATE', cell: stateOf, style: sessionStyle },
    { head: 'FOR', align: 'right', cell: (s) => age(now - s.since) },
    { head: 'IDLE', align: 'right', cell: idleText, spare: 8 },
    { head: 'INPUT', cell: inputText, spare: 2 },
    { head: 'DESKTOP', cell: (s) => s.desktop, spare: 7 },
    { head: 'VIEWER', cell: (s) => s.viewer, spare: 5 },
    { head: 'LOGIN TOOK', align: 'right', cell: (s) => tookText(s.stages), spare: 4 },
    {
      head: 'SWAP TOOK',
      align: 'right',
      cell: ({ stages: { swap } }) => (swap === undefined ? undefined : duration(swap)),
      spare: 2,
    },
    { head: 'WHAT IS NEXT', cell: (s) => s.next, least: 16, spare: 9 },
    { head: 'ALLOCATOR', cell: (s) => s.allocator, spare: 3 },
    { head: 'SINCE', cell: (s) => moment(s.startedAt, timeZone), spare: 1 },
  ];
}

function bindings({ now, timeZone }: When): Column<BindingView>[] {
  return [
    { head: 'KIND', cell: (b) => b.kind },
    { head: 'OF', cell: (b) => b.key },
    { head: 'DESKTOP', cell: (b) => b.desktop },
    { head: 'POOL', cell: (b) => b.pool, spare: 3 },
    { head: 'FOR', align: 'right', cell: (b) => age(now - b.createdAt) },
    { head: 'SINCE', cell: (b) => moment(b.createdAt, timeZone), spare: 1 },
    { head: 'MADE BY', cell: (b) => b.by, least: 12, spare: 2 },
  ];
}

const hosts: Column<HostView>[] = [
  { head: 'NAME', cell: (h) => h.name },
  { head: 'CLOUD', cell: (h) => h.cloud, spare: 1 },
  {
    head: 'STATE',
    cell: (h) => (h.drain ? 'drained' : h.state),
    style: (h) => (h.state === 'up' ? 'green' : h.state === 'unknown' ? 'dim' : h.drain ? 'yellow' : 'red'),
  },
  number('DESKTOPS', (h) => h.desktops),
  number('IN USE', (h) => h.inUse),
  { head: 'BOOTING', align: 'right', cell: (h) => `${h.booting}/${h.allowed}` },
  { head: 'MEMORY', align: 'right', cell: (h) => promisedText(h.memoryMb), spare: 4 },
  { head: 'CPU', align: 'right', cell: (h) => promisedText(h.cpus), spare: 3 },
  { head: 'REASON', cell: (h) => h.drain?.reason ?? h.reason, least: 12, spare: 2 },
  { head: 'WHAT IS NEXT', cell: (h) => h.words, least: 24 },
];

/** In times what it has, and how many times that may be: `1.05/1.50`. */
const promisedText = (room: PromisedView | undefined): string | undefined =>
  room && room.has > 0 ? `${(room.promised / room.has).toFixed(2)}/${room.ratio.toFixed(2)}` : undefined;

function problems({ now }: When): Column<ProblemView>[] {
  return [
    { head: 'PROBLEM', cell: (p) => p.kind, style: () => 'red' },
    { head: 'WHAT', cell: (p) => p.what, least: 20 },
    { head: 'FOR', align: 'right', cell: (p) => age(now - p.since) },
    number('TRIES', (p) => p.tries),
    { head: 'WHAT IS KNOWN', cell: (p) => p.text, least: 24 },
    { head: 'NEXT', cell: (p) => p.next, least: 24, spare: 2 },
    { head: 'CLOUD', cell: (p) => p.cloud, spare: 1 },
  ];
}

function idleText({ input }: { input?: InputView }): string | undefined {
  return input && age(input.idleMs);
}

/** What was done in the last interval. */
function inputText({ input }: SessionView): string | undefined {
  if (!input) return undefined;
  const { keys, clicks, wheel, moves } = input;
  const said = [
    keys > 0 ? `${keys} keys` : '',
    clicks > 0 ? `${clicks} clicks` : '',
    wheel > 0 ? 'wheel' : '',
    keys + clicks + wheel === 0 && moves > 0 ? 'pointer' : '',
  ].filter((one) => one !== '');
  return said.length === 0 ? 'nothing' : said.join(' ');
}

const SEVERITY_STYLE: Readonly<Record<AlertView['severity'], Style>> = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
};

function alerts({ now, timeZone }: When): Column<AlertView>[] {
  return [
    { head: 'ID', cell: (a) => a.id },
    {
      head: 'SEVERITY',
      cell: (a) => a.severity,
      style: (a) => (a.state === 'resolved' ? 'dim' : SEVERITY_STYLE[a.severity]),
    },
    { head: 'STATE', cell: alertState, least: 8, style: (a) => when(a.state !== 'open', 'dim') },
    { head: 'FOR', align: 'right', cell: (a) => age((a.resolvedAt ?? now) - a.openedAt) },
    { head: 'ABOUT', cell: (a) => a.about, least: 12, spare: 4 },
    { head: 'WHAT', cell: (a) => a.text, least: 24 },
    { head: 'WHAT TO DO', cell: (a) => a.next, least: 24, spare: 3 },
    { head: 'SINCE', cell: (a) => moment(a.openedAt, timeZone), spare: 2 },
    { head: 'CODE', cell: (a) => a.code, spare: 1 },
  ];
}

const alertState = ({ state, acknowledgedBy, silencedBy }: AlertView): string =>
  state === 'acknowledged'
    ? `seen by ${acknowledgedBy}`
    : state === 'silenced'
      ? `silenced by ${silencedBy}`
      : state;

/** What it took is told in tenths of a second: the goal is ten. */
function swaps({ timeZone }: When): Column<SwapView>[] {
  return [
    { head: 'AT', cell: (s) => moment(s.at, timeZone) },
    { head: 'USER', cell: (s) => s.user, least: 12 },
    { head: 'SEAT', cell: (s) => s.seat, spare: 3 },
    { head: 'DESKTOP', cell: (s) => s.desktop },
    { head: 'NOW ON', cell: (s) => s.to },
    { head: 'BY', cell: (s) => (s.origin === 'operator' ? s.by : s.origin), least: 8 },
    {
      head: 'TOOK',
      align: 'right',
      cell: (s) => (s.tookMs === undefined ? undefined : duration(s.tookMs)),
      style: (s) => when((s.tookMs ?? 0) > 300_000, 'red'),
    },
    { head: 'REASON', cell: (s) => s.reason, least: 16 },
    { head: 'POOL', cell: (s) => s.pool, spare: 2 },
    { head: 'SESSION', cell: (s) => s.session, spare: 1 },
  ];
}

export const tagText = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([tag, value]) => `${tag}=${value}`)
    .join(' ');

function tookText(stages: Readonly<Record<string, number>>): string | undefined {
  const { swap: _, ...login } = stages;
  const all = Object.values(login);
  return all.length === 0 ? undefined : duration(all.reduce((sum, ms) => sum + ms, 0));
}
