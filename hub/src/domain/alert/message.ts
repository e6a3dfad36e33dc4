import type { Alert, AlertId } from './alert.ts';

export type MessageEvent = 'opened' | 'resolved';

/** What is to be sent by a channel, until it has arrived. */
export interface AlertMessage {
  readonly alert: Alert;
  readonly event: MessageEvent;
  readonly channel: string;
  /** When it was written, epoch ms. */
  readonly at: number;
  /** How often it was sent in vain. */
  readonly tries: number;
}

/** Which one of all: the same at every try, so that whoever gets it twice knows. */
export const messageId = (alert: AlertId, event: MessageEvent): string => `${alert}.${event}`;
