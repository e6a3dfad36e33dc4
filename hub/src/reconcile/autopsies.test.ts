import { expect, test } from 'vitest';
import { Fault, silentLog, systemClock } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import { SWAPPED } from '../domain/swap.ts';
import { Autopsies } from './autopsies.ts';

const one = (id: string, more: Partial<Desktop> = {}) =>
  ({
    id,
    cloud: 'c',
    serverId: `server of ${id}`,
    state: 'quarantined',
    fault: { code: SWAPPED, text: 'it froze' },
    ...more,
  }) as unknown as Desktop;

/** The logs that are kept, and what the cloud was asked. */
function opened(desktops: Desktop[], logOf: (serverId: string) => Promise<string | undefined>) {
  const kept = new Map<DesktopId, string>();
  const asked: string[] = [];
  const consoleLog = (serverId: string) => {
    asked.push(serverId);
    return logOf(serverId);
  };
  const autopsies = new Autopsies({
    store: {
      desktops: (filter) =>
        Promise.resolve(desktops.filter((d) => filter && 'state' in filter && d.state === filter.state)),
      consoleLogs: () => Promise.resolve(new Set(kept.keys())),
      keepConsoleLog: (id, text) => Promise.resolve(!!kept.set(id, text)),
    },
    clouds: new Map([['c', { consoleLog } as unknown as Cloud]]),
    clock: systemClock,
    log: silentLog,
  });
  const looks = async (times: number) => {
    for (let i = 0; i < times; i++) await autopsies.look();
  };
  return { autopsies, kept, asked, looks };
}

test('what a swapped desktop said last is kept, once, and of no other one', async () => {
  const desktops = [
    one('swapped'),
    one('worked on', { state: 'leased', fault: undefined }),
    one('never ready', { fault: { code: 'unreachable', text: 'it did not answer' } as Desktop['fault'] }),
    one('without a server', { serverId: undefined }),
  ];
  const { kept, asked, looks } = opened(desktops, () => Promise.resolve('Kernel panic'));
  await looks(3);
  expect([kept, asked]).toEqual([new Map([['swapped', 'Kernel panic']]), ['server of swapped']]);
});

test('a server without a log is asked once; of a long one the end is kept', async () => {
  const log = `${'x'.repeat(300_000)}the end`;
  const { kept, looks } = opened([one('silent'), one('talkative')], (id) =>
    Promise.resolve(id === 'server of silent' ? undefined : log),
  );
  await looks(2);
  expect(kept).toEqual(
    new Map([
      ['silent', ''],
      ['talkative', log.slice(-256 * 1024)],
    ]),
  );
});

test('a cloud that is away is asked again, for one as for the next, and not for ever', async () => {
  let away = true;
  const { kept, asked, looks } = opened([one('a'), one('b')], () =>
    away ? Promise.reject(new Fault('cloud-unreachable', 'transient', 'away')) : Promise.resolve('log'),
  );
  await looks(2);
  expect([asked.length, kept.size]).toEqual([4, 0]);
  away = false;
  await looks(1);
  expect(kept.size).toBe(2);

  const lasting = opened([one('a')], () => Promise.reject(new Error('500')));
  await lasting.looks(30);
  expect(lasting.asked.length).toBe(20);
});
