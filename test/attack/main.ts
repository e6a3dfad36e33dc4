import { killAndKillAgain } from './kills.ts';

/** `npm run attack -- KILLS PEOPLE`: SIGKILL of the hub, 200 times under the logins of 120 people; figures, and exit code 1 when anything was lost, shared or leaked. */
const [kills = 200, people = 120] = process.argv.slice(2).map(Number);
if (!Number.isInteger(kills) || !Number.isInteger(people) || kills < 1 || people < 1) {
  console.error('usage: npm run attack -- [KILLS] [PEOPLE]');
  process.exit(64);
}
const report = await killAndKillAgain({ kills, people, say: (line) => console.log(line) });
console.log(report);
process.exit(report.contradictions.length === 0 ? 0 : 1);
