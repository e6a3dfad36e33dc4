import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answerFault, retryAfterMs } from './answerFault.ts';
import type { WireAnswer } from './wire.ts';

/** What a real OpenStack (Zed) answered. */
function recorded(name: string): WireAnswer {
  const file = new URL(`../../../../test/contracts/transcripts/${name}.json`, import.meta.url);
  const { response } = JSON.parse(readFileSync(file, 'utf8')) as {
    response: { status: number; headers: Record<string, string>; body: unknown };
  };
  const headers = Object.fromEntries(Object.entries(response.headers).map(([k, v]) => [k.toLowerCase(), v]));
  return answer(response.status, JSON.stringify(response.body), headers);
}

const answer = (status: number, text: string, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  text,
  headers,
  url: new URL('http://nova/'),
});

const asked = { service: 'compute', what: 'do it', globalRequestId: 'req-1', secrets: [], now: 0 };

test.each([
  ['08-auth-wrong-password', 'cloud-credentials', 'terminal'],
  ['09-auth-appcred-wrong-secret', 'cloud-credentials', 'terminal'],
  ['10-auth-appcred-unknown-id', 'cloud-not-found', 'terminal'],
  ['17-nova-no-token', 'cloud-credentials', 'terminal'],
  ['35-servers-list-bad-marker', 'cloud-refused-order', 'terminal'],
  ['36-servers-list-all-tenants-denied', 'cloud-forbidden', 'terminal'],
  ['46-console-auth-token-unknown', 'cloud-not-found', 'terminal'],
  ['47-console-auth-token-member-denied', 'cloud-forbidden', 'terminal'],
  ['52-remote-console-bad-type', 'cloud-refused-order', 'terminal'],
  ['60-action-start-again-409', 'cloud-conflict', 'transient'],
  ['68-delete-locked-409', 'cloud-conflict', 'transient'],
  ['77-remote-console-of-error-server', 'cloud-conflict', 'transient'],
  ['81-create-quota-instances-403', 'cloud-quota', 'terminal'],
  ['83-create-quota-cores-403', 'cloud-quota', 'terminal'],
  ['85-create-bad-flavor-400', 'cloud-refused-order', 'terminal'],
  ['92-create-too-many-tags', 'cloud-refused-order', 'terminal'],
  ['93-microversion-too-high-406', 'cloud-settings', 'terminal'],
  ['95-server-404', 'cloud-not-found', 'terminal'],
  ['98-url-404', 'cloud-unreachable', 'transient'],
  ['100-admin-only-403', 'cloud-forbidden', 'terminal'],
  ['neutron-down/02-servers-detail', 'cloud-unreachable', 'transient'],
])('the recorded answer %s is %s, %s', (name, code, retry) => {
  expect(answerFault(recorded(name), asked)).toMatchObject({ code, retry });
});

test.each([
  [
    'unified limits',
    403,
    '{"forbidden":{"code":403,"message":"Project p is over a limit for [Resource servers is over limit of 10]"}}',
    'cloud-quota',
  ],
  [
    'ports, by way of Nova',
    403,
    '{"forbidden":{"code":403,"message":"Maximum number of ports exceeded"}}',
    'cloud-quota',
  ],
  [
    'Neutron’s quota',
    409,
    '{"NeutronError":{"type":"OverQuota","message":"for resources: [\'port\'].","detail":""}}',
    'cloud-quota',
  ],
  [
    'a network without addresses',
    409,
    '{"NeutronError":{"type":"IpAddressGenerationFailure","message":"No more IP addresses available on network n.","detail":""}}',
    'cloud-quota',
  ],
  ['a limiter', 429, '{"overLimit":{"code":429,"message":"slow down"}}', 'cloud-busy'],
  ['an old limiter', 413, '{"overLimit":{"code":413,"message":"slow down","retryAfter":"5"}}', 'cloud-busy'],
  [
    'a body too large for a proxy',
    413,
    '<html><title>413 Request Entity Too Large</title></html>',
    'cloud-refused-order',
  ],
  [
    'a proxy without a backend',
    503,
    '<html><body><h1>503 Service Unavailable</h1></body></html>',
    'cloud-busy',
  ],
  ['a proxy that waited', 504, '', 'cloud-unreachable'],
  ['a proxy’s own 404', 404, '<html><title>404 Not Found</title></html>', 'cloud-unreachable'],
  ['an empty 404', 404, '', 'cloud-unreachable'],
  [
    'Placement',
    409,
    '{"errors":[{"status":409,"title":"Conflict","detail":"try again","code":"placement.concurrent_update"}]}',
    'cloud-conflict',
  ],
  ['null', 500, 'null', 'cloud-unreachable'],
  ['a list', 500, '[1]', 'cloud-unreachable'],
])('%s: %i is told apart', (_, status, text, code) => {
  expect(answerFault(answer(status, text), asked)).toMatchObject({ code });
});

test('a fault has the words of the cloud, whatever they come in, and both request ids', () => {
  const html = '<html><head><title>502 Bad\n Gateway</title></head><body><h1>nginx</h1></body></html>';
  const headers = { 'x-openstack-request-id': 'req-2', 'retry-after': '3' };
  expect(answerFault(answer(502, html, headers), asked)).toMatchObject({
    code: 'cloud-unreachable',
    fields: {
      service: 'compute',
      what: 'do it',
      status: 502,
      requestId: 'req-2',
      globalRequestId: 'req-1',
      sent: true,
      type: undefined,
      retryAfterMs: 3000,
    },
  });
  expect(answerFault(answer(502, html), asked).message).toBe(
    'compute: could not do it: 502: 502 Bad Gateway',
  );
  expect(answerFault(recorded('81-create-quota-instances-403'), asked).message).toBe(
    'compute: could not do it: 403: Quota exceeded for instances: Requested 1, but already used 1 of 1 instances',
  );
});

test.each([
  ['120', 120_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['99999999999', 86_400_000],
  ['', undefined],
])('Retry-After %j is %s ms', (header, ms) => {
  expect(retryAfterMs(answer(429, '', { 'retry-after': header }), 0)).toBe(ms);
});
