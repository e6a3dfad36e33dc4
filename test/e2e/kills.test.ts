import { expect, test } from 'vitest';
import { killAndKillAgain } from '../attack/kills.ts';

test('a hub that is killed again and again under logins loses nothing that it acknowledged, and shares and leaks nothing', async () => {
  const report = await killAndKillAgain({ kills: 5, people: 40, say: () => undefined });
  console.log(report);
  expect(report.contradictions).toEqual([]);
  expect(report.logins).toBeGreaterThan(20);
});
