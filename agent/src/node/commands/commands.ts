import { messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import {
  MOST_LOG_CHARACTERS,
  MOST_PARTS,
  type CommandFrame,
  type OutcomeFrame,
  type TcCommand,
  type TcCommandName,
} from '@anyseat/protocol';
import type { Updates } from '../update/updates.ts';
import type { MessageBoard } from './messageBoard.ts';

/** What a box can do to itself and others. One method a deed; each rejects with a reason for operators. */
export interface BoxControl {
  /** Ends this program, to be started again by whoever keeps it. Resolves before. */
  restartAgent(): Promise<void>;
  reboot(): Promise<void>;
  shutDown(): Promise<void>;
  /** The last lines of the log, gzipped, in base64, no longer than fits a frame. */
  logs(lines: number): Promise<string>;
  /** The screen as a PNG, no larger than this. */
  screenshot(mostBytes: number): Promise<Buffer>;
  wake(macs: readonly string[]): Promise<void>;
}

export interface CommandsDeps {
  box: BoxControl;
  board: MessageBoard;
  /** Absent where the program was not installed from a package. */
  updates?: Pick<Updates, 'command'> | undefined;
  clock: Clock;
  /** Whether somebody has to be asked before their screen is shown to others. */
  asksFirst: () => boolean;
  /** What this box's settings refuse. */
  refuse: readonly TcCommandName[];
  log: Log;
  /** On the connection that stands now; what cannot be said is lost, the hub asks nothing twice. */
  send: (outcome: Omit<OutcomeFrame, 'type' | 'epoch'>) => void;
}

/** So long somebody has to answer; the hub waits a little longer. */
const ANSWERS_WITHIN_MS = 30 * SECOND;
const SETTLES_MS = 700;
const BETWEEN_PARTS_MS = 150;
/** Whole groups of four characters, so that the parts put together are base64 again. */
const PART = new RegExp(`.{1,${MOST_LOG_CHARACTERS}}`, 'g');
const MOST_BYTES = ((MOST_LOG_CHARACTERS * (MOST_PARTS + 1)) / 4) * 3;

/** Carries out what operators want of this box, and says what came of it. */
export class Commands {
  readonly #deps: CommandsDeps;

  constructor(deps: CommandsDeps) {
    this.#deps = deps;
  }

  onCommand(frame: CommandFrame): void {
    const { log } = this.#deps;
    this.#carryOut(frame).catch((error: unknown) => log.error({ err: error }, 'a command came to nothing'));
  }

  async #carryOut({ commandId, command }: CommandFrame): Promise<void> {
    const { refuse, log, send } = this.#deps;
    if (refuse.includes(command.do)) {
      log.warn({ command: command.do }, 'a command was refused by the settings of this box');
      return send({ commandId, state: 'refused', text: 'the settings of this box refuse it' });
    }
    log.info({ command: command.do }, 'a command of the hub');
    try {
      const data = await this.#do(commandId, command);
      send({ commandId, state: 'done', ...(data === undefined ? {} : { data }) });
    } catch (error) {
      log.warn({ command: command.do, why: messageOf(error) }, 'a command failed');
      send({ commandId, state: 'failed', text: messageOf(error).slice(0, 300) });
    }
  }

  async #do(commandId: string, command: TcCommand): Promise<string | undefined> {
    const { box, board, updates, send } = this.#deps;
    switch (command.do) {
      case 'message':
        send({ commandId, state: 'accepted' });
        await board.show({ id: commandId, text: command.text });
        return undefined;
      case 'screenshot':
        return this.#screenshot(commandId);
      case 'logs':
        return box.logs(command.lines);
      case 'wake':
        await box.wake(command.macs);
        return undefined;
      case 'restartAgent':
        await box.restartAgent();
        return undefined;
      case 'reboot':
        await box.reboot();
        return undefined;
      case 'shutDown':
        await box.shutDown();
        return undefined;
      case 'update':
        if (!updates)
          throw new Error('this agent was not installed from a package, and is not updated from here');
        await updates.command(command);
        return undefined;
      default:
        return command satisfies never;
    }
  }

  async #screenshot(commandId: string): Promise<string> {
    const { box, board, clock, asksFirst, send } = this.#deps;
    if (asksFirst()) {
      send({ commandId, state: 'accepted' });
      using _late = clock.after(ANSWERS_WITHIN_MS, () =>
        board.deny(commandId, 'nobody there answered in time'),
      );
      await board.show({ id: commandId, text: '', asks: 'screenshot' });
      // The page that asked is to be below the desktop again.
      await clock.sleep(SETTLES_MS);
    }
    const picture = (await box.screenshot(MOST_BYTES)).toString('base64');
    const parts = picture.match(PART) ?? [];
    for (const data of parts.slice(0, -1)) {
      send({ commandId, state: 'accepted', more: true, data });
      // Well below what the hub takes for a flood.
      await clock.sleep(BETWEEN_PARTS_MS);
    }
    return parts.at(-1) ?? '';
  }
}
