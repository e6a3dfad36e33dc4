import { expect, test } from 'vitest';
import { Fault, MINUTE, silentLog, systemClock } from '@anyseat/base';
import { CloudRooms } from './cloudRooms.ts';

const room = { has: 10, promised: 12, ratio: 2 };

function world() {
  const time = { ms: 0 };
  const asked: string[] = [];
  const state = { away: false };
  const say = <T>(what: string, answer: T) => {
    asked.push(what);
    if (state.away) return Promise.reject(new Fault('cloud-unreachable', 'transient', 'no answer'));
    return Promise.resolve(answer);
  };
  const cloud = {
    name: 'c',
    quotas: () => say('quotas', [{ name: 'cores' as const, used: 9, most: 10 }]),
    services: () => say('services', [{ name: 'nova-scheduler on a', up: true }]),
    rooms: () => say('rooms', [{ host: 'h', memoryMb: room, cpus: undefined }]),
  };
  const clock = { ...systemClock, monotonic: () => time.ms };
  const rooms = new CloudRooms({ clouds: new Map([['c', cloud]]), clock, log: silentLog });
  return { time, asked, state, rooms };
}

test('hosts are looked at every fifth time, the rest at each', async () => {
  const { time, asked, rooms } = world();
  expect(rooms.of('c')).toEqual({ quotas: undefined, services: undefined, hosts: undefined });
  for (let i = 0; i < 6; i++) {
    await rooms.look();
    time.ms += MINUTE;
  }
  expect(asked.filter((one) => one === 'rooms')).toHaveLength(2);
  expect([asked.length, rooms.of('c')]).toEqual([
    14,
    {
      quotas: [{ name: 'cores', used: 9, most: 10 }],
      services: [{ name: 'nova-scheduler on a', up: true }],
      hosts: [{ host: 'h', memoryMb: room, cpus: undefined }],
    },
  ]);
});

test('what was seen is believed for a quarter of an hour', async () => {
  const { time, state, rooms } = world();
  await rooms.look();
  state.away = true;
  time.ms += 15 * MINUTE - 1;
  await rooms.look();
  expect(rooms.of('c').quotas).toHaveLength(1);
  time.ms += 1;
  expect(rooms.of('c').quotas).toBeUndefined();
});
