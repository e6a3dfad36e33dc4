import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMinicloud } from '@anyseat/minicloud';
import { FleetProcess } from '../bench/parts/fleetProcess.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

const SEATS = 6;

test('a fleet enrols, works, reports, and picks its sessions up when the hub was killed', async () => {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder('fleet')).path;
  const cloud = opened.use(await startMinicloud({ speed: 10 }));
  const file = join(folder, 'users.json');
  await writeUsers(
    file,
    Array.from({ length: SEATS }, (_, i) => `agent${i + 1}`),
  );
  const hub = opened.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file }],
      tls: true,
    }),
  );
  await hub.apply(smallSite(SEATS, { floor: SEATS, ceiling: SEATS }));
  await waitFor('ready desktops', async () => (await hub.get('pools'))[0]?.ready === SEATS, 120_000);

  const at = join(folder, 'fleet');
  mkdirSync(at);
  const tokens = [];
  for (let i = 1; i <= SEATS; i++)
    tokens.push((await hub.ask<{ token: string }>('POST', '/tokens', { seat: `s${i}` })).token);
  writeFileSync(join(at, 'tokens'), tokens.join('\n'), { mode: 0o600 });
  writeFileSync(join(at, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
  const fleet = opened.use(
    new FleetProcess(at, SEATS, {
      hub: { url: hub.url, pins: [hub.pin] },
      folder: join(at, 'state'),
      tokensFile: join(at, 'tokens'),
      people: {
        share: 1,
        user: 'agent{n}',
        passwordFile: join(at, 'password'),
        arriveSeconds: 1,
        workSeconds: 3600,
        viewerMs: 20,
      },
    }),
  );
  await fleet.until('everybody at work', ({ working }) => working === SEATS);
  const connected = async () =>
    (await hub.get('sessions')).filter(({ state, online }) => state === 'connected' && online).length;
  await waitFor('the hub to know', async () => (await connected()) === SEATS);

  await hub.killAndRestart();
  await fleet.until('all sessions picked up', ({ totals }) => totals.attached === SEATS);
  await waitFor('the same sessions at the hub', async () => (await connected()) === SEATS);

  const { totals, login, online } = await fleet.stop();
  const { logins, grants, refused, logoffs, released, welcomed, lost } = totals;
  expect({ logins, grants, refused, logoffs, released }).toEqual({
    logins: SEATS,
    grants: SEATS,
    refused: {},
    logoffs: 0,
    released: 0,
  });
  expect(Math.min(welcomed - SEATS, lost)).toBeGreaterThanOrEqual(SEATS);
  expect({ logins: login?.count, online, viewer: totals.said['viewer']! >= 3 * SEATS }).toEqual({
    logins: SEATS,
    online: SEATS,
    viewer: true,
  });
});
