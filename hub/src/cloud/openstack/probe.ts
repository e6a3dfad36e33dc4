import { isFault } from '@anyseat/base';
import {
  compareVersions,
  listComputeServices,
  microversion,
  type Microversion,
  type Session,
} from '@anyseat/openstack';
import type { Abilities, SpiceSettings } from '../cloud.ts';
import type { Cells } from './cells.ts';
import type { Consoles } from './consoleEndpoint.ts';
import { isDenied } from './portFault.ts';

/**
 * What the credentials may do, found out by doing it: roles and policies differ from cloud to cloud. Nothing is changed.
 *
 * @throws Fault when the cloud does not answer, or does not take the member's credentials
 */
export async function probeAbilities(
  parts: {
    member: Session;
    admin: Session | undefined;
    consoles: Consoles;
    cells: Cells;
    spice: SpiceSettings;
  },
  signal: AbortSignal | undefined,
): Promise<Abilities> {
  const { member, admin, consoles, cells, spice } = parts;
  await member.compute.whoami(signal);
  const refused = admin && (await refusalOf(admin, signal));
  const elsewhere = admin && refused === undefined && (await otherAddress(member, admin, signal));
  const seesHosts = await maySeeHosts(admin && refused === undefined ? admin : member, signal);
  const resolvesConsoles = await consoles.mayLookUp(signal);
  const tlsConsoles = await consoles.tellsTls(signal);
  const soundAndUsb = givesDevices(await member.compute.offered(signal));
  const cellsLook = await cells.look(signal);
  const lost = [
    refused === undefined ? '' : `the admin credentials are not taken (${refused}); it goes on without them`,
    elsewhere
      ? `the admin credentials speak to another address (${elsewhere}); if that is another cloud, hosts and consoles are wrong`
      : '',
    seesHosts
      ? ''
      : 'hosts are not seen: no limit on boots per host, and no notice of hosts that are down. It takes admin credentials of the project',
    resolvesConsoles
      ? ''
      : 'consoles cannot be looked up, so no desktop can be shown. It takes admin credentials, or a policy that opens os_compute_api:os-console-auth-tokens to the hub',
    tlsConsoles || spice.tls === 'never'
      ? ''
      : `this cloud does not tell TLS ports (Nova 2.99 of 2025.1 does), so screens travel in the clear${spice.tls === 'require' ? ', and spice.tls is require: no desktop can be shown' : ''}`,
    cellsLook === 'unknowable'
      ? 'the project has more servers than one page holds, and the compute services may not be listed: whether a cell is down cannot be known, so no listing counts as complete, and strays are not removed'
      : '',
  ].filter((text) => text !== '');
  return { seesHosts, resolvesConsoles, tlsConsoles, soundAndUsb, lost };
}

/**
 * `hw_sound_model` and `hw_redirected_usb_ports` came with Nova 32 (2025.2), without a microversion: 2.100 is that of 2025.1 and of
 * 2025.2 (rest_api_version_history), so from that one alone nobody can tell.
 */
function givesDevices(offered: { max: Microversion } | undefined): boolean | undefined {
  const order = offered === undefined ? -1 : compareVersions(offered.max, microversion('2.100'));
  return order === 0 ? undefined : order > 0;
}

async function refusalOf(admin: Session, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    await admin.compute.whoami(signal);
    return undefined;
  } catch (error) {
    if (isFault(error, 'cloud-credentials')) return error.message;
    throw error;
  }
}

/** The admin's address of Nova, where it is not the member's. */
async function otherAddress(
  member: Session,
  admin: Session,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const ours = await member.compute.address(signal);
  const theirs = await admin.compute.address(signal);
  return ours.origin === theirs.origin ? undefined : theirs.origin;
}

async function maySeeHosts(session: Session, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await listComputeServices(session.compute, signal);
    return true;
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
}
