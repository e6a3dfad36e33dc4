import type { Alert, AlertFields } from '../domain/alert/alert.ts';
import { messageId, type MessageEvent } from '../domain/alert/message.ts';
import type { Severity } from '../domain/alert/alertRules.ts';
import { languages, sayAlert, type Language, type Said } from '@anyseat/words';

/** What a channel sends: all of it, in every language, so that each takes what it needs. */
export interface Letter {
  /** The same at every try: whoever gets it twice knows it by this. */
  readonly id: string;
  readonly event: MessageEvent | 'test';
  /** The same for `opened` and `resolved`. */
  readonly alert: string;
  readonly code: string;
  readonly severity: Severity;
  readonly about: string;
  readonly fields: AlertFields;
  readonly said: Readonly<Record<Language, Said>>;
  /** When the alert opened, and when what the letter tells of happened; epoch ms. */
  readonly openedAt: number;
  readonly at: number;
  readonly hub: string;
  readonly installation: string;
}

/**
 * A way by which operators hear of alerts.
 *
 * Faults: `alert-not-sent` (transient), in words that hold no secret. `send` returns when the other side has taken the letter,
 * or, where the protocol has no answer (syslog over UDP), when it is on its way.
 */
export interface Channel {
  /** As hub.yaml calls it. */
  readonly name: string;
  readonly kind: 'webhook' | 'email' | 'syslog';
  /** Where it goes, for people, without secrets. */
  readonly to: string;
  /** What is less grave is not sent. */
  readonly least: Severity;
  send(letter: Letter, signal: AbortSignal): Promise<void>;
}

/** Who writes. */
export interface Sender {
  readonly hub: string;
  readonly installation: string;
}

export function letterOf(alert: Alert, event: MessageEvent, sender: Sender): Letter {
  const { id, code, severity, about, fields, openedAt } = alert;
  const at = event === 'resolved' ? (alert.resolvedAt ?? openedAt) : openedAt;
  return {
    id: messageId(id, event),
    event,
    alert: id,
    code,
    severity,
    about,
    fields,
    said: saidOf(code, fields, at),
    openedAt,
    at,
    ...sender,
  };
}

/** A letter that tells of nothing, to see whether it arrives. */
export const testLetter = (id: string, now: number, sender: Sender): Letter => ({
  id,
  event: 'test',
  alert: id,
  code: 'test',
  severity: 'info',
  about: 'hub',
  fields: {},
  said: saidOf('test', {}, now),
  openedAt: now,
  at: now,
  ...sender,
});

/** @param now epoch ms: times are told as seen from then, in UTC */
export const saidOf = (code: string, fields: AlertFields, now: number): Letter['said'] => {
  const said = languages.map((language) => [
    language,
    sayAlert(code, { language, now, timeZone: 'UTC' }, fields),
  ]);
  return Object.fromEntries(said) as Letter['said'];
};
