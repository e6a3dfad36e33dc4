import { expect, test } from 'vitest';
import { openLog, systemClock } from '@anyseat/base';
import { MOST_PARTS, type OutcomeFrame, type TcCommand, type ToTcInput } from '@anyseat/protocol';
import type { TcId } from '../domain/session.ts';
import { TcCommands } from './tcCommands.ts';

const tc = 'tc_1' as TcId;
const by = { kind: 'operator', name: 'zhao' } as const;
const message: TcCommand = { do: 'message', text: 'Hello' };

function newCommands() {
  const audit: string[] = [];
  const sent: Extract<ToTcInput, { type: 'command' }>[] = [];
  const gone = new AbortController();
  const line = {
    epoch: 7,
    signal: gone.signal,
    send: (frame: ToTcInput) => {
      if (frame.type === 'command') sent.push(frame);
    },
  };
  const world = { there: true };
  const commands = new TcCommands({
    store: {
      addAudit: (who, act, subject, details) => {
        audit.push(`${who.name} ${act} ${subject} ${JSON.stringify(details)}`);
        return Promise.resolve();
      },
    },
    clock: systemClock,
    log: openLog({ name: 'commands', level: 'silent' }),
    connection: () => (world.there ? line : undefined),
  });
  const ask = (
    until: 'accepted' | 'done',
    waitMs: number,
    signal = new AbortController().signal,
    command = message,
  ) => commands.ask(tc, command, { by, until, waitMs, signal });
  const hear = (
    state: OutcomeFrame['state'],
    more: Partial<OutcomeFrame> = {},
    from = { tc: { id: tc }, epoch: 7 },
  ) =>
    commands.onOutcome(
      { type: 'outcome', epoch: 7, commandId: sent.at(-1)!.commandId, state, ...more },
      from,
    );
  return { ask, hear, audit, sent, gone, world };
}
const LONG_MS = 60_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who wanted what is written before it is sent, and what came of it after', async () => {
  const { ask, hear, audit, sent } = newCommands();
  const answer = ask('done', LONG_MS);
  await turn();
  expect(sent).toEqual([{ type: 'command', commandId: expect.any(String), command: message }]);
  await hear('accepted');
  await hear('done');
  expect(await answer).toEqual({ state: 'done' });
  expect(audit).toEqual([
    'zhao tc.command tc_1 {"do":"message","text":"Hello"}',
    'tc_1 tc.command-outcome tc_1 {"do":"message","state":"done"}',
  ]);
});

test('what is under way is answer enough for whoever does not wait, and its end is written down all the same', async () => {
  const { ask, hear, audit } = newCommands();
  const answer = ask('accepted', LONG_MS);
  await turn();
  await hear('accepted');
  expect(await answer).toEqual({ state: 'accepted' });
  await hear('done');
  await hear('done');
  expect(audit.length).toBe(2);
});

test('a box that says nothing is silent, one that said it is at it is at it', async () => {
  const { ask, hear } = newCommands();
  expect(await ask('done', 1)).toEqual({ state: 'silent' });
  const gone = new AbortController();
  const answer = ask('done', LONG_MS, gone.signal);
  await turn();
  await hear('accepted');
  gone.abort();
  expect(await answer).toEqual({ state: 'accepted' });
});

test('a box whose line is cut has said its last', async () => {
  const { ask, gone } = newCommands();
  const answer = ask('done', LONG_MS);
  await turn();
  gone.abort();
  expect(await answer).toEqual({ state: 'silent' });
});

test('another box, another connection and an older one answer nothing', async () => {
  const { ask, hear, audit } = newCommands();
  const gone = new AbortController();
  const answer = ask('done', LONG_MS, gone.signal);
  await turn();
  await hear('done', {}, { tc: { id: 'tc_2' as TcId }, epoch: 7 });
  await hear('done', {}, { tc: { id: tc }, epoch: 8 });
  await hear('done', { epoch: 6 });
  await hear('done', { commandId: 'made-up' });
  gone.abort();
  expect(await answer).toEqual({ state: 'silent' });
  expect(audit.length).toBe(1);
});

test('a picture that comes in parts is put together; what is in parts without being asked for so is not heard', async () => {
  const { ask, hear, audit } = newCommands();
  const picture: TcCommand = { do: 'screenshot' };
  const answer = ask('done', LONG_MS, undefined, picture);
  await turn();
  await hear('accepted');
  for (const data of ['iVBO', 'Rw0K']) await hear('accepted', { data, more: true });
  await hear('done', { data: 'GgoA' });
  expect(await answer).toEqual({ state: 'done', data: 'iVBORw0KGgoA' });
  expect(audit.at(-1)).not.toContain('iVBO');

  const talk = newCommands();
  const gone = new AbortController();
  const told = talk.ask('done', LONG_MS, gone.signal);
  await turn();
  await talk.hear('accepted', { data: 'AAAA', more: true });
  await talk.hear('done', { data: 'AAAA' });
  gone.abort();
  expect(await told).toEqual({ state: 'silent' });
});

test('a box that sends parts without end is not listened to any more', async () => {
  const { ask, hear } = newCommands();
  const gone = new AbortController();
  const answer = ask('done', LONG_MS, gone.signal, { do: 'screenshot' });
  await turn();
  for (let i = 0; i <= MOST_PARTS; i++) await hear('accepted', { data: 'AAAA', more: true });
  await hear('done', { data: 'AAAA' });
  gone.abort();
  expect(await answer).toEqual({ state: 'silent' });
});

test('a box that is not connected is asked nothing', async () => {
  const { ask, world, audit } = newCommands();
  world.there = false;
  await expect(ask('done', LONG_MS)).rejects.toMatchObject({ code: 'tc-offline', retry: 'refused' });
  expect(audit).toEqual([]);
});
