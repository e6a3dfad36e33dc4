import { constants, publicEncrypt } from 'node:crypto';
import { notSpice } from './bareLink.ts';
import type { LinkFailure, OpenLink } from './openLink.ts';
import { LONGEST_TICKET } from './ticket.ts';
import { COMMON_CAP, LINK_ERROR, TICKET_BYTES, word, type LinkReply } from './wire.ts';

/** The ticket was wrong, missing or over. Nobody was thrown out. */
export interface TicketRefused {
  outcome: 'refused-ticket';
  why: string;
}

/**
 * The second half of a link: the ticket, encrypted with the key of the link reply. `undefined`: it was good, and we are
 * the desktop's client from now on.
 */
export async function presentTicket(
  link: OpenLink,
  reply: LinkReply,
  password: string,
): Promise<TicketRefused | LinkFailure | undefined> {
  const text = Buffer.from(`${password}\0`, 'utf8');
  if (text.length > LONGEST_TICKET + 1) {
    return { outcome: 'refused-ticket', why: `a ticket has ${LONGEST_TICKET} bytes at most` };
  }
  const ticket = encrypt(reply.publicKey, text);
  link.waitingFor = 'the answer to the ticket';
  const selects = reply.commonCaps.has(COMMON_CAP.authSelection);
  if (selects && !reply.commonCaps.has(COMMON_CAP.authSpice)) {
    return { outcome: 'refused', error: LINK_ERROR.error, why: 'it takes no tickets, only SASL' };
  }
  link.socket.write(selects ? Buffer.concat([word(COMMON_CAP.authSpice), ticket]) : ticket);
  const result = (await link.reader.read(4)).readUInt32LE(0);
  if (result === LINK_ERROR.ok) return undefined;
  if (result === LINK_ERROR.permissionDenied) {
    return { outcome: 'refused-ticket', why: 'the ticket is wrong or over' };
  }
  return { outcome: 'refused', error: result, why: `link error ${result} after the ticket` };
}

/** RSA-OAEP with SHA-1, as spice-server decrypts it; a NUL ends the text, as spice-gtk sends it. */
function encrypt(publicKey: Buffer, text: Buffer): Buffer {
  try {
    const key = { key: publicKey, format: 'der', type: 'spki' } as const;
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const ticket = publicEncrypt({ ...key, padding, oaepHash: 'sha1' }, text);
    if (ticket.length === TICKET_BYTES) return ticket;
  } catch {
    // Only the key is a stranger's: it is none, of another kind, or its numbers make no sense.
  }
  throw notSpice('the key in its link reply is no RSA key of 1024 bits');
}
