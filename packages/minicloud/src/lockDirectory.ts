import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@anyseat/base';

/**
 * Two processes must not write one state. The lock names the process that has it, with its start time, so that a
 * process killed long ago, whose number somebody else has now, holds nothing.
 *
 * @throws Fault `minicloud-state-busy` (terminal).
 */
export function lockDirectory(directory: string): Disposable {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  const holder = read(file);
  const [pid = '', startedAt = ''] = holder.split(' ');
  if (pid !== '' && startOf(pid) === startedAt) {
    throw new Fault('minicloud-state-busy', 'terminal', `${directory} is in use by process ${pid}`, {
      fields: { pid },
    });
  }
  writeFileSync(file, `${process.pid} ${startOf(String(process.pid))}`, { mode: 0o600 });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat; the second field, in brackets, may have blanks in it. */
function startOf(pid: string): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
