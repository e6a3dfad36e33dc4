import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WhatifAnswer, WhyAnswer } from '@anyseat/protocol';
import { PASSWORD } from '../../e2e/parts/smallSite.ts';
import { waitFor } from '../../e2e/parts/waitFor.ts';
import { CallCentre } from './callCentre.ts';

/** Rules and bindings as an operator changes them, on a real hub with people at seats. One story, in order. */
let c: CallCentre;
let session: string;
beforeAll(async () => {
  c = await CallCentre.open();
  await c.type('apply -f site.yaml');
  await waitFor('two ready desktops', async () => {
    const desktops = await c.hub.get('desktops');
    return desktops.filter((d) => d.state === 'ready').length >= 2;
  });
});
afterAll(() => c[Symbol.asyncDispose]());

const seatAt = async (seat: string) => {
  const { token } = JSON.parse((await c.type(`tc token --seat ${seat} --json`)).out) as { token: string };
  const client = await c.seat({ token });
  await client.welcome();
  return client;
};
const ready = async () =>
  (await c.hub.get('desktops'))
    .filter((d) => d.state === 'ready' && d.pool === 'office')
    .map((d) => d.server!);
const rules = (text: string) => {
  const file = join(c.folder, 'rules.yaml');
  writeFileSync(file, `allocators:\n${text}`);
  return 'rules.yaml';
};

test('a thin client is tagged, allocators see it, and a tag is taken away', async () => {
  await seatAt('nt-9');
  const [tc] = (await c.hub.get('tcs')).filter((one) => one.seat === 'nt-9');
  const print = tc!.fingerprint;
  expect((await c.type(`tc tag ${print} screens=2 kind=thin`)).out).toBe(
    `${print} has screens=2 kind=thin.\n`,
  );
  expect((await c.type(`tc tag ${print} kind=`)).out).toBe(`${print} has screens=2.\n`);
  expect((await c.type(`tc tag ${print} kind`)).code).toBe(64);
  const rule = '  wide: { title: W, priority: 200, match: { tc: { screens: "2" } }, pools: [office] }\n';
  const file = rules(rule);
  expect((await c.type(`apply -f ${file}`)).code).toBe(0);
  const { out } = await c.type('explain li.na --seat nt-9');
  expect(out).toContain('✓ wide (priority 200): serves');
  expect(out).toContain('✓ tc.screens: wanted 2; saw 2');
  expect((await c.type('explain li.na --seat nt-2 --json')).out).toContain('"chosen": "rest"');
  expect((await c.type('get allocators wide --wide')).out).toContain('tc.screens 2');
  expect((await c.type('revert --change 1')).code).toBe(0);
});

describe('why a login went as it did', () => {
  test('is told by the rules as they stood then, whatever they are by now', async () => {
    const seat = await seatAt('nt-1');
    const { sessionId } = await seat.granted('wang.fang', PASSWORD);
    session = sessionId;
    await c.type(
      `apply -f ${rules('  night: { title: 夜班, match: { users: [nobody] }, pools: [office] }\n')}`,
    );
    expect((await c.type('explain wang.fang --seat nt-1 --json')).out).toContain('"chosen": "rest"');
    const why = JSON.parse((await c.type(`explain --session ${session} --json`)).out) as WhyAnswer;
    expect(why).toMatchObject({
      change: 3,
      chosen: 'night',
      outcome: 'new',
      pools: ['office'],
      seat: { name: 'nt-1' },
    });
    const { out } = await c.type(`explain --session ${session}`);
    expect(out).toContain('by the rules as they stood after change 3:');
    expect(out).toContain(
      'night served from office: it had a desktop ready that nobody had used, and gave it.',
    );
    expect((await c.hub.get('sessions')).find((s) => s.id === session)?.state).not.toBe('ended');
  });

  test('is refused in words where it is not known, or asked in two ways at once', async () => {
    expect((await c.type('explain --session ses_none')).err).toBe('anyseat: there is no session ses_none\n');
    expect([
      (await c.type('explain li.na')).code,
      (await c.type(`explain li.na --session ${session}`)).code,
    ]).toEqual([64, 64]);
  });
});

describe('revisions', () => {
  test('history tells what was applied together, and what became of one rule', async () => {
    const all = (await c.type('history')).out;
    expect(all.split('\n').filter((line) => line.startsWith('change'))).toHaveLength(4);
    expect(all).toContain('    allocators/night revision 2');
    const { out } = await c.type('history allocators/night');
    expect(out).toMatch(/^revision 2 {2}\d{4}.* local-root\n {4}priority: 80 → 0\n/);
    expect((await c.type('history allocators/nihgt')).err).toBe('There never was such a resource.\n');
  });

  test('one rule is brought back, and that can be taken back as well', async () => {
    const dry = await c.type('revert allocators/night --to 1 --dry-run');
    expect(dry.out).toContain('priority: 0 → 80');
    expect(dry.out).toContain('1 to change. Nothing was changed.');
    expect((await c.type('revert allocators/night --to 1')).out).toContain('1 changed.');
    expect((await c.type('explain wang.fang --seat nt-1 --json')).out).toContain('"chosen": "night"');
    expect((await c.type('revert --change 4')).out).toContain('priority: 80 → 0');
    expect((await c.type('explain wang.fang --seat nt-1 --json')).out).toContain('"chosen": "rest"');
    expect((await c.type('revert --change 1')).code).toBe(0);
    expect((await c.type('revert --change 1')).out).toMatch(/^Nothing to change/);
  });

  test('what cannot be brought back is said', async () => {
    const errors = [
      await c.type('revert allocators/night --to 99'),
      await c.type('revert --change 99'),
      await c.type('revert allocators/night --change 1'),
      await c.type('revert'),
    ];
    expect(errors.map(({ code, err }) => [code, err.split('\n')[0]])).toEqual([
      [1, 'anyseat: allocators/night never had a revision 99; it has had 1 to 5'],
      [1, 'anyseat: there was no change 99 yet: anyseat history'],
      [64, expect.stringContaining('either KIND/NAME --to REVISION, or --change NUMBER')],
      [64, expect.stringContaining('either KIND/NAME --to REVISION, or --change NUMBER')],
    ]);
    await c.type(
      `apply -f ${rules('  leads: { title: L, priority: 100, match: { groups: [主管] }, pools: [spare] }\n')}`,
    );
    expect((await c.type('get allocators leads --json')).out).toContain('office');
  });
});

