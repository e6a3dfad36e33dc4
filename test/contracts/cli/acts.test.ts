import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '@anyseat/protocol';
import { anyseat } from '../../../hub/src/cli/anyseat.ts';
import { writtenTerminal } from '../../../hub/src/cli/terminal.fixture.ts';
import type { SeatClient } from '../../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite } from '../../e2e/parts/smallSite.ts';
import { waitFor } from '../../e2e/parts/waitFor.ts';
import { openGround, type Ground } from '../../simulation/parts/ground.ts';
import { InsideHub } from '../../simulation/parts/insideHub.ts';

/** What an operator does to desktops and hosts at the command: what is asked before, what is answered, and what came of it. */
let ground: Ground;
let hub: InsideHub;

beforeAll(async () => {
  ground = await openGround('cli-acts', ['u1', 'u2', 'u3']);
  const { folder, cloud, directory, stack } = ground;
  hub = stack.use(
    await InsideHub.open({
      folder,
      cloud,
      directories: [directory],
      resources: smallSite(3, { floor: 5, ceiling: 20 }),
      settings: { moves: { warnMinutes: 0, operatorsPerMinute: 4 } },
    }),
  );
});
afterAll(() => ground.stack.disposeAsync());

/** Types a command; `answers` is what the person says when they are asked. */
async function type(words: readonly string[], answers?: string) {
  const asked: string[] = [];
  const ask = (question: string) => Promise.resolve(asked.push(question) > 0 ? answers : undefined);
  const terminal = writtenTerminal({ width: 400, ask, now: () => hub.clock.now() });
  const code = await anyseat(['--socket', hub.socket, ...words], terminal);
  return {
    code,
    asked: asked.length,
    said: terminal.said.join('\n'),
    complained: terminal.complained.join('\n'),
  };
}

const freeDesktop = () =>
  waitFor('a ready desktop', async () =>
    (await hub.store.desktops()).find((d) => d.state === 'ready' && d.heldBack === undefined),
  );

async function atWork(
  user: string,
  place: string,
): Promise<{ seat: SeatClient; grant: Grant; host: string }> {
  await freeDesktop();
  const seat = ground.stack.use(await hub.seat(place));
  const grant = await seat.granted(user, PASSWORD);
  await seat.viewer(grant, 'connected');
  await waitFor('the picture', async () =>
    (await hub.store.sessions({ live: true })).some((s) => s.user === user && s.state === 'connected'),
  );
  const { host } = (await hub.store.desktops()).find((d) => d.serverName === grant.desktop.name)!;
  return { seat, grant, host: host! };
}

test('swap says what it comes to, asks, and changes nothing before yes; then it is listed, with its log', async () => {
  const { grant } = await atWork('u1', 's1');
  await freeDesktop();
  const old = grant.desktop.name;
  const words = ['swap', 'u1', '--reason', 'black screen'];
  for (const [answer, why] of [
    [undefined, 'nobody is there to ask; --yes goes on without'],
    ['no', 'nothing was swapped'],
  ] as const) {
    const refused = await type(words, answer);
    expect(refused).toMatchObject({ code: 1, asked: 1, said: '' });
    expect(refused.complained).toContain(`Desktop ${old} is put into quarantine`);
    expect(refused.complained).toContain('The picture closes for u1 at seat s1');
    expect(refused.complained).toContain(why);
  }
  expect(await hub.store.swaps({ limit: 9 })).toEqual([]);

  const done = await type(words, 'yes');
  expect(done).toMatchObject({ code: 0, asked: 1 });
  expect(done.said).toMatch(
    new RegExp(
      `^Desktop ${old} is in quarantine; .*\n\\S+ has taken its place for u1\\.\nHow long it took: anyseat get swaps$`,
    ),
  );
  const listed = await type(['get', 'swaps', '--user', 'u1']);
  expect(listed.said).toMatch(new RegExp(`u1 +s1 +${old} +standard-\\S+ +local-root +.*black screen`));
  expect((await type(['get', 'desktops', '--state', 'quarantined'])).said).toContain(
    `anyseat desktop release ${old}`,
  );
  await waitFor('its console log', async () => (await hub.store.consoleLogs()).size === 1);
  const log = await type(['desktop', 'log', old]);
  expect(log).toMatchObject({ code: 0, said: expect.stringContaining(old) as string });
  expect(log.complained).toMatch(new RegExp(`^Console of ${old}, kept `));
  expect((await type(['swap', 'nobody'])).complained).toMatch(
    /^anyseat: nobody of that name is on a desktop/,
  );
});

test('what was swapped is released or retired by its name, and nothing else is', async () => {
  const [swapped] = await hub.store.desktops({ state: 'quarantined' });
  const name = swapped!.serverName!;
  const held = (await hub.store.desktops()).find((d) => d.session !== undefined)!;
  expect((await type(['desktop', 'retire', held.serverName!])).complained).toMatch(
    /is leased and cannot be retired; end its session first$/,
  );
  expect((await type(['desktop', 'release', held.serverName!])).complained).toMatch(
    /is leased, and not by a swap$/,
  );
  expect((await type(['desktop', 'log', 'standard-9999'])).complained).toMatch(
    /^anyseat: there is no desktop “standard-9999”/,
  );
  expect(await type(['desktop', 'release', name])).toMatchObject({
    code: 0,
    said: `Desktop ${name} was used: it is removed, and its pool makes another when it wants one.`,
  });
  // One that nobody ever had comes back.
  const free = await freeDesktop();
  expect((await type(['swap', free.serverName!, '--yes'])).code).toBe(0);
  expect((await type(['desktop', 'release', free.serverName!])).said).toBe(
    `Desktop ${free.serverName} was never used: it is proved again, and handed out when it answers.`,
  );
  const another = await freeDesktop();
  expect((await type(['swap', another.serverName!, '--yes'])).code).toBe(0);
  expect((await type(['desktop', 'retire', another.serverName!])).said).toBe(
    `Desktop ${another.serverName} is retiring; its pool makes another when it wants one.`,
  );
});

