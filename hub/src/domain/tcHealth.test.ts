import { HOUR } from '@anyseat/base';
import { expect, test } from 'vitest';
import { tcTroubles, type TcHealth } from './tcHealth.ts';

const fine: TcHealth = {
  overMs: 30_000,
  upMs: HOUR,
  load: 0.4,
  cores: 4,
  memory: { totalMb: 4000, availableMb: 2000 },
  disk: { totalMb: 16_000, freeMb: 9000 },
  hottestC: 51,
  network: { name: 'eth0', up: true, mbps: 1000, errors: 0, dropped: 0 },
  resent: 0.001,
  hub: { rttMs: 4, lost: 0 },
  viewerMb: 90,
  clockOffsetMs: -300,
};

test.each<[Partial<TcHealth>, string[]]>([
  [{}, []],
  [{ disk: { totalMb: 16_000, freeMb: 300 } }, ['disk nearly full, 300 MB left']],
  [{ memory: { totalMb: 4000, availableMb: 100 } }, ['memory nearly used up, 100 MB left']],
  [{ hottestC: 96.4 }, ['hot, 96 °C']],
  [{ load: 17, cores: 4 }, ['busy, load 17.0 on 4 cores']],
  [
    { network: { name: 'eth0', up: true, mbps: 10, errors: 8, dropped: 5 } },
    ['eth0 at 10 Mb/s only', 'eth0: 8 errors, 5 dropped'],
  ],
  [{ network: { name: 'eth0', up: false, errors: 0, dropped: 0 } }, ['no carrier on eth0']],
  [{ hub: { rttMs: 480, lost: 1 } }, ['slow line, 480 ms to the hub', 'pings to the hub lost: 1']],
  [{ resent: 0.08 }, ['lossy line, 8 % sent again']],
  [{ clockOffsetMs: 3 * HOUR }, ['clock 3 h slow']],
  [{ clockOffsetMs: -150_000 }, ['clock 2 min fast']],
])('a box with %j is told of as %j', (more, words) => {
  expect(tcTroubles({ ...fine, ...more }, [], 0)).toEqual(words);
});

test('what is missing is told first, and of a box that says nothing too', () => {
  const missing = [{ name: 'Jabra Evolve', since: 0 }];
  expect(tcTroubles(undefined, missing, 3 * HOUR)).toEqual(['Jabra Evolve missing for 3 h']);
});
