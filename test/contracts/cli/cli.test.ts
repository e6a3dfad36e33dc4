import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { viewKinds } from '@anyseat/protocol';
import { widthOf } from '../../../hub/src/cli/cellText.ts';
import { PASSWORD } from '../../e2e/parts/smallSite.ts';
import { waitFor } from '../../e2e/parts/waitFor.ts';
import { CallCentre, PROGRAM } from './callCentre.ts';

/** The command as a process, on the real socket of a real hub. The tests are one story, in order. */
let c: CallCentre;
beforeAll(async () => {
  c = await CallCentre.open();
});
afterAll(() => c[Symbol.asyncDispose]());

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

describe('a hub that knows nothing yet', () => {
  test.each(viewKinds)('get %s says on standard error what to do next', async (kind) => {
    const ran = await c.type(`get ${kind}`);
    expect(ran).toEqual({
      code: 0,
      out: '',
      err: expect.stringMatching(/anyseat (apply|tc|get|explain)/) as string,
    });
    expect(await c.type(`get ${kind} --json`)).toEqual({ code: 0, out: '[]\n', err: '' });
  });

  test('status says that there is nothing yet', async () => {
    const { code, out } = await c.type('status');
    expect({ code, lines: linesOf(out).slice(1) }).toEqual({
      code: 0,
      lines: expect.arrayContaining([
        'store      ✓ writing',
        `directory  ✓ local: 2 people in ${join(c.folder, 'users.yaml')}`,
        'sessions   none',
        'i There are no sites, seats, pools and allocators yet: anyseat apply -f FILE',
      ]) as string[],
    });
  });
});

describe('files of resources', () => {
  test('every problem of a bad file has a line with its place, and nothing is changed', async () => {
    const bad = [
      'sites:',
      '  nantong: { title: 南通, timeZone: Asia/Nantong }',
      '  Big: { title: x, timeZone: UTC }',
      'seats:',
      '  a-1: { site: nowhere, lable: x }',
      'allocators:',
      '  a: { title: A, pools: [nix] }',
      '  b:',
      '    title: B',
      '    match: { group: [sales], ou: dc=call, hours: [mo-fr 8-20] }',
      '    pools: [office]',
      '    priority: high',
      '    binding: person',
    ].join('\n');
    writeFileSync(join(c.folder, 'bad.yaml'), bad);
    const ran = await c.type('apply -f bad.yaml');
    expect({ ...ran, err: linesOf(ran.err) }).toEqual({
      code: 1,
      out: '',
      err: [
        'bad.yaml:2:35: sites.nantong.timeZone: not an IANA time zone such as Asia/Shanghai',
        'bad.yaml:3:8: sites.Big: a name has lower-case letters, digits, dots and dashes, 63 at most, such as big',
        'bad.yaml:5:8: seats.a-1.label: is missing',
        'bad.yaml:5:32: seats.a-1.lable: no such setting; did you mean “label”? Known here: site, label, tags, row, column',
        'bad.yaml:7:6: allocators.a: has to say whom it matches (match: …), or that it is for everybody else (default: true)',
        'bad.yaml:12:15: allocators.b.priority: has to be a number',
        "bad.yaml:10:34: allocators.b.match.ou: has to be a list: write ['dc=call']",
        'bad.yaml:10:51: allocators.b.match.hours[0]: “mo-fr 8-20”: “mo-fr” is no weekday; they are mon, tue, wed, thu, fri, sat, sun, as in mon-fri or sat,sun',
        'bad.yaml:10:21: allocators.b.match.group: no such setting; did you mean “groups”? Known here: groups, ou, users, sites, hours, person, seat, tc, site, all, any, not',
        'bad.yaml:13:14: allocators.b.binding: has to be one of none, user, seat, tc',
        'anyseat: bad.yaml: 10 problems; nothing was changed',
      ],
    });
    const dangling = 'seats:\n  a-1: { site: nowhere, label: x }\n';
    expect(await c.type('apply -f -', { stdin: dangling })).toEqual({
      code: 1,
      out: '',
      err: 'standard input:2:16: seats.a-1.site: there is no site “nowhere”\nanyseat: standard input: 1 problem; nothing was changed\n',
    });
    const inJson = await c.type('apply -f - --json', { stdin: dangling });
    expect(JSON.parse(inJson.out)).toMatchObject({
      error: { code: 'config-invalid', problems: [{ where: 'standard input:2:16' }] },
    });
    expect((await c.hub.status()).seats).toBe(0);
  });

  test('diff tells what apply then does, and finds nothing afterwards', async () => {
    const before = await c.type('diff -f site.yaml');
    expect({
      code: before.code,
      lines: linesOf(before.out).slice(0, 4),
      last: linesOf(before.out).at(-1),
    }).toEqual({
      code: 3,
      lines: [
        '+ sites/nantong',
        '    title: + "南通呼叫中心"',
        '    timeZone: + "Asia/Shanghai"',
        '    tags.city: + "南通"',
      ],
      last: '19 to create. Nothing was changed.',
    });
    expect((await c.type('apply -f site.yaml --dry-run')).code).toBe(0);
    expect((await c.hub.status()).seats).toBe(0);
    const applied = await c.type('apply -f site.yaml');
    expect({ code: applied.code, lines: linesOf(applied.out) }).toEqual({
      code: 0,
      lines: [
        '+ sites/nantong',
        '+ sites/shanghai',
        ...Array.from({ length: 10 }, (_, i) => `+ seats/nt-${i + 1}`),
        '+ 2 more seats',
        '+ pools/office',
        '+ pools/broken',
        '+ allocators/leads',
        '+ allocators/night',
        '+ allocators/rest',
        '19 created.',
      ],
    });
    expect(await c.type('diff -f site.yaml')).toEqual({
      code: 0,
      out: 'Nothing to change: 19 resources as the file says.\n',
      err: '',
    });
  });

  test('a changed field is told with both its values; with --prune so is what the file does not name', async () => {
    const changed = readFileSync(c.siteFile, 'utf8')
      .replace('floor: 2', 'floor: 3')
      .replace(/ {2}shanghai:\n(?: {4}.*\n)*/, '');
    expect(await c.type('diff --prune -f -', { stdin: changed })).toEqual({
      code: 3,
      out: '- sites/shanghai\n    title: - "上海总部"\n    timeZone: - "Asia/Shanghai"\n~ pools/office\n    floor: 2 → 3\n1 to change, 1 to delete, 17 unchanged. Nothing was changed.\n',
      err: '',
    });
    expect((await c.type('apply --prune -f -', { stdin: '' })).code).toBe(1);
    expect((await c.hub.get('seats')).length).toBe(12);
  });
});

