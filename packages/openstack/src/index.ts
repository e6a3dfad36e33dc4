export * from './credentials/credentials.ts';
export type { Surroundings } from './credentials/cloudsFile.ts';
export { readCredentials } from './credentials/readCredentials.ts';
export * from './faults.ts';
export {
  microversion,
  compareVersions,
  versionText,
  type Microversion,
  type Offered,
} from './microversion.ts';
export type { Call, Service, ServiceAnswer } from './service.ts';
export { openSession, type Session, type SessionOptions } from './session.ts';
export * from './nova/actions.ts';
export * from './nova/consoles.ts';
export * from './nova/downCells.ts';
export * from './nova/flavors.ts';
export * from './nova/hosts.ts';
export * from './nova/instanceActions.ts';
export * from './nova/limits.ts';
export { listServers, type ServerList, type ServerQuery } from './nova/listServers.ts';
export type { ServerRecord } from './nova/serverRecord.ts';
export {
  createServer,
  deleteServer,
  showServer,
  isNoSuchServer,
  type ServerRequest,
} from './nova/servers.ts';
export * from './nova/tags.ts';
export * from './glance/images.ts';
export * from './neutron/networks.ts';
export * from './placement/rooms.ts';
export * from './neutron/ports.ts';
export { deadlineIn, unlessAborted, type Deadline } from './wire/deadline.ts';
