// Takes a fresh clone to the point where TypeScript runs: the npm packages, among them Node 24, and on to the command.
// Plain JavaScript without dependencies, because the Node that starts it may be 20 and nothing is installed yet.
//
//     node installer/bootstrap.mjs start|test|check|bench|attack|test:openstack|test:update|build:agent [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const node24 = `${root}node_modules/.bin/node`;
/** Written last, so that an interrupted installation is begun again. */
const stamp = `${root}node_modules/.anyseat-installed`;

const programs = {
  start: 'installer/src/start.ts',
  test: 'installer/src/test.ts',
  check: 'installer/src/check.ts',
  bench: 'installer/src/bench.ts',
  simulate: 'installer/src/simulate.ts',
  attack: 'installer/src/attack.ts',
  'test:openstack': 'installer/src/testOpenstack.ts',
  'test:update': 'installer/src/testUpdate.ts',
  'build:agent': 'installer/src/agent/buildAgent.ts',
};

const [command = '', ...rest] = process.argv.slice(2);
const program = programs[command];
if (!program) {
  console.error(`usage: node installer/bootstrap.mjs ${Object.keys(programs).join('|')} [arguments]`);
  process.exit(64);
}

installPackages();
run(node24, ['--disable-warning=ExperimentalWarning', program, ...rest]);

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  if (existsSync(stamp) && existsSync(node24) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('anyseat: installing the npm packages (the first time only; about a minute)');
  // Scripts are refused: what ships a prebuilt binary needs none, and the rest must not run. Node itself is the exception.
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  npm('rebuild', 'node', '--loglevel=error');
  writeFileSync(stamp, wanted);
}

function npm(...args) {
  const cli = process.env.npm_execpath;
  // Not process.execPath: inside an npm script that is the clone's own Node, which `npm ci` is about to remove.
  const [file, first] =
    cli && /\.c?js$/.test(cli) ? [process.env.npm_node_execpath ?? process.execPath, [cli]] : ['npm', []];
  const done = spawnSync(file, [...first, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.status === 0) return;
  console.error(
    `anyseat: npm ${args.join(' ')} failed. Is the npm registry within reach? Its own words stand above.`,
  );
  process.exit(done.status ?? 1);
}

/** Runs the program in our place: its exit code is ours, and the signals that we get are its. */
function run(file, args) {
  const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`anyseat: ${file} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
