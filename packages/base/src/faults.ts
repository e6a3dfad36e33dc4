/**
 * What went wrong, said once for programs (`code`, `retry`) and once for people (the sentence in packages/words
 * that belongs to `code`). Adapters make faults at their edge, by status and code, never by the text of a message
 * where a code exists.
 *
 * - `transient`: later it may work; the caller backs off and tries again.
 * - `refused`: the answer is no; the person is told why.
 * - `terminal`: an operator must change something; a warning, not a retry.
 * - `bug`: we are wrong; stack, exit, restart.
 */
export type Retry = 'transient' | 'refused' | 'terminal' | 'bug';

export type FaultFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: string;
  readonly retry: Retry;
  readonly fields: FaultFields;

  constructor(
    code: string,
    retry: Retry,
    message: string,
    options: { cause?: unknown; fields?: FaultFields } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = retry;
    this.fields = options.fields ?? {};
  }
}

export function isFault(error: unknown, code?: string): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}

/** Anything thrown, as a fault; what nobody translated is a bug of ours. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('bug', 'bug', messageOf(error), { cause: error });
}

/** The words of anything thrown, with its causes, for a log line or an operator; never for a person at a seat. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : messageOf(error.cause);
  return cause && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message;
}
