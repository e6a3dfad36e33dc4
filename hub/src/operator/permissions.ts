/** What an operator may do; each role may do what the ones before it may. */
export const roles = ['view', 'help', 'operate', 'administer'] as const;
export type Role = (typeof roles)[number];

/** Who asks, and what they may do. */
export interface Operator {
  name: string;
  role: Role;
}

/**
 * Whoever can open the hub's Unix socket (mode 0600): the socket's owner and root. Node cannot read a socket's peer
 * credentials, so the audit says what is known: somebody local with root's rights.
 */
export const localRoot: Operator = { name: 'local-root', role: 'administer' };

export const may = (operator: Operator, needs: Role): boolean =>
  roles.indexOf(operator.role) >= roles.indexOf(needs);