test('a rule that nobody can meet is applied, and told to be a slip most likely', async () => {
  const file = rules('  odd: { title: O, priority: 1, match: { seat: { rwo: "1" } }, pools: [office] }\n');
  const { code, out, err } = await c.type(`apply -f ${file} --dry-run`);
  expect({ code, out, err }).toEqual({
    code: 0,
    out: '+ allocators/odd\n1 to create. Nothing was changed.\n',
    err: 'rules.yaml:2:55: allocators.odd.match.seat.rwo: no seat has a tag “rwo”; did you mean “row”? There are: row (is it a slip?)\n',
  });
});

describe('whatif', () => {
  test('names who would get something else, and changes nothing', async () => {
    const file = rules('  night: { title: N, priority: 80, match: { groups: [nobody] }, pools: [office] }\n');
    const before = (await c.type('get allocators --json')).out;
    const { out } = await c.type(`whatif -f ${file}`);
    expect(out).toMatch(
      /^1 person, 1 login\n {4}now {3}night \(office\)\n {4}then {2}rest \(office\)\n {6}wang\.fang \(王芳\) at nt-1, /,
    );
    expect(out).toContain(
      '1 of 1 login of 1 person in the last 14 days would come out differently. Nothing was changed.',
    );
    const same = JSON.parse((await c.type('whatif -f site.yaml --json')).out) as WhatifAnswer;
    expect(same).toEqual({ days: 14, logins: 1, people: 1, changed: 0, changes: [] });
    expect((await c.type('get allocators --json')).out).toBe(before);
    expect((await c.type(`whatif -f ${rules('  night: { pools: [offce] }\n')}`)).code).toBe(1);
  });
});

describe('bindings', () => {
  test('every wrong row of a table is told with its line, and nothing is bound then', async () => {
    const [desktop] = (await ready()) as [string];
    const table = [
      'kind,of,desktop',
      `usr,li.na,${desktop}`,
      `user,nobody,${desktop}`,
      'seat,nt-1,office-99',
      `seat,nt-2,${desktop}`,
      `seat,nt-3,${desktop}`,
      'seat,nt-4',
    ].join('\n');
    const { code, err } = await c.type('binding import -', { stdin: table });
    expect({ code, err: err.split('\n') }).toEqual({
      code: 1,
      err: [
        'standard input:2: “usr” is no kind; did you mean “user”? There are: user, seat, tc',
        'standard input:3: no directory knows “nobody”',
        expect.stringMatching(/^standard input:4: there is no desktop “office-99”/),
        `standard input:6: desktop ${desktop} stands in an earlier line already`,
        'standard input:7: has 2 columns; there are 3: kind, of, desktop',
        'anyseat: standard input: 5 problems; nothing was changed',
        '',
      ],
    });
    expect((await c.type('binding import -', { stdin: 'user,li.na,x\n' })).err).toContain(
      'standard input:1: the first line has to be kind,of,desktop',
    );
    expect(await c.hub.get('bindings')).toEqual([]);
  });

  test('a prepared desktop is the one they get, and can be given to somebody else', async () => {
    const [desktop] = (await ready()) as [string];
    writeFileSync(join(c.folder, 'people.csv'), `kind;of;desktop\r\nuser;LI.NA;${desktop}\r\n`);
    expect((await c.type('binding import people.csv --dry-run')).out).toBe(
      '1 desktop can be bound. Nothing was changed.\n',
    );
    expect((await c.type('binding import people.csv')).out).toBe('1 desktop bound.\n');
    await c.type(
      `apply -f ${rules('  rest: { title: R, default: true, pools: [office], binding: user }\n')}`,
    );
    const seat = await seatAt('nt-2');
    const grant = await seat.granted('li.na', PASSWORD);
    expect(grant.desktop.name).toBe(desktop);
    expect((await c.type(`binding end ${desktop}`)).err).toContain('somebody works on');
    expect((await c.type(`session end ${grant.sessionId}`)).code).toBe(0);
    expect((await c.type(`binding rebind ${desktop} --seat nt-5`)).err).toContain('--with-its-data');
    expect((await c.type(`binding rebind ${desktop} --seat nt-5 --with-its-data`)).out).toBe(
      `${desktop} is bound to seat nt-5.\n`,
    );
    expect((await c.hub.get('bindings')).map((b) => [b.kind, b.key, b.desktop])).toEqual([
      ['seat', 'nt-5', desktop],
    ]);
    expect((await c.type(`binding move ${desktop} --pool offce`)).err).toContain('did you mean “office”');
    expect((await c.type(`binding end ${desktop}`)).out).toBe(`${desktop} is bound to nobody any more.\n`);
    expect(await c.hub.get('bindings')).toEqual([]);
    const acts = (await c.type('audit --json --limit 100')).out;
    for (const act of ['binding.prepared', 'binding.changed', 'binding.ended']) expect(acts).toContain(act);
  });
});
