import { operatorRoles as roles, type OperatorRight, type OperatorRole } from '@anyseat/protocol';
import { groupKey, groupKeys } from '../domain/namedGroups.ts';

export type Role = OperatorRole;
export type Right = OperatorRight;

/** Who asks, and what they may do. */
export interface Operator {
  name: string;
  rights: readonly Right[];
  /** When a session of the console ends by itself, epoch ms. */
  endsAt?: number;
}

/** A line of `operator.console.roles`: what the members of a group may do, and where. */
export interface RoleOfGroup extends Right {
  group: string;
}

/**
 * Whoever can open the hub's Unix socket (mode 0600): the socket's owner and root. Node cannot read a socket's peer
 * credentials, so the audit says what is known: somebody local with root's rights.
 */
export const localRoot: Operator = { name: 'local-root', rights: [{ role: 'administer' }] };

const rank = (role: Role): number => roles.indexOf(role);

/** Whether an operator may do what wants this role, at every site. */
export const may = ({ rights }: Operator, needs: Role): boolean =>
  rights.some(({ role, sites }) => sites === undefined && rank(role) >= rank(needs));

/** The same at one site at least. */
export const maySomewhere = ({ rights }: Operator, needs: Role): boolean =>
  rights.some(({ role }) => rank(role) >= rank(needs));

/** The same at this site. Where something is at no site, only who may everywhere may. */
export const mayAt = ({ rights }: Operator, needs: Role, site: string | undefined): boolean =>
  rights.some(
    ({ role, sites }) =>
      rank(role) >= rank(needs) && (sites === undefined || (site !== undefined && sites.includes(site))),
  );

/** The highest role that they have anywhere. */
export const highestOf = ({ rights }: Operator): Role =>
  roles.findLast((role) => rights.some((r) => r.role === role))!;

/** Everything that this operator may do somewhere. */
export const allOf = (operator: Operator): Role[] => roles.filter((role) => maySomewhere(operator, role));

/** What membership in these groups comes to; nothing for who is in none that has a role. */
export function rightsOf(groups: readonly string[], lines: readonly RoleOfGroup[]): Right[] {
  const has = new Set(groups.flatMap(groupKeys));
  return lines
    .filter(({ group }) => has.has(groupKey(group)))
    .map(({ role, sites }) => ({ role, ...(sites ? { sites } : {}) }));
}
