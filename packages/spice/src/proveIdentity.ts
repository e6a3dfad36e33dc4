import { exchangeLinkMessages, notSpice } from './bareLink.ts';
import { PeerGone } from './byteReader.ts';
import type { SpiceEndpoint } from './endpoint.ts';
import { withLink, type LinkFailure, type LinkOptions, type OpenLink } from './openLink.ts';
import { presentTicket, type TicketRefused } from './presentTicket.ts';
import { COMMON_CAP, MESSAGE, messageHeaderBytes, readMessageHeader, uuidText } from './wire.ts';

export type Proof =
  /** The VM's name (empty when it has none) and its UUID, lower-case: Nova's server id. */
  | { outcome: 'proved'; name: string; uuid: string }
  /** Linked, but it does not say who it is: a VM without a UUID, or a server older than the capability. */
  | { outcome: 'no-identity'; why: string }
  | TicketRefused
  | LinkFailure;

/** What a QEMU without `-uuid` says. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** All that is read before NAME and UUID have come; the 250 kB with which a server measures the line come after them. */
const MOST_MESSAGE_BYTES = 64 * 1024;

/**
 * Asks the VM behind a SPICE server who it is: a full link to the main channel, announcing that we know what a name and
 * UUID are; the server tells them right after INIT.
 *
 * **Throws out whoever is linked** (a SPICE server has one client): only for desktops that nobody holds. The server
 * does so in the moment in which the ticket is found good. When this resolves we are gone again.
 */
export function proveIdentity(endpoint: SpiceEndpoint, options: LinkOptions = {}): Promise<Proof> {
  return withLink(endpoint, options, async (link): Promise<Proof> => {
    const reply = await exchangeLinkMessages(link);
    const denied = await presentTicket(link, reply, endpoint.password ?? '');
    if (denied) return denied;
    const identified = await readIdentity(link, reply.commonCaps.has(COMMON_CAP.miniHeader));
    if (identified.outcome === 'no-identity') return identified;
    return { outcome: 'proved', name: identified.name, uuid: identified.uuid };
  });
}

/** Who answers there, and the header of a message whose body is still to be read. */
export interface Identified {
  outcome: 'proved';
  name: string;
  uuid: string;
  begun?: Buffer;
}

interface Told {
  name?: string;
  uuid?: string;
  begun?: Buffer;
}

/** Reads on until both are told, or until it is plain that they will not be. */
export async function readIdentity(
  link: OpenLink,
  miniHeader: boolean,
): Promise<Identified | { outcome: 'no-identity'; why: string }> {
  link.waitingFor = 'its name and UUID';
  const told: Told = {};
  try {
    await readUntilTold(link, miniHeader, told);
  } catch (error) {
    // It may go away, or somebody else may take the link: what was told by then stands.
    if (!(error instanceof PeerGone) || told.uuid === undefined) throw error;
  }
  const { name = '', uuid, begun } = told;
  if (uuid === undefined || uuid === NOBODY)
    return { outcome: 'no-identity', why: 'it linked us and did not say who it is' };
  return { outcome: 'proved', name, uuid, ...(begun === undefined ? {} : { begun }) };
}

async function readUntilTold({ reader }: OpenLink, miniHeader: boolean, told: Told): Promise<void> {
  const enough = reader.total + MOST_MESSAGE_BYTES;
  while (told.name === undefined || told.uuid === undefined) {
    const header = await reader.read(messageHeaderBytes(miniHeader));
    const { type, size } = readMessageHeader(header, miniHeader);
    // It measures the line when it has said all that it has to say.
    if (type === MESSAGE.ping) {
      told.begun = header;
      return;
    }
    if (reader.total + size > enough) throw notSpice(`it sends a message ${type} of ${size} bytes`);
    if (type === MESSAGE.name) told.name = readName(await reader.read(size));
    else if (type === MESSAGE.uuid) told.uuid = readUuid(await reader.read(size));
    else await reader.skip(size);
  }
}

/** A length, and the name with a NUL at its end. */
function readName(body: Buffer): string {
  const text = body.subarray(4);
  if (body.length < 4 || body.readUInt32LE(0) > text.length)
    throw notSpice('the length in its name is wrong');
  const name = text.toString('utf8', 0, body.readUInt32LE(0));
  const end = name.indexOf('\0');
  return end === -1 ? name : name.slice(0, end);
}

function readUuid(body: Buffer): string {
  if (body.length !== 16) throw notSpice(`its UUID has ${body.length} bytes`);
  return uuidText(body);
}
