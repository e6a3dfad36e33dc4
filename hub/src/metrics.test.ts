import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Metrics, openWatchServer } from './metrics.ts';

const alert = (severity: string, code: string) => ({ severity, code }) as never;
const counts = [
  { pool: 'office', state: 'ready', heldBack: false, count: 4 },
  { pool: 'office', state: 'ready', heldBack: true, count: 1 },
  { pool: 'office', state: 'leased', heldBack: false, count: 7 },
] as const;
let opened: Metrics | undefined;
afterEach(() => opened?.registry.clear());

function watched(): Metrics {
  const metrics = (opened = new Metrics());
  metrics.watch({
    tcsOnline: () => 12,
    peopleWaiting: () => 3,
    standingLinks: () => 5,
    store: {
      desktopCounts: () => Promise.resolve([...counts]),
      alerts: () => Promise.resolve([alert('error', 'site-dark'), alert('error', 'site-dark')]),
    },
  });
  metrics.logins.inc({ answer: 'granted', code: '' });
  metrics.loginSeconds.observe({ answer: 'granted' }, 0.2);
  metrics.frames.inc({ type: 'login' });
  return metrics;
}

/** Without those that every program of Node has. */
const ownNames = (all: readonly string[]): string[] =>
  all.filter((name) => !/^anyseat_(process|nodejs)_/.test(name)).sort();

test('what stands is read when it is asked for', async () => {
  const metrics = watched();
  await using server = await openWatchServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    health: () => ({ ok: true, text: 'writing' }),
  });
  const said = await (
    await fetch(`http://127.0.0.1:${server.port}/metrics`, { headers: { connection: 'close' } })
  ).text();
  const lines = said
    .split('\n')
    .filter((line) => /^anyseat_(desktops|alerts|tcs|people|standing)/.test(line));
  expect(lines).toEqual([
    'anyseat_tcs_online 12',
    'anyseat_people_waiting 3',
    'anyseat_standing_links 5',
    'anyseat_desktops{pool="office",state="ready"} 4',
    'anyseat_desktops{pool="office",state="held-back"} 1',
    'anyseat_desktops{pool="office",state="leased"} 7',
    'anyseat_alerts{severity="error",code="site-dark"} 2',
  ]);
});

test('the catalogue of the README has every metric, and no other', async () => {
  const names = (await watched().registry.getMetricsAsJSON()).map(({ name }) => name);
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const told = [...readme.matchAll(/^\| `(anyseat_\w+)`/gm)].map((match) => match[1]!);
  expect(told.sort()).toEqual(ownNames(names));
});

test('every query of the dashboard asks for what there is', async () => {
  const names = new Set(
    (await watched().registry.getMetricsAsJSON()).flatMap(({ name, values }) => [
      name,
      ...values.map((value) => (value as { metricName?: string }).metricName ?? name),
    ]),
  );
  const dashboard = JSON.parse(readFileSync(new URL('../grafana.json', import.meta.url), 'utf8')) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[];
    templating: { list: { query: string }[] };
  };
  const queries = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ query }) => query),
  ];
  const asked = new Set(queries.flatMap((query) => query.match(/\banyseat_\w+/g) ?? []));
  expect([...asked].filter((name) => !names.has(name))).toEqual([]);
  // All of our own are looked at.
  const own = ownNames([...names]).filter((name) => !/_(sum|count|seconds)$/.test(name));
  expect(own.filter((name) => !asked.has(name))).toEqual([]);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
