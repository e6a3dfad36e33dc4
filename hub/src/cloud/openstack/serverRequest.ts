import { Fault } from '@anyseat/base';
import { TAG_LIMITS, type ServerRequest } from '@anyseat/openstack';
import type { ServerOrder } from '../cloud.ts';
import type { Resolved } from './resolveNames.ts';

/** Characters of base 64 (nova/api/openstack/compute/schemas/servers.py). */
const USER_DATA_MOST = 65_535;
const METADATA_MOST = 255;

/** The body of the order. @throws Fault `cloud-refused-order` with everything that no OpenStack would take */
export function serverRequest(order: ServerOrder, resolved: Resolved): ServerRequest {
  const { spec } = order;
  const problems = orderProblems(order);
  if (problems.length > 0)
    throw new Fault('cloud-refused-order', 'terminal', problems.join('; '), {
      fields: { what: 'create a server' },
    });
  return {
    name: order.name,
    hostname: order.hostName,
    ...resolved,
    metadata: order.metadata,
    tags: order.tags,
    config_drive: spec.configDrive,
    user_data: userData(order),
    availability_zone: spec.availabilityZone,
    // Nova takes them only for ports it makes itself.
    security_groups:
      spec.securityGroups.length > 0 && spec.networks !== 'none'
        ? spec.securityGroups.map((name) => ({ name }))
        : undefined,
  };
}

/** Nova's limits, told here in words instead of by a schema error that repeats half the order. */
export function orderProblems(order: ServerOrder): string[] {
  const problems: string[] = [];
  if (order.name === '' || order.name.length > 255) problems.push('the name must have 1 to 255 characters');
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(order.hostName))
    problems.push(`${order.hostName} is not a host name of 63 letters, digits and dashes at most`);
  if (order.tags.length > TAG_LIMITS.count)
    problems.push(`${order.tags.length} tags are too many; ${TAG_LIMITS.count} are allowed`);
  for (const tag of order.tags) {
    if (tag === '' || tag.length > TAG_LIMITS.length || TAG_LIMITS.forbidden.test(tag))
      problems.push(`the tag ${tag} must have 1 to ${TAG_LIMITS.length} characters, and no comma or slash`);
  }
  for (const [key, value] of Object.entries(order.metadata)) {
    if (!/^[a-zA-Z0-9-_:. ]{1,255}$/.test(key)) problems.push(`${key} cannot be a key of metadata`);
    if (value.length > METADATA_MOST)
      problems.push(`the metadata ${key} is longer than ${METADATA_MOST} characters`);
  }
  const data = userData(order);
  if (data !== undefined && data.length > USER_DATA_MOST)
    problems.push(`the user data is longer than ${USER_DATA_MOST} characters in base 64`);
  return problems;
}

const userData = ({ userData }: ServerOrder): string | undefined =>
  userData === undefined ? undefined : Buffer.from(userData, 'utf8').toString('base64');
