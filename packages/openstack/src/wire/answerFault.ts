import type { Fault, FaultFields } from '@anyseat/base';
import { cloudFault, type CloudFaultCode } from '../faults.ts';
import { redact, wordsOfPage } from './redact.ts';
import type { WireAnswer } from './wire.ts';

/** What was asked, for the words and fields of a fault. */
export interface Asked {
  /** `compute`. */
  readonly service: string;
  /** `create a server`: what was wanted, without ids or secrets. */
  readonly what: string;
  readonly globalRequestId: string;
  readonly secrets: readonly string[];
  /** Epoch ms, for a Retry-After that is a date. */
  readonly now: number;
}

/** What a body says about an error, in whichever of OpenStack's shapes; `own` is false when the shape is none of them. */
export interface Said {
  readonly own: boolean;
  /** Nova's fault name (`itemNotFound`), or Neutron's error type (`OverQuota`). */
  readonly type: string | undefined;
  readonly message: string;
}

/** An answer that is not success, as a fault: by status and code, and by words only where OpenStack has no code. */
export function answerFault(answer: WireAnswer, asked: Asked): Fault {
  const said = whatItSays(answer);
  const code = codeFor(answer, said);
  const words = redact(said.message, asked.secrets) || 'without a word';
  return cloudFault(code, `${asked.service}: could not ${asked.what}: ${answer.status}: ${words}`, {
    fields: { ...fieldsOf(answer, asked), type: said.type, retryAfterMs: retryAfterMs(answer, asked.now) },
  });
}

export function fieldsOf(answer: WireAnswer, asked: Asked): FaultFields {
  return {
    service: asked.service,
    what: asked.what,
    status: answer.status,
    requestId: answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id'],
    globalRequestId: asked.globalRequestId,
    sent: true,
  };
}

function codeFor({ status }: WireAnswer, said: Said): CloudFaultCode {
  if (status === 401) return 'cloud-credentials';
  if (status === 403) return isQuota(said) ? 'cloud-quota' : 'cloud-forbidden';
  // A 404 of a proxy, or of a wrong address, says nothing about the thing.
  if (status === 404) return said.own ? 'cloud-not-found' : 'cloud-unreachable';
  if (status === 409) return isQuota(said) ? 'cloud-quota' : 'cloud-conflict';
  if (status === 429 || status === 503) return 'cloud-busy';
  if (status === 413) return said.type === 'overLimit' ? 'cloud-busy' : 'cloud-refused-order';
  if (status === 405 || status === 406 || status === 501 || status === 505) return 'cloud-settings';
  if (status === 400 || status === 415 || status === 422) return 'cloud-refused-order';
  if (status >= 300 && status < 400) return 'cloud-settings';
  return 'cloud-unreachable';
}

/**
 * Neutron names its errors. Nova answers 403 to quota and to policy alike, and only the words differ: "Quota exceeded
 * for instances", "Maximum number of ports exceeded" (nova/exception.py), "Project X is over a limit for" (oslo.limit).
 */
function isQuota(said: Said): boolean {
  if (said.type === 'OverQuota' || said.type === 'IpAddressGenerationFailure') return true;
  return /quota|over a limit|maximum number of/i.test(said.message);
}

/**
 * Nova `{"itemNotFound":{code,message}}`, Keystone `{"error":{code,message,title}}`, Neutron
 * `{"NeutronError":{type,message}}`, Placement `{"errors":[{detail,code}]}`; else text, or a page of some proxy.
 */
export function whatItSays(answer: WireAnswer): Said {
  const body = jsonOf(answer.text);
  if (body === undefined) return { own: false, type: undefined, message: wordsOfPage(answer.text) };
  if (typeof body !== 'object' || body === null) return { own: false, type: undefined, message: answer.text };
  const errors = (body as { errors?: unknown }).errors;
  if (Array.isArray(errors) && isObject(errors[0]))
    return { own: true, type: text(errors[0]['code']), message: text(errors[0]['detail']) ?? '' };
  const [name, inner] = Object.entries(body)[0] ?? [];
  if (!isObject(inner) || typeof inner['message'] !== 'string')
    return {
      own: false,
      type: undefined,
      message: text((body as { message?: unknown }).message) ?? answer.text,
    };
  return { own: true, type: text(inner['type']) ?? name, message: inner['message'] };
}

/** Seconds, or a date (RFC 9110, 10.2.3). A day at most: more is a proxy's mistake. */
export function retryAfterMs(answer: WireAnswer, now: number): number | undefined {
  const header = answer.headers['retry-after']?.trim();
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 86_400_000);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
