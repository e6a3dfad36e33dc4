import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, vitest } from './commands.ts';

/** What ran and how it went, by the full names of the tests. */
export interface Tally {
  passed: number;
  failed: string[];
  skipped: string[];
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

const LINES_OF_A_FAILURE = 12;

export const newTally = (): Tally => ({ passed: 0, failed: [], skipped: [] });

/** Counts one more failure; `conclude` says it. */
export function fail(tally: Tally, what: string): void {
  tally.failed.push(what);
}

/** Runs these suites, their words on our output, and adds how they went. */
export async function runSuites(
  tally: Tally,
  projects: readonly string[],
  options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-test-'));
  const file = join(folder, 'report.json');
  const args = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`, '--passWithNoTests'];
  const exit = await vitest(projects, [...args, ...(options.args ?? [])], options.env);
  readReport(tally, file, exit);
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Says what was skipped and what failed, on the last page, and as the last line `N passed, N failed, N skipped`. With `--ci`
 * among the arguments, a skip that test/expected-skips does not name is a failure. Returns the exit code.
 */
export function conclude(tally: Tally, args: readonly string[]): number {
  if (args.includes('--ci')) {
    const expected = new Set(namesIn('test/expected-skips'));
    for (const name of tally.skipped.filter((skip) => !expected.has(skip)))
      fail(tally, `skipped without leave: ${name}`);
  }
  for (const name of tally.skipped) console.log(`skipped: ${name}`);
  for (const what of tally.failed) console.log(`failed: ${what}`);
  console.log(`${tally.passed} passed, ${tally.failed.length} failed, ${tally.skipped.length} skipped`);
  return tally.failed.length === 0 ? 0 : 1;
}

function readReport(tally: Tally, file: string, exit: number): void {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    fail(tally, `the test runner wrote no report (exit code ${exit})`);
    return;
  }
  const before = tally.failed.length;
  for (const { name, status, message, assertionResults } of report.testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed') tally.passed++;
      else if (test.status === 'failed') fail(tally, `${test.fullName}${because(test.failureMessages)}`);
      else tally.skipped.push(test.fullName);
    }
    // A file that fails outside its tests (an import, a hook, a handle left open) has no failed test of its own.
    const hasOwn = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !hasOwn)
      fail(tally, `${name.replace(root, '')}: ${message ?? 'failed outside its tests'}`);
  }
  if (exit !== 0 && tally.failed.length === before)
    fail(tally, `the test runner ended with exit code ${exit}`);
}

/** The first lines of what a test failed for: the rest stands above, where it ran. */
function because(messages: readonly string[] = []): string {
  const lines = messages.join('\n').split('\n').slice(0, LINES_OF_A_FAILURE);
  return lines.map((line) => `\n    ${line}`).join('');
}

function namesIn(file: string): string[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