describe('thin clients', () => {
  test('one that waits is approved by its fingerprint, placed, and retired', async () => {
    const seat = await c.seat({
      tamper: (hello) => (hello['machine'] = { hostName: 'tc\u{1b}[31m\u{1b}]0;pwned\u{7}', macs: [] }),
    });
    const { fingerprint } = await seat.frame('pending');
    const pending = await c.type('get tcs --state pending');
    expect(pending).toMatchObject({ code: 0, err: '' });
    expect(pending.out).toMatch(
      new RegExp(`^FINGERPRINT .*\n${fingerprint}  pending  .* tc�\\[31m�\\]0;pwned� `),
    );
    expect(pending.out).not.toContain('\u{1b}');

    const loose = fingerprint.toLowerCase().replaceAll('-', '');
    expect(await c.type(`tc approve ${loose} --seat nt-9`)).toEqual({
      code: 0,
      out: `${fingerprint} is approved and stands at nt-9.\n`,
      err: '',
    });
    expect((await seat.welcome()).seat?.name).toBe('nt-9');
    expect((await c.type(`tc place ${fingerprint} --nowhere`)).out).toBe(
      `${fingerprint} stands at no seat.\n`,
    );
    await seat.frame('welcome', (welcome) => welcome.seat === undefined);
    expect((await c.type(`tc place ${fingerprint} --seat nt-99`)).err).toBe(
      'anyseat: there is no seat “nt-99”\n',
    );
    expect((await c.type(`tc retire ${fingerprint}`)).out).toBe(
      `${fingerprint} is retired: its key is refused.\n`,
    );
    expect(await seat.frame('rejected')).toMatchObject({ code: 'tc-retired' });
    expect((await c.type('tc approve 0000-0000-0000-0000')).err).toBe(
      'anyseat: no thin client with the fingerprint 0000-0000-0000-0000 has connected\n',
    );
  });

  test('a token lets one in at its seat, once', async () => {
    const ran = await c.type('tc token --seat nt-1 --hours 2');
    const token = /^Token {3}(\S+)$/m.exec(ran.out)?.[1];
    expect({ code: ran.code, err: ran.err, seat: ran.out.includes('for seat nt-1') }).toEqual({
      code: 0,
      err: '',
      seat: true,
    });
    const seat = await c.seat({ token: token! });
    expect((await seat.welcome()).seat?.name).toBe('nt-1');
    const thief = await c.seat({ token: token! });
    expect(await thief.frame('rejected')).toMatchObject({ code: 'token-invalid' });
  });
});

