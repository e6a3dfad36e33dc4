import { expect, test } from 'vitest';
import { Fault, type FaultFields, type Retry } from '@anyseat/base';
import { orderFault, portFault } from './portFault.ts';

const fault = (code: string, retry: Retry, fields: FaultFields) =>
  new Fault(code, retry, 'words', { fields });
const brief = (error: unknown) => (error instanceof Fault ? `${error.code} ${error.retry}` : error);

test.each<[string, Fault, string]>([
  [
    'no answer in time',
    fault('cloud-unreachable', 'transient', { sent: true, late: true }),
    'cloud-unsure transient',
  ],
  ['a broken connection', fault('cloud-unreachable', 'transient', { sent: true }), 'cloud-unsure transient'],
  ['500', fault('cloud-unreachable', 'transient', { sent: true, status: 500 }), 'cloud-unsure transient'],
  ['503 of a proxy', fault('cloud-busy', 'transient', { sent: true, status: 503 }), 'cloud-unsure transient'],
  ['408', fault('cloud-unreachable', 'transient', { sent: true, status: 408 }), 'cloud-unsure transient'],
  [
    'an answer nobody understands',
    fault('cloud-unreachable', 'transient', { sent: true, garbled: true }),
    'cloud-unsure transient',
  ],
  [
    'nobody listening',
    fault('cloud-unreachable', 'transient', { sent: false }),
    'cloud-unreachable transient',
  ],
  [
    'a Keystone that is away',
    fault('cloud-busy', 'transient', { sent: false, status: 503 }),
    'cloud-busy transient',
  ],
  [
    'a wrong address',
    fault('cloud-unreachable', 'transient', { sent: true, status: 404 }),
    'cloud-unreachable transient',
  ],
  ['429', fault('cloud-busy', 'transient', { sent: true, status: 429 }), 'cloud-busy transient'],
  ['quota', fault('cloud-quota', 'terminal', { sent: true, status: 403 }), 'cloud-quota terminal'],
  [
    '400',
    fault('cloud-refused-order', 'terminal', { sent: true, status: 400 }),
    'cloud-refused-order terminal',
  ],
  ['409', fault('cloud-conflict', 'transient', { sent: true, status: 409 }), 'cloud-refused-order terminal'],
  ['404', fault('cloud-not-found', 'terminal', { sent: true, status: 404 }), 'cloud-refused-order terminal'],
])('an order that ended with %s', (_, error, expected) => {
  expect(brief(orderFault(error))).toBe(expected);
});

test('elsewhere a conflict passes, and the fields are kept', () => {
  expect(portFault(fault('cloud-conflict', 'transient', { status: 409, requestId: 'r' }))).toMatchObject({
    code: 'cloud-busy',
    retry: 'transient',
    message: 'words',
    fields: { status: 409, requestId: 'r' },
  });
});

test('what is no fault is left alone', () => {
  const reason = new Error('shutting down');
  expect([portFault(reason), orderFault(reason)]).toEqual([reason, reason]);
});
