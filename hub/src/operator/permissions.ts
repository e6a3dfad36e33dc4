import { operatorRoles as roles, type OperatorRole } from '@anyseat/protocol';

export type Role = OperatorRole;

/** Who asks, and what they may do. */
export interface Operator {
  name: string;
  role: Role;
  /** When a session of the console ends by itself, epoch ms. */
  endsAt?: number;
}

/**
 * Whoever can open the hub's Unix socket (mode 0600): the socket's owner and root. Node cannot read a socket's peer
 * credentials, so the audit says what is known: somebody local with root's rights.
 */
export const localRoot: Operator = { name: 'local-root', role: 'administer' };

export const may = (operator: Operator, needs: Role): boolean =>
  roles.indexOf(operator.role) >= roles.indexOf(needs);

/** Everything that this operator may do. */
export const allOf = (operator: Operator): Role[] => roles.filter((role) => may(operator, role));