describe('people and desktops', () => {
  test('explain tells a person as the directory gave them, every clause, and the desktop', async () => {
    await waitFor('two ready desktops', async () => (await c.hub.get('pools')).some((p) => p.ready >= 2));
    const ran = await c.type('explain wang.fang --seat nt-1');
    expect({ ...ran, out: linesOf(ran.out) }).toEqual({
      code: 0,
      err: '',
      out: [
        'person      王芳 (wang.fang)',
        'id          local:0b6c2c1e-27c3-4c1a-9a52-1f6a5b0f0001',
        'DN          uid=wang.fang,ou=客服,ou=南通,dc=call',
        'OU          ou=客服,ou=南通,dc=call',
        'groups      客服',
        '            night',
        'department  售后',
        'title       agent · trainer',
        'seat        nt-1, site nantong, tags row=1',
        expect.stringMatching(/^time {8}[a-z]{3} \d{4}-\d\d-\d\d \d\d:\d\d at the site$/),
        'Allocators, in the order in which they are asked:',
        '  ✗ leads (priority 100): does not match',
        '      ✗ groups: wanted 主管; saw 客服 · night',
        '  ✓ night (priority 80): serves',
        '      ✓ any of these:',
        '          ✓ groups: wanted night; saw 客服 · night',
        '          ✗ seat.row: wanted 2; saw 1',
        '      ✓ not this:',
        '          ✗ users: wanted guest; saw wang.fang',
        '  ✓ rest (default): would match, but is not asked any more',
        '      everybody whom no other allocator matches',
        expect.stringMatching(
          /^wang\.fang would get desktop \d+ \(office-\d+\) of pool office: of the ready ones/,
        ) as string,
      ],
    });
    expect((await c.type('explain nobody --seat nt-1')).err).toBe('anyseat: no directory knows “nobody”\n');
    expect((await c.type('explain li.na --seat nt-77')).err).toMatch(
      /^anyseat: there is no seat “nt-77”; did you mean “nt-\d”\?/,
    );
    const thatNight = await c.run(['explain', 'li.na', '--seat', 'nt-1', '--at', '2026-12-24 22:30']);
    expect(thatNight.out).toContain('time        thu 2026-12-24 22:30 at the site');
  });

  test('a login is seen, and ended', async () => {
    const { token } = JSON.parse((await c.type('tc token --seat nt-2 --json')).out) as { token: string };
    const seat = await c.seat({ token });
    await seat.welcome();
    const grant = await seat.granted('wang.fang', PASSWORD);
    const again = await c.type('explain wang.fang --seat nt-5');
    expect(again.out).toContain('would find the desktop of their live session again');
    expect((await c.type(`desktop retire ${grant.desktop.name}`)).err).toMatch(
      /cannot be retired; end its session first\n$/,
    );
    const listed = await c.type('get sessions --user WANG.FANG --seat nt-2');
    expect(linesOf(listed.out)[1]).toMatch(
      new RegExp(`^${grant.sessionId}  wang\\.fang  王芳  nt-2  nantong  `),
    );

    const tables = await Promise.all(
      viewKinds.flatMap((kind) =>
        ['80', '200'].map(async (width) => ({
          kind,
          width,
          ...(await c.type(`get ${kind}`, { env: { COLUMNS: width } })),
        })),
      ),
    );
    // There are none of these here.
    const none = ['rosters', 'bindings', 'problems', 'swaps', 'alerts'];
    for (const { kind, width, out } of tables.filter((table) => !none.includes(table.kind))) {
      const rows = linesOf(out);
      expect(rows.length, kind).toBeGreaterThan(1);
      expect(Math.max(...rows.map(widthOf)), `${kind} at ${width}`).toBeLessThanOrEqual(Number(width));
    }

    expect((await c.type(`session end ${grant.sessionId}`)).out).toBe(
      `Session ${grant.sessionId} is ended.\n`,
    );
    expect(await seat.frame('release')).toMatchObject({ code: 'ended-by-operator' });
    expect((await c.type(`session end ${grant.sessionId}`)).code).toBe(1);
  });

  test('a desktop is retired by what people call it', async () => {
    const ready = await waitFor('a ready desktop', async () =>
      (await c.hub.get('desktops')).find((d) => d.state === 'ready'),
    );
    expect((await c.type(`desktop retire ${ready.number}`)).out).toBe(
      `Desktop ${ready.number} is retiring; its pool makes another when it wants one.\n`,
    );
    expect((await c.type('desktop retire 4711')).err).toBe('anyseat: there is no desktop “4711”\n');
  });

  test('a pool in trouble says so in whole sentences', async () => {
    const { out } = await c.type('status', { env: { COLUMNS: '80' } });
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'broken makes no desktops: there is no image no-such-image',
    );
    expect(Math.max(...linesOf(out).map(widthOf))).toBeLessThanOrEqual(80);
  });
});

