import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { CloseCode, closeReason, type Grant } from '@anyseat/protocol';
import { HubProcess } from './parts/hubProcess.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** The hub as a process, on the fake hypervisor, seen from the wire: what a seat is told, and what an operator sees. */
const people = Array.from({ length: 12 }, (_, i) => `u${i + 1}`);

interface Stage extends AsyncDisposable {
  hub: HubProcess;
  cloud: Minicloud;
  seat: (name: string) => Promise<SeatClient>;
  ready: (count: number) => Promise<void>;
}

async function stage(
  pool: Record<string, unknown> = {},
  allocator: Record<string, unknown> = {},
): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('hub')).path;
  const cloud = opening.use(await startMinicloud({ speed: 10 }));
  await writeUsers(join(folder, 'users.yaml'), people);
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
    }),
  );
  await hub.apply(smallSite(8, pool, allocator));
  const kept = opening.move();
  return {
    hub,
    cloud,
    seat: async (name) => {
      const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: name });
      const client = kept.use(await SeatClient.connect(hub.url, { token }));
      await client.welcome();
      return client;
    },
    ready: async (count) => {
      await waitFor(
        `${count} ready desktops`,
        async () => ((await hub.get('pools'))[0]?.ready ?? 0) >= count,
      );
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const sessionOf = async (hub: HubProcess, user: string) =>
  (await hub.get('sessions')).find((s) => s.user === user && !s.end);

describe('a seat and its hub', () => {
  let s: Stage;
  beforeAll(async () => {
    s = await stage({ floor: 3, ceiling: 8 });
    await s.ready(3);
  });
  afterAll(() => s[Symbol.asyncDispose]());

  test('a login is answered with a ready desktop, and the steps that last are told in order', async () => {
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    // Told are the steps that last; how long each took stands in the grant.
    const steps = ['directory', 'allocator', 'desktop', 'proof'];
    const told = seat.frames.flatMap((f) => (f.type === 'progress' ? [f.stage] : []));
    expect(told).toEqual(steps.filter((step) => told.some((stage) => stage === step)));
    expect(Object.keys(grant.tookMs ?? {}).sort()).toEqual(['desktop', 'directory', 'proof']);
    expect(grant.display).toMatchObject({ kind: 'spice', port: expect.any(Number) as number });
    await seat.viewer(grant, 'connected');
    await waitFor(
      'the hub to hear of the picture',
      async () => (await sessionOf(s.hub, 'u1'))?.state === 'connected',
    );
  });

  test('a wrong password and an unknown name are told alike, and both are logged as what they are', async () => {
    const seat = await s.seat('s2');
    expect(await seat.login('u2', 'wrong')).toMatchObject({ type: 'refused', code: 'wrong-password' });
    expect(await seat.login('nobody', 'wrong')).toMatchObject({ type: 'refused', code: 'wrong-password' });
    expect(await seat.login('u2', '')).toMatchObject({ type: 'refused', code: 'empty-password' });
    expect(s.hub.log).toContain('"reason":"unknown-user"');
    expect(s.hub.log).not.toContain(PASSWORD);
  });

  test('after four wrong passwords our own brake answers, and the directory is asked no more', async () => {
    const seat = await s.seat('s8');
    for (let i = 0; i < 4; i++) await seat.login('u3', `wrong-${i}`);
    expect(await seat.login('u3', PASSWORD)).toMatchObject({ type: 'refused', code: 'too-many-attempts' });
  });

  test('the same request again has the same session, and no second look at the password', async () => {
    const seat = await s.seat('s3');
    const first = await seat.login('u4', PASSWORD, 'request-once');
    seat.drop();
    await using again = await SeatClient.connect(s.hub.url, { key: seat.key });
    await again.welcome();
    const second = await again.login('u4', '', 'request-once');
    expect(second).toMatchObject({
      type: 'grant',
      sessionId: (first as Grant).sessionId,
      desktop: (first as Grant).desktop,
      generation: (first as Grant).generation + 1,
    });
    again.send({
      type: 'logoff',
      requestId: 'logoff-u4',
      sessionId: (second as Grant).sessionId,
      secret: (second as Grant).resumeSecret,
    });
    await again.frame('release');
  });

  test('a person who logs in at another seat finds the same desktop there, and the first seat is released', async () => {
    const [one, two] = [await s.seat('s4'), await s.seat('s5')];
    const first = await one.granted('u5', PASSWORD);
    await one.viewer(first, 'connected');
    const second = await two.granted('u5', PASSWORD);
    expect(second).toMatchObject({ sessionId: first.sessionId, desktop: first.desktop });
    expect(await one.frame('release')).toMatchObject({
      sessionId: first.sessionId,
      code: 'moved',
      fields: { seat: 's5' },
    });
    // The old seat knows the session no more: neither its secret nor its reports count.
    one.send({
      type: 'resume',
      requestId: 'resume-u5',
      sessionId: first.sessionId,
      secret: first.resumeSecret,
      generation: 1,
      want: 'display',
      language: 'en',
    });
    expect(await one.answer('resume-u5')).toMatchObject({ type: 'refused', code: 'session-over' });
    await one.viewer(first, 'ended');
    await two.viewer(second, 'connected');
    await waitFor('the session at its new seat', async () => {
      const session = await sessionOf(s.hub, 'u5');
      return session?.seat === 's5' && session.state === 'connected';
    });
  });

  test('a viewer that ended leaves the desktop to its person for a while, and a resume brings them back', async () => {
    const seat = await s.seat('s6');
    const grant = await seat.granted('u6', PASSWORD);
    await seat.viewer(grant, 'connected');
    await seat.viewer(grant, 'ended');
    await waitFor('the session to be away', async () => (await sessionOf(s.hub, 'u6'))?.state === 'away');
    const { sessionId, resumeSecret: secret, generation } = grant;
    seat.send({
      type: 'resume',
      requestId: 'resume-bad',
      sessionId,
      secret: `${secret.slice(1)}x`,
      generation,
      want: 'display',
      language: 'en',
    });
    expect(await seat.answer('resume-bad')).toMatchObject({ code: 'session-unknown' });
    seat.send({
      type: 'resume',
      requestId: 'resume-u6',
      sessionId,
      secret,
      generation,
      want: 'display',
      language: 'en',
    });
    const again = (await seat.answer('resume-u6')) as Grant;
    expect(again).toMatchObject({
      type: 'grant',
      sessionId,
      desktop: grant.desktop,
      generation: generation + 1,
    });
    // The same request again, as after an answer that was lost: no secret is asked for, the same session is given.
    seat.frames.length = 0;
    seat.send({
      type: 'resume',
      requestId: 'resume-u6',
      sessionId,
      secret,
      generation,
      want: 'display',
      language: 'en',
    });
    const lost = (await seat.answer('resume-u6')) as Grant;
    expect(lost).toMatchObject({ sessionId, desktop: grant.desktop, generation: generation + 2 });
    seat.send({ type: 'logoff', requestId: 'logoff-u6', sessionId, secret: lost.resumeSecret });
    expect(await seat.frame('release')).toMatchObject({ code: 'logged-off' });
    // What was used goes, and its server with it; the pool is full again.
    const server = grant.desktop.name;
    await waitFor('the used server to be gone', () => !s.cloud.servers().some((x) => x.name === server));
  });

  test('an operator ends a session, and the seat is told', async () => {
    const seat = await s.seat('s7');
    const grant = await seat.granted('u7', PASSWORD);
    await s.hub.ask('POST', `/sessions/${grant.sessionId}/end`);
    expect(await seat.frame('release')).toMatchObject({
      sessionId: grant.sessionId,
      code: 'ended-by-operator',
    });
    await expect(s.hub.ask('POST', `/sessions/${grant.sessionId}/end`)).rejects.toThrow('session-unknown');
  });
});

describe('when things go wrong', () => {
  test('people who wait are told their place, and are served in order as desktops become ready', async () => {
    await using s = await stage({ floor: 0, ceiling: 2 });
    // Nothing is seen to run until all of them are in the queue.
    s.cloud.faults.set('listing-lags', {});
    const seats = [await s.seat('s1'), await s.seat('s2'), await s.seat('s3')];
    for (const [i, seat] of seats.entries()) {
      seat.send({
        type: 'login',
        requestId: `wait-${i}-login`,
        user: `u${i + 1}`,
        password: PASSWORD,
        language: 'en',
      });
      await seat.frame('queued');
    }
    expect(await seats[2]!.frame('queued')).toMatchObject({ place: 3 });
    s.cloud.faults.clear('listing-lags');
    const [first] = await Promise.all([seats[0]!.answer('wait-0-login'), seats[1]!.answer('wait-1-login')]);
    expect(first.type).toBe('grant');
    expect(await seats[2]!.frame('queued', (f) => f.place === 1)).toMatchObject({ place: 1 });
    // At the ceiling: the third is served only when somebody leaves.
    const { sessionId, resumeSecret: secret } = first as Grant;
    seats[0]!.send({ type: 'logoff', requestId: 'logoff-1', sessionId, secret });
    expect(await seats[2]!.answer('wait-2-login')).toMatchObject({ type: 'grant' });
  });

  test('somebody who walks away from the queue leaves nothing behind', async () => {
    await using s = await stage({ floor: 0, ceiling: 1 });
    const seat = await s.seat('s1');
    s.cloud.faults.set('build-stuck', {});
    seat.send({ type: 'login', requestId: 'walk-away', user: 'u1', password: PASSWORD, language: 'en' });
    await seat.frame('queued');
    seat.send({ type: 'cancel', requestId: 'walk-away' });
    expect(await seat.answer('walk-away')).toMatchObject({ code: 'login-cancelled' });
    expect((await s.hub.get('sessions')).map((x) => x.end)).toEqual(['cancelled']);
  });

  test('a login that is cancelled after the connection was lost waits no longer', async () => {
    await using s = await stage({ floor: 0, ceiling: 1 });
    const seat = await s.seat('s1');
    s.cloud.faults.set('build-stuck', {});
    seat.send({ type: 'login', requestId: 'lost-line', user: 'u1', password: PASSWORD, language: 'en' });
    await seat.frame('queued');
    seat.drop();
    await using again = await SeatClient.connect(s.hub.url, { key: seat.key });
    await again.welcome();
    again.send({ type: 'cancel', requestId: 'lost-line' });
    expect(await again.answer('lost-line')).toMatchObject({ code: 'login-cancelled' });
    expect((await s.hub.get('sessions')).map((x) => x.end)).toEqual(['cancelled']);
  });

  test('a hub killed in the middle finds everything again: the session goes on, the same desktop, no server lost', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    await seat.viewer(grant, 'connected');
    await waitFor('the picture', async () => (await sessionOf(s.hub, 'u1'))?.state === 'connected');
    await s.hub.killAndRestart();
    await using back = await SeatClient.connect(s.hub.url, { key: seat.key });
    const { epoch } = await back.welcome();
    const { sessionId, resumeSecret: secret, generation } = grant;
    back.send({
      type: 'resume',
      requestId: 'attach-1',
      sessionId,
      secret,
      generation,
      want: 'attach',
      language: 'en',
    });
    expect(await back.frame('attached')).toMatchObject({ sessionId, generation });
    expect(epoch).toBeGreaterThan((await seat.welcome()).epoch);
    expect(await sessionOf(s.hub, 'u1')).toMatchObject({ id: sessionId, state: 'connected', seat: 's1' });
    await s.ready(2);
    expect(s.cloud.servers().length).toBe(3);
    expect(
      (await s.hub.ask<{ verified: { brokenAt?: number } }>('GET', '/audit?verify=true')).verified.brokenAt,
    ).toBeUndefined();
  });

  test('a hub that is asked to stop sends its agents away, to come back soon, and does not wait for them', async () => {
    await using s = await stage();
    const seat = await s.seat('s1');
    process.kill(s.hub.pid, 'SIGTERM');
    await waitFor('the hub to be gone', () => !s.hub.running);
    expect(await waitFor('its good-bye', () => seat.closed)).toEqual({
      code: CloseCode.goingAway,
      reason: closeReason(2000),
    });
  });

  test('with OpenStack’s API down, ready desktops are still handed out', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    const seat = await s.seat('s1');
    s.cloud.faults.set('hang', { on: { service: 'compute' } });
    const grant = await seat.granted('u1', PASSWORD);
    expect(grant.display.host).toMatch(/^127\./);
  });

  test('a ready desktop that dies is known at once, by the link that stood to it, whatever the cloud says', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    await waitFor('the links', () => s.hub.log.split('"a link stands"').length > 2);
    const [one, two] = (await s.hub.get('desktops')).toSorted((a, b) => a.number - b.number);
    s.cloud.faults.set('hang', { on: { service: 'compute' } });
    s.cloud.guest(one!.serverId!)!.kill();
    await waitFor('the doubt', async () =>
      (await s.hub.get('desktops')).some((d) => d.id === one!.id && d.state === 'booting'),
    );
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    expect(grant.desktop.name).toBe(two!.server);
  });

  test('a desktop whose screen is another’s by now is not granted; the next one is', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    const [one, two] = (await s.hub.get('desktops')).toSorted((a, b) => a.number - b.number);
    s.cloud.guest(one!.serverId!)!.kill();
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    expect(grant.desktop.name).toBe(two!.server);
    const broken = await waitFor('the evidence', async () =>
      (await s.hub.get('desktops')).find((d) => d.state === 'broken'),
    );
    expect(broken).toMatchObject({ id: one!.id });
    expect(broken.fault).toMatch(/refused|closed|powered off/);
  });

  test('a desktop that dies under its person is replaced when the seat comes back for it', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    await seat.viewer(grant, 'connected');
    const own = (await s.hub.get('desktops')).find((d) => d.user === 'u1')!;
    s.cloud.guest(own.serverId!)!.kill();
    await seat.viewer(grant, 'ended');
    const { sessionId, resumeSecret: secret, generation } = grant;
    seat.send({
      type: 'resume',
      requestId: 'resume-dead',
      sessionId,
      secret,
      generation,
      want: 'display',
      language: 'en',
    });
    const next = await seat.answer('resume-dead');
    expect(next).toMatchObject({ type: 'grant', sessionId });
    expect((next as Grant).desktop.name).not.toBe(grant.desktop.name);
  });

  test('the cloud alone never takes a desktop from a person', async () => {
    await using s = await stage({ floor: 1, ceiling: 3 });
    await s.ready(1);
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    await seat.viewer(grant, 'connected');
    const own = (await s.hub.get('desktops')).find((d) => d.user === 'u1')!;
    s.cloud.guest(own.serverId!)!.kill();
    await s.ready(1);
    expect((await s.hub.get('desktops')).find((d) => d.id === own.id)).toMatchObject({
      state: 'leased',
      user: 'u1',
    });
    expect(await sessionOf(s.hub, 'u1')).toMatchObject({ state: 'connected' });
  });

  test('an order whose answer is lost is found again, never sent twice', async () => {
    await using s = await stage({ floor: 0, ceiling: 4 });
    s.cloud.faults.set('create-lost', { how: 'reset' }, { count: 2 });
    await s.hub.apply({ pools: smallSite(0, { floor: 2, ceiling: 4 }).pools });
    await s.ready(2);
    expect(s.cloud.servers().length).toBe(2);
    const acts = (await s.hub.ask<{ rows: { act: string }[] }>('GET', '/audit?limit=200')).rows.map(
      (row) => row.act,
    );
    expect(acts.filter((act) => act === 'desktop.doubt').length).toBe(2);
    expect(acts.filter((act) => act === 'desktop.ask').length).toBe(2);
  });

  test('a cloud that refuses is left alone for a while, in words, and what is ready is served', async () => {
    await using s = await stage({ floor: 1, ceiling: 4 });
    await s.ready(1);
    s.cloud.faults.set('create-refused', {
      status: 403,
      message: 'Quota exceeded for instances: Requested 1, but already used 1 of 1 instances',
    });
    const seat = await s.seat('s1');
    await seat.granted('u1', PASSWORD);
    const pool = await waitFor('the pool’s words', async () =>
      (await s.hub.get('pools')).find((p) => /Quota/.test(p.words)),
    );
    expect(pool.words).toMatch(/makes no desktops: .*Quota exceeded.*; tries again in \d+ s/);
  });

  test('a deleted pool takes its servers with it, and nothing of others', async () => {
    await using s = await stage({ floor: 2, ceiling: 4 });
    await s.ready(2);
    await s.hub.apply({ sites: smallSite(0).sites }, { prune: true });
    await waitFor('all servers to be gone', () => s.cloud.servers().length === 0);
    expect(await s.hub.get('pools')).toEqual([]);
  });

  test('a person bound to a desktop comes back to it, also after it was switched off', async () => {
    await using s = await stage({ floor: 2, ceiling: 5 }, { binding: 'user' });
    await s.ready(2);
    const seat = await s.seat('s1');
    const grant = await seat.granted('u1', PASSWORD);
    const { sessionId, resumeSecret: secret } = grant;
    seat.send({ type: 'logoff', requestId: 'logoff-b', sessionId, secret });
    await seat.frame('release');
    const own = (await s.hub.get('desktops')).find((d) => d.state === 'bound')!;
    s.cloud.guest(own.serverId!)!.kill();
    const again = await seat.granted('u1', PASSWORD);
    expect(again.desktop.name).toBe(grant.desktop.name);
    expect((await s.hub.get('bindings')).map((b) => [b.kind, b.desktop])).toEqual([
      ['user', grant.desktop.name],
    ]);
  });
});

