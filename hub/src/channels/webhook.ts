import { createHmac } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Fault, messageOf } from '@anyseat/base';
import type { Channel, Letter } from '../alerts/channel.ts';
import type { SettingsOf } from './settings.ts';

/**
 * Each letter as JSON, by POST, on a connection of its own. Taken is what is answered by 2xx; redirections are not followed.
 * With a secret, `X-Anyseat-Signature: t=SECONDS,v1=HEX` is the HMAC-SHA256 of `SECONDS.BODY`: whoever gets it compares that,
 * and leaves letters that are older than a few minutes. `X-Anyseat-Id` is the same at every try.
 */
export function openWebhook(
  name: string,
  settings: SettingsOf<'webhook'>,
  { secret, ca, now }: { secret: string | undefined; ca: string | undefined; now: () => number },
): Channel {
  const url = new URL(settings.url);
  return {
    name,
    kind: 'webhook',
    // The path of some is their secret.
    to: url.origin,
    least: settings.least,
    send: async (letter, signal) => {
      const body = JSON.stringify(bodyOf(letter));
      const seconds = Math.floor(now() / 1000);
      const headers: Record<string, string | number> = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'anyseat-hub',
        'x-anyseat-id': letter.id,
        ...(secret === undefined ? {} : { 'x-anyseat-signature': signatureOf(secret, seconds, body) }),
      };
      const status = await post(url, { headers, body, ca, signal }).catch((error: unknown) => {
        throw notSent(`${url.origin}: ${reasonOf(error)}`);
      });
      if (status < 200 || status > 299) throw notSent(`${url.origin} answered ${status}`);
    },
  };
}

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

/** What went wrong on the way of a letter; the words may be shown to any operator. */
export const notSent = (text: string): Fault => new Fault('alert-not-sent', 'transient', text);

/** A system's code says it all, and its message may have an address in it. */
export function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : messageOf(error);
}

/** Times are ISO 8601, in UTC. */
function bodyOf({ openedAt, at, said, fields, ...letter }: Letter): unknown {
  return {
    ...letter,
    openedAt: new Date(openedAt).toISOString(),
    at: new Date(at).toISOString(),
    text: said.en.text,
    next: said.en.next,
    said,
    fields,
  };
}

function post(
  url: URL,
  {
    headers,
    body,
    ca,
    signal,
  }: {
    headers: Record<string, string | number>;
    body: string;
    ca: string | undefined;
    signal: AbortSignal;
  },
): Promise<number> {
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method: 'POST', headers, agent: false, signal, ...(ca === undefined ? {} : { ca }) },
      (answer) => {
        answer.once('error', reject);
        answer.once('end', () => resolve(answer.statusCode ?? 0));
        answer.resume();
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}
