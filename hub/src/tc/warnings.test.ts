import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { ToTcInput } from '@anyseat/protocol';
import type { SessionId, TcId } from '../domain/session.ts';
import { Warnings } from './warnings.ts';

const session = { id: 'ses_1' as SessionId, tc: 'tc_1' as TcId };
const live = new Set([session.id]);

function world() {
  const said: string[] = [];
  const line = {
    epoch: 1,
    send: (frame: ToTcInput) => {
      if (frame.type === 'warning') said.push(frame.warning?.code ?? 'taken back');
    },
  };
  const seat: { line: typeof line | undefined } = { line };
  const warnings = new Warnings({ ...systemClock, monotonic: () => 0 }, () => seat.line);
  return { warnings, seat, line, said: () => said.splice(0) };
}

test('of two warnings the sooner is shown, each said once, and the other when it is taken back', () => {
  const { warnings, said } = world();
  warnings.set(session, 'limits', { code: 'later', at: 20 });
  warnings.set(session, 'limits', { code: 'later', at: 20 });
  warnings.set(session, 'access', { code: 'sooner', at: 10 });
  warnings.set(session, 'access', undefined);
  warnings.set(session, 'limits', undefined);
  warnings.set(session, 'limits', undefined);
  expect(said()).toEqual(['later', 'sooner', 'later', 'taken back']);
});

test('a seat that comes back is told again, and one that is away when it is taken back is not', () => {
  const { warnings, said, seat, line } = world();
  seat.line = undefined;
  warnings.set(session, 'limits', { code: 'soon', at: 20 });
  seat.line = line;
  warnings.look(live);
  warnings.look(live);
  expect(said()).toEqual(['soon']);
  line.epoch = 2;
  warnings.look(live);
  expect(said()).toEqual(['soon']);
  line.epoch = 3;
  warnings.set(session, 'limits', undefined);
  expect(said()).toEqual([]);
});

test('nothing is said of a session that is over', () => {
  const { warnings, said, line } = world();
  warnings.set(session, 'limits', { code: 'soon', at: 20 });
  warnings.look(new Set());
  line.epoch = 2;
  warnings.look(live);
  expect(said()).toEqual(['soon']);
});
