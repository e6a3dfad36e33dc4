import type { SpiceEndpoint } from './endpoint.ts';
import { LinkEnded, withLink, type LinkFailure, type LinkOptions, type OpenLink } from './openLink.ts';
import {
  CHANNEL_MAIN,
  COMMON_CAP,
  HEADER_BYTES,
  LARGEST_LINK_BYTES,
  LINK_ERROR,
  MAGIC,
  MAIN_CAP,
  VERSION,
  readHeader,
  readLinkReply,
  writeLinkMessage,
  type LinkReply,
} from './wire.ts';

export type BareLink = { outcome: 'answered' } | LinkFailure;

/**
 * Proves that a SPICE server answers there and would take a ticket, and goes away: nobody who is linked is thrown out,
 * because a server only does that when a ticket was good. It does not prove *which* desktop answers (`proveIdentity`
 * does), nor that a guest runs in it. Costs the server one RSA key of 1024 bits, some 10 ms of its main loop.
 */
export function bareLink(endpoint: SpiceEndpoint, options: LinkOptions = {}): Promise<BareLink> {
  return withLink(endpoint, options, async (link): Promise<BareLink> => {
    await exchangeLinkMessages(link);
    return { outcome: 'answered' };
  });
}

/** The first half of a link to the main channel: our link message, and a reply that does not refuse it. */
export async function exchangeLinkMessages(link: OpenLink): Promise<LinkReply> {
  link.waitingFor = 'the link reply';
  link.socket.write(
    writeLinkMessage({
      connectionId: 0,
      channelType: CHANNEL_MAIN,
      channelId: 0,
      commonCaps: new Set([COMMON_CAP.authSelection, COMMON_CAP.authSpice, COMMON_CAP.miniHeader]),
      channelCaps: new Set([MAIN_CAP.nameAndUuid]),
    }),
  );
  // Four bytes first: a stranger's whole answer may be shorter than our header.
  if (!MAGIC.equals(await link.reader.read(MAGIC.length)))
    throw notSpice('its answer does not begin with REDQ');
  const header = readHeader(await link.reader.read(HEADER_BYTES));
  if (header.major !== VERSION.major) throw notSpice(`it speaks version ${header.major} of SPICE`);
  if (header.size > LARGEST_LINK_BYTES) throw notSpice(`its link reply has ${header.size} bytes`);
  const reply = readLinkReply(await link.reader.read(header.size));
  if (!reply) throw notSpice('the lengths in its link reply are wrong');
  if (reply.error !== LINK_ERROR.ok) throw new LinkEnded(refused(reply.error));
  return reply;
}

export function notSpice(why: string): LinkEnded {
  return new LinkEnded({ outcome: 'not-spice', why });
}

const REASONS: Readonly<Record<number, string>> = {
  [LINK_ERROR.error]: 'it gave no reason',
  [LINK_ERROR.invalidMagic]: 'it does not take this for SPICE',
  [LINK_ERROR.invalidData]: 'it does not understand the link message',
  [LINK_ERROR.versionMismatch]: 'it wants another version of SPICE, or SASL',
  [LINK_ERROR.needUnsecured]: 'it will not have TLS on the main channel',
  [LINK_ERROR.permissionDenied]: 'permission denied',
  [LINK_ERROR.badConnectionId]: 'it wants another connection id',
  [LINK_ERROR.channelNotAvailable]: 'it has no main channel',
};

function refused(error: number): LinkFailure {
  if (error === LINK_ERROR.needSecured)
    return { outcome: 'needs-tls', why: 'it wants TLS on the main channel' };
  return { outcome: 'refused', error, why: REASONS[error] ?? `link error ${error}` };
}
