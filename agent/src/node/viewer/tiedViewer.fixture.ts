import { silentLog, systemClock } from '@anyseat/base';
import { RemoteViewer } from './remoteViewer.ts';

/** A process that shows a desktop with the program of its first argument, and is then killed by the test. */
const [command, runDir] = process.argv.slice(2);
const viewer = new RemoteViewer({
  command: command!,
  runDir: runDir!,
  mode: 'kiosk',
  connectMs: 60_000,
  environment: process.env,
  clock: systemClock,
  log: silentLog,
});
await viewer.show({ kind: 'spice', host: '127.0.0.1', port: 1 }, 'seat-00001', () => {}).over;
