import { expect, test } from 'vitest';
import type { ServerRecord } from '@anyseat/openstack';
import { cloudServer } from './serverState.ts';

const record: ServerRecord = {
  id: 'a',
  name: 'n',
  status: 'ACTIVE',
  vmState: 'active',
  taskState: undefined,
  powerState: 1,
  metadata: {},
  tags: [],
  projectId: undefined,
  userId: undefined,
  host: undefined,
  hostId: undefined,
  hostStatus: undefined,
  fault: undefined,
  addresses: [],
  locked: false,
  createdAt: 0,
};

test.each<[Partial<ServerRecord>, string, string]>([
  [{}, 'running', 'ACTIVE'],
  [{ vmState: undefined, powerState: undefined }, 'running', 'ACTIVE'],
  [{ taskState: 'deleting' }, 'leaving', 'ACTIVE/deleting'],
  [{ taskState: 'soft-deleting' }, 'leaving', 'ACTIVE/soft-deleting'],
  [{ taskState: 'powering-off' }, 'busy', 'ACTIVE/powering-off'],
  [{ taskState: 'rebooting' }, 'busy', 'ACTIVE/rebooting'],
  [{ powerState: 4 }, 'stopped', 'ACTIVE'],
  [{ powerState: 6 }, 'stopped', 'ACTIVE'],
  [{ powerState: 0 }, 'busy', 'ACTIVE'],
  [{ powerState: 3 }, 'busy', 'ACTIVE'],
  [
    { status: 'BUILD', vmState: 'building', taskState: 'spawning', powerState: 0 },
    'building',
    'BUILD/spawning',
  ],
  [{ status: 'BUILD', vmState: 'building', taskState: 'deleting' }, 'leaving', 'BUILD/deleting'],
  [{ status: 'SHUTOFF', vmState: 'stopped', powerState: 4 }, 'stopped', 'SHUTOFF'],
  [{ status: 'SHUTOFF', taskState: 'powering-on', powerState: 4 }, 'busy', 'SHUTOFF/powering-on'],
  [{ status: 'ERROR', vmState: 'error', powerState: 0 }, 'failed', 'ERROR'],
  [{ status: 'ERROR', vmState: 'error', taskState: 'deleting' }, 'leaving', 'ERROR/deleting'],
  [{ status: 'DELETED', vmState: 'deleted' }, 'leaving', 'DELETED'],
  [{ status: 'SOFT_DELETED', vmState: 'soft-delete' }, 'leaving', 'SOFT_DELETED'],
  [{ status: 'UNKNOWN', vmState: undefined, powerState: 0 }, 'unknown', 'UNKNOWN'],
  [{ status: 'REBUILD' }, 'busy', 'REBUILD'],
  [{ status: 'SHELVED_OFFLOADED', vmState: 'shelved_offloaded' }, 'busy', 'SHELVED_OFFLOADED'],
  [{ status: 'SOMETHING_NEW' }, 'busy', 'SOMETHING_NEW'],
])('%o is %s', (part, state, words) => {
  const server = cloudServer({ ...record, ...part });
  expect([server.state, server.words]).toEqual([state, words]);
});

test.each([
  ['UP', true],
  ['MAINTENANCE', true],
  ['DOWN', false],
  ['UNKNOWN', false],
  [undefined, undefined],
])('a host that is %s is up: %s', (hostStatus, up) => {
  expect(cloudServer({ ...record, hostStatus }).hostUp).toBe(up);
});
