export { bareLink, type BareLink } from './bareLink.ts';
export type { SpiceEndpoint } from './endpoint.ts';
export { DEFAULT_LINK_TIMEOUT_MS, type LinkFailure, type LinkOptions } from './openLink.ts';
export { proveIdentity, type Proof } from './proveIdentity.ts';
export {
  SpiceServer,
  type SpiceDesktop,
  type SpiceListener,
  type SpiceServerOptions,
} from './spiceServer.ts';
export { standingLink, type StandingLink, type Stood } from './standingLink.ts';
export { LONGEST_TICKET, newTicket } from './ticket.ts';
export { vvFile, type VvOptions } from './vvFile.ts';
