import { Fault, newSecret, SECOND, type Clock, type Log } from '@anyseat/base';
import { MOST_PARTS, type OutcomeFrame, type TcCommand } from '@anyseat/protocol';
import type { Actor } from '../domain/audit.ts';
import type { TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import type { Connection } from './connection.ts';

/** What came of a command: the box's word, or `silent` where it gave none in time. */
export interface Outcome {
  state: OutcomeFrame['state'] | 'silent';
  text?: string;
  data?: string;
}

export interface TcCommandsDeps {
  store: Pick<Store, 'addAudit'>;
  clock: Clock;
  log: Log;
  connection: (tc: TcId) => Pick<Connection, 'send' | 'signal' | 'epoch'> | undefined;
}

interface Asked {
  tc: TcId;
  epoch: number;
  command: TcCommand;
  hear: (outcome: Outcome) => void;
  /** What came of the data so far. */
  parts: string[];
}

/** More are not remembered; a message that nobody reads for so long is nobody's. */
const MOST_OPEN = 1000;

/**
 * Asks boxes to do something, and hears what came of it, each with two rows in the audit: who wanted what, and what it came
 * to. Nothing is asked twice, since a box may have done it and could not say so. An answer that comes after nobody waits for
 * it any more (a message read an hour later) is still written down.
 */
export class TcCommands {
  readonly #deps: TcCommandsDeps;
  readonly #open = new Map<string, Asked>();

  constructor(deps: TcCommandsDeps) {
    this.#deps = deps;
  }

  /**
   * @param until `accepted`: what is under way is answer enough
   * @param waitMs afterwards the answer is `silent`, or `accepted` if the box had said so
   * @throws Fault `tc-offline` (refused); a store that cannot write the audit refuses the deed
   */
  async ask(
    tc: TcId,
    command: TcCommand,
    how: { by: Actor; until: 'accepted' | 'done'; waitMs: number; signal: AbortSignal },
  ): Promise<Outcome> {
    const { store, clock, connection } = this.#deps;
    const { by, until, waitMs, signal } = how;
    if (!connection(tc)) throw offline();
    await store.addAudit(by, 'tc.command', tc, auditOf(command));
    const line = connection(tc);
    if (!line) throw offline();
    const commandId = newSecret();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let last: Outcome = { state: 'silent' };
    const hear = (outcome: Outcome) => {
      last = outcome;
      if (outcome.state !== 'accepted' || until === 'accepted') resolve(outcome);
    };
    this.#remember(commandId, { tc, epoch: line.epoch, command, hear, parts: [] });
    line.send({ type: 'command', commandId, command });
    using _late = clock.after(waitMs, () => resolve(last));
    const given = () => resolve(last);
    for (const one of [signal, line.signal]) one.addEventListener('abort', given, { once: true });
    try {
      return await promise;
    } finally {
      for (const one of [signal, line.signal]) one.removeEventListener('abort', given);
    }
  }

  async onOutcome(frame: OutcomeFrame, { tc, epoch }: { tc: { id: TcId }; epoch: number }): Promise<void> {
    const asked = this.#open.get(frame.commandId);
    // Another box's business, or of a connection that is gone.
    if (asked?.tc !== tc.id || asked.epoch !== epoch || frame.epoch !== epoch) return;
    const { state, text } = frame;
    if (frame.more) {
      this.#onPart(frame, asked);
      return;
    }
    const data = frame.data === undefined ? undefined : asked.parts.join('') + frame.data;
    if (state !== 'accepted') this.#open.delete(frame.commandId);
    asked.hear({ state, ...(text === undefined ? {} : { text }), ...(data === undefined ? {} : { data }) });
    if (state === 'accepted') return;
    const details = { do: asked.command.do, state, ...(text === undefined ? {} : { text }) };
    await this.#deps.store.addAudit({ kind: 'tc', name: tc.id }, 'tc.command-outcome', tc.id, details);
    this.#deps.log.info({ tc: tc.id, ...details }, 'what came of a command');
  }

  /** Only of what is asked for in parts, and no more than was agreed on: a box does not fill our memory. */
  #onPart({ commandId, data = '' }: OutcomeFrame, { command, parts }: Asked): void {
    if (command.do === 'screenshot' && parts.length < MOST_PARTS) parts.push(data);
    else this.#open.delete(commandId);
  }

  #remember(commandId: string, asked: Asked): void {
    this.#open.set(commandId, asked);
    if (this.#open.size <= MOST_OPEN) return;
    const [oldest] = this.#open.keys();
    this.#open.delete(oldest!);
  }
}

/** A ticket opens a door, and a manifest is long. */
const auditOf = (command: TcCommand): Readonly<Record<string, unknown>> =>
  command.do === 'update'
    ? { do: command.do, version: command.version, fetch: command.offer !== undefined }
    : { ...command };

const offline = () =>
  new Fault(
    'tc-offline',
    'refused',
    'this thin client is not connected; anyseat get tcs --offline lists those',
  );

/** A box that is asked for something short answers at once, or something is wrong with it. */
export const ANSWERS_WITHIN_MS = 25 * SECOND;
