import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMinicloud } from '@anyseat/minicloud';
import type { RosterView } from '@anyseat/protocol';
import { root } from '../../installer/src/commands.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { cloudSettings, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

const MINUTE = 60_000;
const PATIENCE_MS = 90_000;
const ZONE = 'Asia/Shanghai';

/** `2026-11-24 08:30` by the clock in Shanghai, as shift plans have it. */
const wall = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' }).format(at);
const HEAD = 'site,department,from,to,heads,people\n';
/** A shift of eight hours that begins in so many minutes. */
const shift = (inMinutes: number, rest: string, department = 'hotels'): string =>
  `nt,${department},${wall(Date.now() + inMinutes * MINUTE)},${wall(Date.now() + (inMinutes + 480) * MINUTE)},${rest}\n`;

/** Two pools: one for hotels, one for everybody in a group; nobody else is served. */
function site() {
  const { allocators: _, pools, ...rest } = smallSite(2, { floor: 0, ceiling: 20, boots: 10 });
  return {
    ...rest,
    pools: { ...pools, hotels: { ...pools.standard, title: 'Hotels' } },
    allocators: {
      hotels: {
        title: 'Hotels',
        priority: 10,
        match: { person: { department: 'hotels' } },
        pools: ['hotels'],
      },
      staff: { title: 'Staff', match: { groups: ['staff'] }, pools: ['standard'] },
    },
  };
}

describe('a shift plan', () => {
  let stack: AsyncDisposableStack;
  let hub: HubProcess;
  let folder: string;

  beforeEach(async () => {
    await using opening = new AsyncDisposableStack();
    folder = opening.use(temporaryFolder('roster')).path;
    const cloud = opening.use(await startMinicloud({ speed: 20 }));
    await writeUsers(join(folder, 'users.yaml'), ['u1', 'u2']);
    hub = opening.use(
      await HubProcess.start({
        folder: join(folder, 'hub'),
        clouds: cloudSettings(folder, cloud),
        directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
      }),
    );
    await hub.apply(site());
    stack = opening.move();
  });
  afterEach(() => stack.disposeAsync());

  /** Types it at the `anyseat` command. */
  async function type(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(
      process.execPath,
      [join(root, 'hub/src/cli/main.ts'), '--socket', hub.socket, ...words],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, TZ: 'UTC', COLUMNS: '200' },
      },
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, err };
  }
  const roster = async (): Promise<RosterView> => (await hub.get('rosters'))[0]!;
  const ready = async (pool: string): Promise<number> =>
    (await hub.get('pools')).find(({ name }) => name === pool)?.ready ?? 0;

  test('that is imported as CSV has its desktops ready before the shift, in the pools that its people will be served from', async () => {
    // They sit down within the five minutes before it begins.
    await hub.apply({ rosters: { plan: { title: 'Plan', earlyMinutes: 5, lateMinutes: 0 } } });
    const begins = Date.now() + 7.5 * MINUTE;
    writeFileSync(
      join(folder, 'plan.csv'),
      `${HEAD}${shift(7.5, '6,')}${shift(7.5, ',u1 u2', '')}${shift(7.5, '3,', 'nobody')}`,
    );
    const typed = await type('roster', 'import', 'plan.csv', '--yes');
    expect(typed).toMatchObject({ code: 0, err: '' });
    expect(typed.out).toMatch(/^Roster plan: 4 rows, 2 people by name, .*\n {2}\+ nt hotels .*: 6\n/);
    await waitFor('desktops for the hotels', async () => (await ready('hotels')) === 6, PATIENCE_MS);
    await waitFor('desktops for both by name', async () => (await ready('standard')) === 2, PATIENCE_MS);
    expect(Date.now()).toBeLessThan(begins);
    expect(await roster()).toMatchObject({
      source: 'imported',
      rows: 4,
      people: 2,
      expected: 0,
      coming: 11,
      nowhere: 3,
      nowhereWho: [{ site: 'nt', department: 'nobody', heads: 3, why: 'no allocator serves them' }],
    });
    expect((await hub.status()).warnings).toContainEqual({
      code: 'roster-nowhere',
      severity: 'warning',
      text: 'Roster plan: no desktops are made for 3 of the people of the next 24 hours; 3 of nobody, nt: no allocator serves them. All of them: anyseat get rosters --wide',
    });
    // The same after a restart of the hub.
    await hub.killAndRestart();
    await waitFor('the plan', async () => (await roster()).coming === 11);
  });

  test('with wrong rows changes nothing, and every one is told with its line; what changes is said before', async () => {
    const file = join(folder, 'plan.csv');
    writeFileSync(
      file,
      `${HEAD}${shift(60, '6,')}nowhere,hotels,08:00,17:00,5,\nnt,hotels,08:00,17:00,many,\n`,
    );
    const wrong = await type('roster', 'import', 'plan.csv', '--yes');
    expect(wrong.code).toBe(1);
    expect(wrong.err.split('\n').slice(0, 2)).toEqual([
      'plan.csv:3: there is no site “nowhere”. There are: nt',
      'plan.csv:4: “many” is no number of heads',
    ]);
    expect(await hub.get('rosters')).toEqual([]);
    const rows = shift(60, '6,') + shift(120, '4,');
    writeFileSync(file, HEAD + rows);
    const asked = await type('roster', 'import', 'plan.csv');
    expect([asked.code, asked.err.split('\n')[0]]).toEqual([
      1,
      expect.stringMatching(/^New roster plan: 2 rows, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/),
    ]);
    expect((await type('roster', 'import', 'plan.csv', '--yes')).code).toBe(0);
    writeFileSync(file, HEAD + rows.replace(',6,', ',7,'));
    const changed = await type('roster', 'import', 'plan.csv', '--dry-run');
    expect(changed.out).toMatch(
      /: 6 → 7\n0 new, 0 gone, 1 with other heads, 1 as before\.\nNothing was changed\.\n$/,
    );
    expect((await type('roster', 'export', 'plan')).out).toBe(HEAD + rows);
    const { rows: audit } = await hub.ask<{ rows: { act: string }[] }>('GET', '/audit?subject=rosters/plan');
    expect(audit.map(({ act }) => act)).toEqual(['roster.brought', 'resource.applied']);
  });

  test('says who is missing, by department and by name, and that the site is behind', async () => {
    // One that stands in its specification, and one that is imported.
    await hub.apply({ rosters: { fixed: { title: 'Fixed', shifts: `${HEAD}${shift(-5, '4,')}` } } });
    writeFileSync(join(folder, 'now.csv'), `${HEAD}${shift(-60, '9,')}${shift(-60, ',u1', 'flights')}`);
    expect((await type('roster', 'import', 'now.csv', '--yes')).code).toBe(0);
    const { out } = await type('people', '--by', 'department');
    expect(out.split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
      ['SITE', 'DEPARTMENT', 'EXPECTED', 'LOGGED IN', 'ACTIVE', 'IDLE', 'MISSING'],
      ['nt', 'flights', '1', '0', '0', '0', '1'],
      ['nt', 'hotels', '13', '0', '0', '0', '9'],
      [''],
    ]);
    expect((await type('people', '--missing')).out.split('\n')[1]).toMatch(/^u1 +nt +flights +\d{4}-/);
    await waitFor('the warning', async () =>
      (await hub.status()).warnings.some(
        ({ code, text }) =>
          code === 'site-behind' &&
          text ===
            'Site nt: 10 of 14 people expected by the roster are missing; 0 of its 0 thin clients are connected: its logins, or the way to work?',
      ),
    );
    const day = await hub.ask<{ moments: number[]; expected: number[] }>('GET', '/people/day?site=nt');
    expect(day.moments.length).toBe(96);
    // Of those who have just begun the day may be over before the next quarter of an hour.
    expect(Math.max(...day.expected)).toBeGreaterThanOrEqual(10);
  });

  test('of a hundred thousand rows is read while the hub answers others', async () => {
    const days = Array.from({ length: 20 }, (_, day) => wall(Date.now() + day * 1440 * MINUTE).slice(0, 10));
    const rows = days.flatMap((day) =>
      Array.from({ length: 5000 }, (_, i) => `nt,hotels,${day} 08:00,${day} 17:00,,agent.${i}`),
    );
    const packed = gzipSync(`${HEAD}${rows.join('\n')}\n`).toString('base64');
    const importing = hub.ask('POST', '/rosters/large/import', { packed }).then((answer) => ({ answer }));
    importing.catch(() => undefined);
    let answered = 0;
    // As many as there is time for; `undefined` is another one.
    for (;;) {
      const imported = await Promise.race([importing, hub.ask('GET', '/me').then(() => undefined)]);
      if (imported) {
        expect(imported.answer).toMatchObject({ rows: 100_000, people: 5000, applied: true });
        break;
      }
      answered++;
    }
    expect(answered).toBeGreaterThan(20);
  });
});

