import { expect, test } from 'vitest';
import { systemClock, type Clock } from '@anyseat/base';
import type { ActivityReport } from '@anyseat/protocol';
import type { SessionId, TcId } from '../domain/session.ts';
import { SeatReports } from './seatReports.ts';

const tc = 'tc_1' as TcId;
const session = { id: 'ses_1' as SessionId, tc };
const counts = { overMs: 15_000, keys: 40, clicks: 3, wheel: 2, moves: 300 };
const report: ActivityReport = { type: 'activity', epoch: 7, sessionId: 'ses_1', ...counts, idleMs: 2000 };

function reportsAt() {
  let monotonic = 1_000_000;
  const clock: Clock = { ...systemClock, monotonic: () => monotonic };
  return { reports: new SeatReports(clock), pass: (ms: number) => void (monotonic += ms) };
}

test('a person is idle for as long as their seat said, and the time since', () => {
  const { reports, pass } = reportsAt();
  reports.onActivity(report, { tc: { id: tc }, epoch: 7 });
  pass(12_000);
  expect(reports.inputOf(session)).toEqual({ ...counts, idleMs: 14_000 });
});

test.each([
  ['a seat that has said nothing', undefined, 0, session],
  ['a seat that is silent for longer than a minute', report, 60_001, session],
  ['another session at the same seat', report, 0, { ...session, id: 'ses_2' as SessionId }],
  ['the same session, by now at another seat', report, 0, { ...session, tc: 'tc_2' as TcId }],
  ['a report of an older connection', { ...report, epoch: 6 }, 0, session],
])('nobody knows of %s whether its person is idle', (_what, said, ms, asked) => {
  const { reports, pass } = reportsAt();
  if (said) reports.onActivity(said, { tc: { id: tc }, epoch: 7 });
  pass(ms);
  expect(reports.inputOf(asked)).toBeUndefined();
});