test('a script that swaps and swaps is stopped', async () => {
  const free = await waitFor('five ready desktops', async () => {
    const ready = (await hub.store.desktops({ state: 'ready' })).filter((d) => d.heldBack === undefined);
    return ready.length >= 5 ? ready.slice(0, 5) : undefined;
  });
  const ran = await Promise.all(free.map(({ serverName }) => type(['swap', serverName!, '--yes'])));
  const [stopped] = ran.filter(({ code }) => code !== 0);
  expect(stopped).toMatchObject({ code: 1, said: '' });
  expect(stopped!.complained).toMatch(/^anyseat: 4 desktops were swapped by operators within a minute/);
});

test('a host is drained: said first, asked where people are moved, seen in lists and in status, and ended', async () => {
  const { grant, host } = await atWork('u2', 's2');
  const words = ['host', 'drain', host, '--reason', 'fan'];
  const trial = await type([...words, '--move-people', '--dry-run']);
  expect(trial.said).toMatch(
    new RegExp(`^Host ${host} would be given nothing new\\. .*taken to other desktops`),
  );
  const refused = await type([...words, '--move-people'], 'no');
  expect(refused).toMatchObject({ code: 1, asked: 1, said: '' });
  expect(refused.complained).toContain('nothing was changed');
  expect(await hub.store.drains()).toEqual([]);

  // Nobody is moved by it, so nobody is asked.
  const waits = await type(words);
  expect(waits).toMatchObject({ code: 0, asked: 0 });
  expect(waits.said).toMatch(/in use leave when their people log off\.$/);
  expect((await type(['get', 'hosts', host])).said).toMatch(
    new RegExp(`${host} .*drained .*drained by local-root: fan\\..* in use until their people log off`),
  );
  expect((await type(['get', 'desktops', '--host', host])).said).toContain(
    'replaced when its person logs off; its host is drained',
  );
  expect((await type(['status'])).said.replaceAll(/\s+/g, ' ')).toContain(
    `Host ${host} is drained by local-root: fan.`,
  );

  expect((await type([...words, '--move-people', '--yes'])).code).toBe(0);
  await waitFor('it to be moved', async () =>
    (await hub.store.swaps({ limit: 9 })).some((one) => one.user === 'u2' && one.origin === 'drain'),
  );
  expect((await type(['get', 'swaps', '--user', 'u2'])).said).toMatch(
    new RegExp(`${grant.desktop.name} .*drain .*its host ${host} is drained: fan`),
  );
  expect(await type(['host', 'undrain', host])).toMatchObject({
    code: 0,
    said: `Host ${host} is given new desktops again, and nobody is moved off it.`,
  });
  expect(await hub.store.drains()).toEqual([]);
  const acts = (await type(['audit', '--json', '--limit', '200'])).said;
  for (const act of ['desktop.swapped', 'host.drained', 'host.drain-ended', 'host.resumed'])
    expect(acts).toContain(act);
});

test('a host that the cloud does not have is not drained', async () => {
  const ran = await type(['host', 'drain', 'no-such-host', '--reason', 'fan']);
  expect(ran).toMatchObject({ code: 1, said: '' });
  expect(await hub.store.drains()).toEqual([]);
});

test('sessions that other rules would serve are said, and ended at a word; the others go on', async () => {
  const { seat, grant } = await atWork('u3', 's3');
  expect((await type(['session', 'rejudge'])).said).toBe(
    'Every running session is as the rules would serve it now.',
  );
  await hub.apply({
    allocators: {
      own: { title: 'Own', priority: 9, match: { users: ['u3'] }, pools: ['standard'], binding: 'user' },
    },
  });
  const line = '  u3 at s3: everybody (standard) → own (standard; bound to the user)';
  const trial = await type(['session', 'rejudge', '--dry-run']);
  expect(trial.said.split('\n')).toEqual([
    '1 session would be served otherwise by the rules as they are now:',
    line,
  ]);
  expect(await type(['session', 'rejudge'], 'no')).toMatchObject({ code: 1, asked: 1, said: '' });
  expect(seat.frames.some(({ type: frame }) => frame === 'release')).toBe(false);
  const before = (await hub.store.sessions({ live: true })).length;
  expect(await type(['session', 'rejudge'], 'yes')).toMatchObject({ code: 0, said: '1 session ended.' });
  await seat.frame('release', (f) => f.code === 'ended-by-operator');
  const live = await hub.store.sessions({ live: true });
  expect([live.length, live.some(({ id }) => id === grant.sessionId)]).toEqual([before - 1, false]);
  expect((await type(['session', 'rejudge', '--most', 'all'])).code).toBe(64);
});