describe('a shift plan that is pulled', () => {
  test('is the last good one while its address fails, and the failure is told', async () => {
    await using life = new AsyncDisposableStack();
    const folder = life.use(temporaryFolder('roster-pull')).path;
    const hub = life.use(await HubProcess.start({ folder: join(folder, 'hub') }));
    let answer = { status: 200, text: HEAD + shift(60, '6,') };
    const server: Server = createServer((_request, response) =>
      response.writeHead(answer.status, { location: '/elsewhere' }).end(answer.text),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    life.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/plan.csv`;
    const written = (more: object = {}) => ({
      sites: { nt: { title: 'Nantong', timeZone: ZONE } },
      rosters: { plan: { title: 'Plan', url, everyMinutes: 1, ...more } },
    });
    await hub.apply(written());
    const roster = async (): Promise<RosterView> => (await hub.get('rosters'))[0]!;
    const pulled = await waitFor(
      'the plan',
      async () => {
        const now = await roster();
        return now.coming === 6 && now.pulledAt !== undefined ? now : undefined;
      },
      PATIENCE_MS,
    );
    expect(pulled).toMatchObject({ source: 'url', coming: 6, by: 'hub' });
    // Another address is tried at once.
    const failing = async (path: string, next: typeof answer): Promise<string> => {
      answer = next;
      await hub.apply(written({ url: url + path }));
      return waitFor(
        'the failure',
        async () => {
          const { failure } = await roster();
          return failure !== undefined && !known.has(failure) ? (known.add(failure), failure) : undefined;
        },
        PATIENCE_MS,
      );
    };
    const known = new Set<string>();
    expect(await failing('?1', { status: 503, text: '' })).toBe('its address answers 503');
    expect(await failing('?2', { status: 302, text: '' })).toBe('its address answers 302');
    expect(await failing('?3', { status: 200, text: `${HEAD}mars,a,08:00,09:00,1,\n` })).toContain(
      'plan:2: there is no site “mars”',
    );
    expect(await roster()).toMatchObject({ rows: 1, coming: 6, pulledAt: pulled.pulledAt });
    expect((await hub.status()).warnings).toContainEqual(
      expect.objectContaining({
        code: 'roster-failed',
        text: expect.stringContaining('The table before stays in force.'),
      }),
    );
  });
});
