import { readFileSync, writeFileSync } from 'node:fs';
import { isFault, openLog } from '@anyseat/base';
import { EXIT_USAGE, HELP, readCommandLine } from './commandLine.ts';
import { startMinicloud } from './startMinicloud.ts';

/** `node packages/minicloud/src/main.ts --help` */
async function main(): Promise<void> {
  const line = readCommandLine(process.argv.slice(2), (file) => readFileSync(file, 'utf8'));
  if (line.help) return void process.stdout.write(HELP);
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const log = openLog({ name: 'minicloud', level: line.logLevel });
  await using cloud = await startMinicloud({ ...line.options, log });
  if (line.cloudsYaml !== undefined) writeFileSync(line.cloudsYaml, cloud.cloudsYaml(), { mode: 0o600 });
  const { authUrl, adminUrl, url } = cloud;
  process.stdout.write(`${JSON.stringify({ authUrl, adminUrl, url, pid: process.pid })}\n`);
  await told;
}

try {
  await main();
} catch (error) {
  if (!isFault(error)) throw error;
  process.stderr.write(`minicloud: ${error.message}\n`);
  process.exitCode = EXIT_USAGE;
}