describe('for programs', () => {
  test('--json is the hub’s answer, filtered where that was asked', async () => {
    const answers = await Promise.all(
      ['sites', 'seats', 'allocators'].map(async (kind) => [
        JSON.parse((await c.type(`get ${kind} --json`)).out) as unknown,
        await c.hub.ask('GET', `/get/${kind}`),
      ]),
    );
    for (const [printed, answered] of answers) expect(printed).toEqual(answered);
    const two = JSON.parse((await c.type('--json get seat nt-3 NT-4')).out) as { name: string }[];
    expect(two.map((seat) => seat.name)).toEqual(['nt-3', 'nt-4']);
    const refused = await c.type('explain x --seat nt-1 --json');
    expect({ ...refused, out: JSON.parse(refused.out) as unknown }).toEqual({
      code: 1,
      out: { error: { code: 'person-unknown', message: 'no directory knows “x”' } },
      err: 'anyseat: no directory knows “x”\n',
    });
  });

  test('names that are not there and filters that say nothing are told', async () => {
    const some = await c.type('get seats nt-3 nt-33');
    expect({ ...some, out: linesOf(some.out).length }).toEqual({
      code: 1,
      out: 2,
      err: 'anyseat: there is no seat “nt-33”\n',
    });
    expect(await c.type('get pools --seat nt-1')).toEqual({
      code: 64,
      out: '',
      err: 'anyseat: --seat says nothing about pools\n',
    });
    expect(await c.type('get seats --site shanghai')).toEqual({
      code: 0,
      out: '',
      err: 'None of 12 seats is like that.\n',
    });
  });

  test('a reader that has seen enough is no fault, and bash completes names from the hub', () => {
    const bash = (script: string) => {
      const env = c.env({ NODE: process.execPath, PROGRAM });
      const all = `anyseat() { "$NODE" "$PROGRAM" "$@"; }\n${script}`;
      const { stdout, stderr } = spawnSync('bash', ['-c', all], { env, encoding: 'utf8' });
      return { stdout, stderr };
    };
    expect(bash('anyseat get seats | true')).toEqual({ stdout: '', stderr: '' });
    const complete = (words: string) =>
      bash(
        `eval "$(anyseat completion bash)"; COMP_WORDS=(anyseat ${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _anyseat; echo "\${COMPREPLY[@]}"`,
      ).stdout.trim();
    expect([
      complete('explain li.na --seat nt-1'),
      complete('get s'),
      complete("get pools ''"),
      complete('tc'),
    ]).toEqual(['nt-1 nt-10 nt-11 nt-12', 'sites seats sessions swaps', 'broken office', 'tc']);
  });
});

