import type { ServerRecord } from '@anyseat/openstack';
import type { CloudServer } from '../cloud.ts';

const RUNNING = 1;
const SHUT_DOWN = 4;
const CRASHED = 6;

/** Nova's record in the words of the pools. Pure. */
export function cloudServer(record: ServerRecord): CloudServer {
  return {
    id: record.id,
    name: record.name,
    state: stateOf(record),
    words: record.taskState === undefined ? record.status : `${record.status}/${record.taskState}`,
    metadata: record.metadata,
    tags: record.tags,
    host: record.host,
    hostId: record.hostId,
    hostUp: hostUp(record.hostStatus),
    // "No valid host was found. " ends with a blank.
    fault: record.fault && { code: record.fault.code, message: record.fault.message.trim() },
    addresses: record.addresses,
    createdAt: record.createdAt,
  };
}

/**
 * A server that is being deleted still has the status it had; only its task tells (nova/api/openstack/common.py, the status map
 * has no such state). Where a policy hides the extended states the status alone decides.
 */
function stateOf({ status, vmState, taskState, powerState }: ServerRecord): CloudServer['state'] {
  if (taskState === 'deleting' || taskState === 'soft-deleting') return 'leaving';
  if (status === 'DELETED' || status === 'SOFT_DELETED') return 'leaving';
  switch (status) {
    case 'UNKNOWN':
      return 'unknown';
    case 'ERROR':
      return 'failed';
    case 'BUILD':
      return 'building';
    case 'SHUTOFF':
      return taskState === undefined ? 'stopped' : 'busy';
    case 'ACTIVE':
      if (taskState !== undefined || (vmState !== undefined && vmState !== 'active')) return 'busy';
      if (powerState === SHUT_DOWN || powerState === CRASHED) return 'stopped';
      return powerState === undefined || powerState === RUNNING ? 'running' : 'busy';
    default:
      return 'busy';
  }
}

/** MAINTENANCE is a host that takes no new servers; those on it run. UNKNOWN has missed its heartbeats. */
function hostUp(status: string | undefined): boolean | undefined {
  if (status === 'UP' || status === 'MAINTENANCE') return true;
  if (status === 'DOWN' || status === 'UNKNOWN') return false;
  return undefined;
}
