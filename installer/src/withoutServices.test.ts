import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutServices } from './withoutServices.ts';

let policy: string;
beforeEach(() => {
  policy = join(mkdtempSync(join(tmpdir(), 'anyseat-policy-')), 'policy-rc.d');
});
afterEach(() => rmSync(dirname(policy), { recursive: true }));

test('while packages are installed every service is refused, and afterwards no trace is left', async () => {
  const status = await withoutServices(() => {
    let code = 0;
    try {
      execFileSync(policy, ['slapd', 'start']);
    } catch (error) {
      code = (error as { status: number }).status;
    }
    return Promise.resolve(code);
  }, policy);
  // 101: "action forbidden by policy" (invoke-rc.d's policy-rc.d interface).
  expect(status).toBe(101);
  expect(readdirSync(dirname(policy))).toEqual([]);
});

test('a policy that was there comes back as it was, even when the work fails', async () => {
  writeFileSync(policy, '#!/bin/sh\nexit 0\n', { mode: 0o700 });
  const failing = withoutServices(() => Promise.reject(new Error('apt')), policy);
  await expect(failing).rejects.toThrow('apt');
  expect(readFileSync(policy, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  expect(statSync(policy).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(policy))).toEqual(['policy-rc.d']);
});

test('what a killed run left behind is put right by the next one', async () => {
  let left = '';
  await withoutServices(() => {
    left = readFileSync(policy, 'utf8');
    return Promise.resolve();
  }, policy);
  writeFileSync(policy, left);
  writeFileSync(`${policy}.before-anyseat`, 'the operators own');
  await withoutServices(() => Promise.resolve(), policy);
  expect(readFileSync(policy, 'utf8')).toBe('the operators own');
  expect(existsSync(`${policy}.before-anyseat`)).toBe(false);
});
