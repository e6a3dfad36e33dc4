import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLog, systemClock, type Clock } from '@anyseat/base';
import { MOST_LOG_CHARACTERS, type OutcomeFrame, type TcCommand } from '@anyseat/protocol';
import { Inbox, until } from '../waiting.fixture.ts';
import { Commands, type BoxControl } from './commands.ts';
import { MessageBoard } from './messageBoard.ts';
import { OwnBox } from './ownBox.ts';

type Outcome = Omit<OutcomeFrame, 'type' | 'epoch'>;

/** A box that writes down what it was asked. */
class FakeBox implements BoxControl {
  readonly did: string[] = [];

  restartAgent = () => this.#done('restart');
  reboot = () => Promise.reject(new Error('it may not'));
  shutDown = () => this.#done('shut down');
  wake = (macs: readonly string[]) => this.#done(`wake ${macs.join()}`);
  logs = async (lines: number) => {
    await this.#done(`logs ${lines}`);
    return 'H4sI';
  };
  screenshot = async () => {
    await this.#done('screenshot');
    return this.picture;
  };
  picture = Buffer.from('a small picture');

  #done(what: string): Promise<void> {
    this.did.push(what);
    return Promise.resolve();
  }
}

function newCommands(refuse: TcCommand['do'][] = [], isThere = false) {
  const said = new Inbox<Outcome>();
  const box = new FakeBox();
  const board = new MessageBoard(() => undefined);
  const log = openLog({ name: 'commands', level: 'silent' });
  // Pauses are skipped; a person's half minute never ends.
  const clock: Clock = { ...systemClock, sleep: () => Promise.resolve(), after: () => new DisposableStack() };
  const asksFirst = () => isThere;
  const send = (outcome: Outcome) => said.put(outcome);
  const commands = new Commands({ box, board, refuse, log, clock, asksFirst, send });
  const ask = (commandId: string, command: TcCommand) =>
    commands.onCommand({ type: 'command', commandId, command });
  const next = () => said.take(() => true, 'an outcome');
  return { ask, next, said, box, board };
}

test('a message is on the screen until somebody has read it, and the next one comes after it', async () => {
  const { ask, next, board } = newCommands();
  ask('a', { do: 'message', text: 'Fire drill' });
  ask('b', { do: 'message', text: 'It is over' });
  expect([await next(), await next()]).toEqual([
    { commandId: 'a', state: 'accepted' },
    { commandId: 'b', state: 'accepted' },
  ]);
  expect(board.current).toEqual({ id: 'a', text: 'Fire drill' });
  board.read('of yesterday');
  board.read('a');
  expect(await next()).toEqual({ commandId: 'a', state: 'done' });
  expect(board.current).toEqual({ id: 'b', text: 'It is over' });
});

test('of too many messages the oldest makes room, and its sender is told', async () => {
  const { ask, said, board } = newCommands();
  for (let i = 0; i <= 20; i++) ask(`m${i}`, { do: 'message', text: String(i) });
  const failed = await said.take(({ state }) => state === 'failed', 'the one that made room');
  expect(failed).toEqual({
    commandId: 'm0',
    state: 'failed',
    text: 'nobody read it, and others came after it',
  });
  expect(board.current).toEqual({ id: 'm1', text: '1' });
});

test.each<[TcCommand, Outcome, string[]]>([
  [{ do: 'restartAgent' }, { commandId: 'c', state: 'done' }, ['restart']],
  [{ do: 'reboot' }, { commandId: 'c', state: 'failed', text: 'it may not' }, []],
  [{ do: 'logs', lines: 9 }, { commandId: 'c', state: 'done', data: 'H4sI' }, ['logs 9']],
  [
    { do: 'wake', macs: ['00:11:22:33:44:55'] },
    { commandId: 'c', state: 'done' },
    ['wake 00:11:22:33:44:55'],
  ],
])('%j comes to %j', async (command, outcome, did) => {
  const { ask, next, box } = newCommands();
  ask('c', command);
  expect(await next()).toEqual(outcome);
  expect(box.did).toEqual(did);
});

test('what the settings of the box refuse is not done', async () => {
  const { ask, next, box } = newCommands(['shutDown']);
  ask('c', { do: 'shutDown' });
  expect(await next()).toMatchObject({ commandId: 'c', state: 'refused' });
  expect(box.did).toEqual([]);
});