describe('audit, backup and restore', () => {
  let copy = '';

  test('the acts of the operator are in the log, and the chain is whole', async () => {
    const ran = await c.type('audit --limit 500 --verify');
    expect({ code: ran.code, err: ran.err, last: linesOf(ran.out).at(-1) }).toEqual({
      code: 0,
      err: '',
      last: expect.stringMatching(/^The chain is whole: \d+ rows, none changed, none missing\.$/) as string,
    });
    for (const act of [
      'resource.applied',
      'tc.approved',
      'tc.retired',
      'tc.token-made',
      'session.ended',
      'desktop.retire',
    ])
      expect(
        linesOf(ran.out).some((line) => line.includes('local-root') && line.includes(act)),
        act,
      ).toBe(true);
    const one = await c.type('audit --subject seats/nt-3');
    expect(linesOf(one.out).length).toBe(2);
  });

  test('a backup is whole, the hub’s alone, and replaces an older one', async () => {
    copy = join(c.folder, 'copy.db');
    writeFileSync(copy, 'an older one', { mode: 0o644 });
    const ran = await c.type('backup copy.db');
    expect(ran).toEqual({
      code: 0,
      out: expect.stringMatching(/^\S+\/copy\.db \([\d.]+ kB\): a whole copy of the store/) as string,
      err: '',
    });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const db = new Database(copy, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
    const store = join(c.folder, 'hub/state/hub.db');
    expect((await c.run(['backup', store])).err).toBe(
      `anyseat: no backup was written to ${store}: that is the store’s own file\n`,
    );
    expect((await c.type('backup /nowhere/copy.db')).code).toBe(1);
  });

  test('a row that was changed is found', async () => {
    const db = new Database(join(c.folder, 'hub/state/hub.db'));
    // Whoever can write the file can also take the guard off it.
    const guards = db
      .prepare<[], { name: string }>(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'",
      )
      .all();
    for (const { name } of guards) db.exec(`DROP TRIGGER "${name}"`);
    db.prepare("UPDATE audit SET actor = 'somebody-else' WHERE seq = 3").run();
    db.close();
    const { code, err } = await c.type('audit --limit 1 --verify');
    expect({ code, err }).toEqual({
      code: 1,
      err: 'anyseat: the audit log was changed: row 3 does not follow from the one before it\n',
    });
  });

  test('a restore asks first; nobody to ask, no and a bad file change nothing', async () => {
    expect(await c.type('restore copy.db')).toMatchObject({
      code: 64,
      err: expect.stringContaining('--yes goes on without asking') as string,
    });
    expect((await c.type('restore --yes users.yaml')).err).toMatch(/users\.yaml cannot be restored: /);
    expect((await c.type('restore --yes nothing.db')).err).toMatch(
      /cannot be restored: there is no such file\n$/,
    );
    const said = spawnSync(
      'script',
      ['-qec', `'${process.execPath}' '${PROGRAM}' restore '${copy}'`, '/dev/null'],
      {
        env: c.env(),
        input: 'no\n',
        encoding: 'utf8',
        timeout: 30_000,
      },
    );
    expect({
      code: said.status,
      asked: said.stdout.includes('Type yes'),
      end: said.stdout.includes('nothing was done'),
    }).toEqual({
      code: 1,
      asked: true,
      end: true,
    });
    expect(c.hub.running).toBe(true);
  });

  test('a restored hub starts anew with what the backup has', async () => {
    await c.type('apply -f -', { stdin: 'sites:\n  late: { title: Late, timeZone: UTC }\n' });
    const ran = await c.type('restore --yes copy.db');
    expect(ran).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('as the hub starts anew') as string,
    });
    await waitFor('the hub to stop', () => !c.hub.running);
    await c.hub.startAgain();
    expect((await c.hub.get('sites')).map((site) => site.name)).toEqual(['nantong', 'shanghai']);
    const { code, out } = await c.type('audit --limit 50 --verify');
    expect({ code, restored: out.includes('store.restored') }).toEqual({ code: 0, restored: true });
  });
});

describe('terminals and hubs that are not there', () => {
  test('colour is for terminals, and not with NO_COLOR', () => {
    const on = (env: Record<string, string>) =>
      spawnSync('script', ['-qec', `'${process.execPath}' '${PROGRAM}' status`, '/dev/null'], {
        env: c.env({ TERM: 'xterm', ...env }),
        encoding: 'utf8',
        timeout: 30_000,
      }).stdout.includes('\u{1b}[');
    expect([on({}), on({ NO_COLOR: '1' }), on({ TERM: 'dumb' })]).toEqual([true, false, false]);
  });

  test('a hub that was killed, and one that never was, end with 2 and what to do', async () => {
    await c.hub.kill();
    const killed = await c.type('status');
    expect(killed).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^anyseat: no hub answers on \S+: the hub that had this socket is not running\.\nStart it/,
      ) as string,
    });
    const never = await c.type('--socket never.sock get seats --json');
    expect(never).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('there is no such socket') as string,
    });
    expect((await c.type('get chairs')).code).toBe(64);
  });
});
