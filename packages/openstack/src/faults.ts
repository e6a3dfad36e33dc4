import { Fault, type FaultFields, type Retry } from '@anyseat/base';

/**
 * What an OpenStack can answer amiss, by code:
 *
 * - `cloud-unreachable` (transient): no answer, an answer that is not OpenStack's, or an error of the cloud's own (5xx).
 * - `cloud-busy` (transient): it says later: 429, 503, 413 with the API's own body.
 * - `cloud-conflict` (transient): the thing is in a state that does not allow this now (409).
 * - `cloud-not-found` (terminal): the service itself says that there is no such thing.
 * - `cloud-quota` (terminal): a quota, or a network without free addresses.
 * - `cloud-refused-order` (terminal): what was asked for makes no sense there (400).
 * - `cloud-credentials` (terminal): Keystone does not take the credentials, or a service not the token.
 * - `cloud-forbidden` (terminal): the policy does not let these credentials do this.
 * - `cloud-settings` (terminal): region, catalog, certificate, microversion: something must be set otherwise.
 *
 * Fields: `service`, `what`, `status`, `requestId` (the cloud's), `globalRequestId` (ours), `retryAfterMs`, `type` (Neutron's),
 * `sent` (false: the request surely never reached the service).
 */
export type CloudFaultCode =
  | 'cloud-unreachable'
  | 'cloud-busy'
  | 'cloud-conflict'
  | 'cloud-not-found'
  | 'cloud-quota'
  | 'cloud-refused-order'
  | 'cloud-credentials'
  | 'cloud-forbidden'
  | 'cloud-settings';

const retryOf: Readonly<Record<CloudFaultCode, Retry>> = {
  'cloud-unreachable': 'transient',
  'cloud-busy': 'transient',
  'cloud-conflict': 'transient',
  'cloud-not-found': 'terminal',
  'cloud-quota': 'terminal',
  'cloud-refused-order': 'terminal',
  'cloud-credentials': 'terminal',
  'cloud-forbidden': 'terminal',
  'cloud-settings': 'terminal',
};

export function cloudFault(
  code: CloudFaultCode,
  message: string,
  options: { fields?: FaultFields; cause?: unknown } = {},
): Fault {
  return new Fault(code, retryOf[code], message, options);
}
