import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startMinicloud } from '@anyseat/minicloud';
import { PEOPLE } from '../lab/ldif.ts';
import { slapdMissing, startSlapd, type Slapd } from '../lab/slapd.ts';
import { AgentProcess } from './parts/agentProcess.ts';
import { Display, displayMissing } from './parts/display.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** What a directory says of people, as a seat and an operator see it. Desktops are states and timings only. */
async function startHub(
  life: AsyncDisposableStack,
  options: {
    directories: (folder: string) => unknown[] | Promise<unknown[]>;
    allocator?: object;
    people?: object;
    tls?: boolean;
  },
): Promise<{ hub: HubProcess; folder: string }> {
  const folder = life.use(temporaryFolder('people')).path;
  const cloud = life.use(await startMinicloud({ speed: 10 }));
  const hub = life.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: await options.directories(folder),
      tls: options.tls ?? false,
      more: { people: options.people ?? {} },
    }),
  );
  await hub.apply(smallSite(3, { floor: 3 }, { ...options.allocator }));
  await waitFor('ready desktops', async () => ((await hub.get('pools'))[0]?.ready ?? 0) >= 3, 60_000);
  return { hub, folder };
}

async function seatAt(life: AsyncDisposableStack, hub: HubProcess, seat: string): Promise<SeatClient> {
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat });
  const client = life.use(await SeatClient.connect(hub.url, { token }));
  await client.welcome();
  return client;
}

const ldapOf = (slapd: Slapd) => ({
  type: 'ldap',
  name: 'corp',
  servers: [slapd.tlsUrl],
  caFile: slapd.caFile,
  bindDn: slapd.serviceDn,
  passwordFile: slapd.passwordFile,
  userBase: PEOPLE,
});

const shows = (page: Page, text: string) => page.getByText(text).first().waitFor({ timeout: 20_000 });

test('somebody whose password must be changed changes it at the seat, and is at work with the new one', async (ctx) => {
  const missing = displayMissing() ?? slapdMissing();
  if (missing !== undefined) ctx.skip(missing);
  await using life = new AsyncDisposableStack();
  const slapd = life.use(await startSlapd({ agents: 2, policy: true }));
  const { hub, folder } = await startHub(life, { directories: () => [ldapOf(slapd)], tls: true });
  const display = life.use(await Display.open());
  const agent = life.use(
    await AgentProcess.start({ folder: join(folder, 'agent'), display, hub, seat: 's1' }),
  );
  const page = await agent.page();

  const logIn = async (password: string) => {
    await page.getByLabel('User name').fill('fresh');
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
    await page.keyboard.press('Enter');
  };
  const change = async (present: string, wanted: string) => {
    await page.getByLabel('Present password').fill(present);
    await page.getByLabel('New password', { exact: true }).fill(wanted);
    await page.getByLabel('New password, once more').fill(wanted);
    await page.keyboard.press('Enter');
  };
  await logIn('Pw-fresh-1');
  await shows(page, 'Your password must be changed before you can go on.');
  await change('Pw-typo-1', 'Neues-密码-4711');
  await shows(page, 'The user name or the password is not right.');
  await change('Pw-fresh-1', 'kurz');
  await shows(page, 'The new password is too short.');
  await change('Pw-fresh-1', 'Neues-密码-4711');
  await shows(page, 'Your password is changed.');
  await logIn('Neues-密码-4711');
  await waitFor('a session', async () => (await hub.get('sessions')).some(({ user }) => user === 'fresh'));

  const told = [hub.log, agent.log, readFileSync(join(folder, 'agent/agent.log'), 'utf8')].join('\n');
  expect(['Pw-fresh-1', 'Pw-typo-1', 'kurz', '4711'].filter((secret) => told.includes(secret))).toEqual([]);
  const { rows } = await hub.ask<{ rows: { act: string; actor: string; subject: string }[] }>(
    'GET',
    '/audit?limit=200',
  );
  const changes = rows.filter(({ act }) => act === 'person.password-changed');
  expect(changes.map(({ actor, subject }) => [actor.includes('corp:'), subject.startsWith('corp:')])).toEqual(
    [[true, true]],
  );
});

test('somebody disabled at work is told and loses the desktop; somebody in a break is not let in again', async () => {
  await using life = new AsyncDisposableStack();
  let file = '';
  const { hub } = await startHub(life, {
    directories: async (folder) => {
      file = join(folder, 'users.yaml');
      await writeUsers(file, ['u1', 'u2', 'u3']);
      return [{ type: 'file', name: 'local', file }];
    },
    allocator: { revoked: { barred: 'end', afterMinutes: 0 } },
    people: { recheckSeconds: 5 },
  });
  const [working, resting, staying] = [
    await seatAt(life, hub, 's1'),
    await seatAt(life, hub, 's2'),
    await seatAt(life, hub, 's3'),
  ];
  const grants = [];
  for (const [seat, user] of [
    [working, 'u1'],
    [resting, 'u2'],
    [staying, 'u3'],
  ] as const) {
    const grant = await seat.granted(user, PASSWORD);
    await seat.viewer(grant, 'connected');
    grants.push(grant);
  }
  await resting.viewer(grants[1]!, 'ended');
  disable(file, ['u1', 'u2']);
  const { sessionId, resumeSecret, generation } = grants[1]!;
  resting.send({
    type: 'resume',
    requestId: 'back-again-2',
    want: 'display',
    sessionId,
    secret: resumeSecret,
    generation,
    language: 'en',
  });
  expect(await resting.answer('back-again-2')).toMatchObject({ type: 'refused', code: 'session-over' });
  expect(await working.frame('release', () => true, 20_000)).toMatchObject({
    sessionId: grants[0]!.sessionId,
    code: 'access-ended',
  });
  expect(await resting.frame('release')).toMatchObject({ sessionId, code: 'access-ended' });
  const live = (await hub.get('sessions')).filter(({ end }) => end === undefined);
  expect(live.map(({ user }) => user)).toEqual(['u3']);
});

function disable(file: string, users: readonly string[]): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as { users: { user: string; disabled?: boolean }[] };
  for (const one of content.users) if (users.includes(one.user)) one.disabled = true;
  writeFileSync(file, JSON.stringify(content));
}
