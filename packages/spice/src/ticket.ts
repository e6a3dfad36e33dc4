import { newSecret } from '@anyseat/base';

/** SPICE_MAX_PASSWORD_LENGTH: QEMU refuses to set a longer one (`set_password`: "Could not set password"). */
export const LONGEST_TICKET = 60;

/** A one-time password for a SPICE server: 43 characters of URL-safe text, 256 bits of chance. */
export function newTicket(): string {
  return newSecret();
}