describe('this box', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'anyseat-box-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  let scripts = 0;
  const script = (text: string): [string] => {
    const file = join(folder, `program-${++scripts}`);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return [file];
  };
  const newBox = (logs: string, wakeAt?: { host: string; port: number }) =>
    new OwnBox(
      {
        commands: {
          refuse: [],
          askBeforeScreenshot: true,
          reboot: script('echo no rights >&2; exit 1'),
          shutDown: ['true'],
          logs: script(logs),
        },
        environment: { ...process.env },
        clock: systemClock,
        end: () => undefined,
      },
      wakeAt,
    );
  const linesOf = async (box: OwnBox, lines: number) => {
    const data = await box.logs(lines);
    expect(data.length).toBeLessThanOrEqual(MOST_LOG_CHARACTERS);
    return gunzipSync(Buffer.from(data, 'base64')).toString().trimEnd().split('\n');
  };

  test('sends the last lines of its log', async () => {
    expect(await linesOf(newBox('seq 1 100'), 3)).toEqual(['98', '99', '100']);
  });

  test('sends as many of them as fit into a frame, the last ones', async () => {
    const lines = await linesOf(newBox('head -c 60000 /dev/urandom | base64 -w 100; echo the end'), 5000);
    expect(lines.at(-1)).toBe('the end');
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.length).toBeLessThan(400);
  });

  test('says why it does not reboot', async () => {
    await expect(newBox('true').reboot()).rejects.toThrow(/no rights/);
  });

  test('wakes another by the magic packet', async () => {
    const heard = new Inbox<Buffer>();
    const socket = createSocket('udp4', (message) => heard.put(message));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    try {
      const { port } = socket.address();
      await newBox('true', { host: '127.0.0.1', port }).wake(['00:11:22:33:44:55']);
      await until(() => heard.rest.length > 0);
      expect(heard.rest[0]!.toString('hex')).toBe('ff'.repeat(6) + '001122334455'.repeat(16));
    } finally {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  });
});

describe('a picture of the screen', () => {
  test('where nobody is logged in is sent at once, in parts that are one picture again', async () => {
    const { ask, next, box } = newCommands();
    box.picture = Buffer.alloc(20_000, 'picture');
    ask('a', { do: 'screenshot' });
    const parts = [await next(), await next(), await next()];
    const data = expect.any(String) as string;
    expect(parts).toEqual([
      { commandId: 'a', state: 'accepted', more: true, data },
      { commandId: 'a', state: 'accepted', more: true, data },
      { commandId: 'a', state: 'done', data },
    ]);
    expect(Buffer.from(parts.map((part) => part.data).join(''), 'base64').equals(box.picture)).toBe(true);
  });

  test('of somebody’s desktop is sent when they say yes', async () => {
    const { ask, next, board, box } = newCommands([], true);
    ask('a', { do: 'screenshot' });
    expect(await next()).toEqual({ commandId: 'a', state: 'accepted' });
    expect([board.current, box.did]).toEqual([{ id: 'a', text: '', asks: 'screenshot' }, []]);
    board.read('a');
    expect(await next()).toEqual({
      commandId: 'a',
      state: 'done',
      data: box.picture.toString('base64'),
    });
  });

  test('of somebody’s desktop is not taken when they say no', async () => {
    const { ask, next, board, box } = newCommands([], true);
    ask('a', { do: 'screenshot' });
    await next();
    board.deny('a');
    expect(await next()).toEqual({ commandId: 'a', state: 'failed', text: 'the person there said no' });
    expect([board.current, box.did]).toEqual([undefined, []]);
  });

  test('is refused where the settings of the box do', async () => {
    const { ask, next } = newCommands(['screenshot']);
    ask('a', { do: 'screenshot' });
    expect(await next()).toMatchObject({ state: 'refused' });
  });
});

test('a message that asks nothing is not taken away by a no', () => {
  const board = new MessageBoard(() => undefined);
  board.show({ id: 'a', text: 'Fire drill' }).catch(() => undefined);
  board.deny('a');
  expect(board.current).toEqual({ id: 'a', text: 'Fire drill' });
});