describe('strangers at the door', () => {
  let s: Stage;
  beforeAll(async () => {
    s = await stage({ floor: 0, ceiling: 1 });
  });
  afterAll(() => s[Symbol.asyncDispose]());

  test('an unknown key waits for an operator, who approves the fingerprint that the box shows', async () => {
    await using box = await SeatClient.connect(s.hub.url);
    const { fingerprint } = await box.frame('pending');
    expect(await s.hub.get('tcs')).toEqual(
      expect.arrayContaining([expect.objectContaining({ fingerprint, state: 'pending' })]),
    );
    await s.hub.ask('POST', `/tcs/${fingerprint}/approve`, { seat: 's1' });
    expect(await box.welcome()).toMatchObject({ seat: { name: 's1' }, site: { title: '南通' } });
  });

  test('a wrong signature, another version, a used token and silence are turned away', async () => {
    const closed = async (tamper: (hello: Record<string, unknown>) => void) => {
      await using box = await SeatClient.connect(s.hub.url, { tamper });
      return (await waitFor('the door to close', () => box.closed)).code;
    };
    expect(await closed((hello) => (hello['signature'] = Buffer.alloc(64).toString('base64')))).toBe(4401);
    expect(await closed((hello) => (hello['protocol'] = 99))).toBe(4426);
    expect(await closed((hello) => (hello['token'] = 'never-made'))).toBe(4401);
    expect(await closed((hello) => (hello['type'] = 'login'))).toBe(4400);
    await s.seat('s6');
    const { token } = await s.hub.ask<{ token: string }>('POST', '/tokens', { seat: 's6' });
    await using second = await SeatClient.connect(s.hub.url, { token });
    expect(await second.frame('rejected')).toMatchObject({ code: 'seat-taken' });
  });

  test('the same key twice: the newer is served, the older is told', async () => {
    const first = await s.seat('s2');
    await using second = await SeatClient.connect(s.hub.url, { key: first.key });
    await second.welcome();
    expect((await waitFor('the older to be closed', () => first.closed)).code).toBe(4409);
  });

  test('an unknown frame is ignored, a bad one closes, and a flood is cut off', async () => {
    const seat = await s.seat('s3');
    seat.sendRaw(JSON.stringify({ type: 'from-the-future', x: 1 }));
    expect(await seat.login('u1', 'wrong')).toMatchObject({ code: 'wrong-password' });
    seat.sendRaw(JSON.stringify({ type: 'login', requestId: 'x' }));
    expect((await waitFor('the bad frame’s close', () => seat.closed)).code).toBe(4400);
    const flood = await s.seat('s4');
    for (let i = 0; i < 60; i++) flood.sendRaw('{"type":"cancel","requestId":"nothing-here"}');
    expect((await waitFor('the flood to be cut off', () => flood.closed)).code).toBe(4429);
    const huge = await s.seat('s5');
    huge.sendRaw('x'.repeat(20_000));
    expect((await waitFor('the huge frame’s close', () => huge.closed)).code).toBe(1009);
  });
});
