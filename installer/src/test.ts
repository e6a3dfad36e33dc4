import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from './buildPages.ts';
import { checkFormat, lint, root, typeCheck, vitest } from './commands.ts';
import { buildGuest } from './guest/buildGuest.ts';
import { ensureSystemPackages } from './systemPackages.ts';

/**
 * `npm test`: types, lint, format and every suite but the one on a real OpenStack. The last line is
 * `N passed, N failed, N skipped`. With `--ci`, a skip that test/expected-skips does not name is a failure.
 */
interface Report {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

const say = (line: string) => console.log(`anyseat: ${line}`);
await ensureSystemPackages(['desktop', 'seat', 'screenTests', 'directoryTests'], { say });
await buildPages(say);
const guest = await buildGuest({ into: `${root}var/guest`, say });
if ('missing' in guest) say(guest.missing);

const folder = mkdtempSync(join(tmpdir(), 'anyseat-test-'));
const report = join(folder, 'report.json');
const tally = { passed: 0, failed: 0, skipped: [] as string[] };

for (const [name, step] of Object.entries({ types: typeCheck, lint, format: checkFormat })) {
  if ((await step()) === 0) tally.passed++;
  else fail(`${name} (see above)`);
}

const exit = await vitest(
  ['unit', 'contracts', 'simulation', 'e2e'],
  ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests'],
);
readReport();

if (process.argv.includes('--ci')) {
  const expected = new Set(lines('test/expected-skips'));
  for (const name of tally.skipped.filter((s) => !expected.has(s))) fail(`skipped without leave: ${name}`);
}
for (const name of tally.skipped) console.log(`skipped: ${name}`);
rmSync(folder, { recursive: true, force: true });
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped.length} skipped`);
process.exit(tally.failed === 0 ? 0 : 1);

function readReport(): void {
  let read: Report;
  try {
    read = JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    fail(`the test runner wrote no report (exit code ${exit})`);
    return;
  }
  const before = tally.failed;
  for (const file of read.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed++;
      else if (test.status === 'failed') fail(test.fullName);
      else tally.skipped.push(test.fullName);
    }
    // A file that fails outside its tests (an import, a hook, a handle left open) has no failed test of its own.
    const own = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !own)
      fail(`${file.name.replace(root, '')}: ${file.message ?? 'failed outside its tests'}`);
  }
  if (exit !== 0 && tally.failed === before) fail(`the test runner ended with exit code ${exit}`);
}

function fail(what: string): void {
  tally.failed++;
  console.log(`failed: ${what}`);
}

function lines(file: string): string[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
