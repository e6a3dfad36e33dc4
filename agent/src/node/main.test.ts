import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ended } from '@anyseat/base';
import { ScriptedHub } from './scriptedHub.fixture.ts';
import { until } from './waiting.fixture.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const START_MS = 8000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => (said.out += data));
  child.stderr.on('data', (data) => (said.err += data));
  const over = ended(child).then(({ code }) => ({ code, ...said }));
  return { child, said, over };
}

function settings(url: string): string {
  const path = join(folder, 'agent.yaml');
  writeFileSync(
    path,
    JSON.stringify({
      hub: { url },
      stateDir: join(folder, 'state'),
      runDir: join(folder, 'run'),
      shell: { kind: 'none' },
    }),
  );
  return path;
}

describe('anyseat-agent', () => {
  test('without settings says how it is used, with wrong ones all that is wrong with them', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'hub: { url: "http://x" }\nshel: 1\n');
    const [none, typo, bad] = await Promise.all([
      run().over,
      run('--confg', 'x').over,
      run('--config', join(folder, 'bad.yaml')).over,
    ]);
    expect([none.code, typo.code, bad.code]).toEqual([64, 64, 78]);
    expect(none.err).toMatch(/^usage: anyseat-agent --config FILE/);
    expect(bad.err).toBe(
      `${folder}/bad.yaml: 2 problems\n` +
        `  ${folder}/bad.yaml:1:13: hub.url: an address such as wss://hub.example:8443\n` +
        `  ${folder}/bad.yaml:2:7: shel: no such setting; did you mean “shell”? Known here: hub, stateDir, runDir, viewer, shell, page, input, commands, language, log\n`,
    );
  });

  test('serves its page and its hub, alone on its box, until it is told to stop', async () => {
    await using hub = await ScriptedHub.listen();
    const config = settings(hub.url);
    const agent = run('--config', config);
    await hub.welcome();
    await until(() => agent.said.err.includes('"page":"http://127.0.0.1:'), START_MS);
    const second = await run('--config', config).over;
    expect([second.code, second.err]).toEqual([78, expect.stringContaining('another agent runs')]);
    agent.child.kill('SIGTERM');
    expect((await agent.over).code).toBe(0);
  });
});
