import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DesktopId } from '../../hub/src/domain/desktop.ts';
import type { SessionId } from '../../hub/src/domain/session.ts';
import { stageRestore } from '../../hub/src/store/sqlite/stageRestore.ts';
import { PASSWORD, smallSite } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openGround, type Ground } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround('restored-login', ['anna']);
});
afterEach(() => ground.stack.disposeAsync());

const site = (ceiling: number) => smallSite(1, { floor: 1, ceiling, afterUse: 'rebuild' });

const openHub = (): Promise<InsideHub> => {
  const { folder, cloud, directory } = ground;
  return InsideHub.open({ folder, cloud, directories: [directory], resources: site(1) });
};

// She was told that her desktop cannot be reached, for as long as she tried: seed 268.
test('whose desktop was made anew since the backup is given another one', async () => {
  const key = generateKeyPairSync('ed25519');
  const backup = join(ground.folder, 'backup.db');
  let old: DesktopId;
  {
    await using hub = await openHub();
    await hub.ready(1);
    await using seat = await hub.seat('s1', key);
    const grant = await seat.granted('anna', PASSWORD);
    await seat.viewer(grant, 'connected');
    const session = await waitFor('the picture', async () =>
      (await hub.store.sessions({ live: true })).find((s) => s.state === 'connected'),
    );
    old = session.desktop!;
    await hub.store.backup(backup);
    const { sessionId, resumeSecret: secret } = grant;
    seat.send({ type: 'logoff', requestId: 'home-for-today', sessionId, secret });
    await waitFor('the same one, made anew', async () => {
      const desktop = await hub.store.desktop(old);
      return desktop?.state === 'ready' && desktop.attempt > 1 ? desktop : undefined;
    });
  }
  stageRestore(backup, join(ground.folder, 'hub.db'));
  await using hub = await openHub();
  await hub.apply(site(3));
  await using seat = await hub.back(key);
  const grant = await seat.granted('anna', PASSWORD);
  const [before, session] = [
    (await hub.store.desktops()).find(({ id }) => id === old),
    await hub.store.session(grant.sessionId as SessionId),
  ];
  expect({ before, session }).toMatchObject({
    before: { state: 'quarantined', session: undefined, fault: { code: 'restored' } },
    session: { user: 'anna', desktop: expect.not.stringMatching(old) as string },
  });
});
