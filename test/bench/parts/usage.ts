import { readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock, USER_HZ: 100 on every Linux that Node runs on (man 5 proc). */
const TICK_MS = 10;

/** CPU that a process has used in all, all threads, in milliseconds; in steps of 10. */
export function cpuMs(pid: number): number {
  const [own] = ticksOf(pid);
  return own * TICK_MS;
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

/** CPU of a process and of all that it started, the ended ones too, in milliseconds. */
export function treeCpuMs(root: number): number {
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const [own, ofEnded, parent] = ticksOf(pid);
      ticks.set(pid, own + ofEnded);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // It ended while we looked.
    }
  }
  let sum = 0;
  const look = [root];
  for (let pid = look.pop(); pid !== undefined; pid = look.pop()) {
    sum += ticks.get(pid) ?? 0;
    look.push(...(children.get(pid) ?? []));
  }
  return sum * TICK_MS;
}

/** CPU that this machine's processes have used in all, and what the host took away from it, in milliseconds. */
export function machineCpuMs(): number {
  const [user, nice, system, , , , , steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user! + nice! + system! + (steal ?? 0)) * TICK_MS;
}

/** Ticks of the process itself, of its ended children, and its parent. The name may hold spaces and parentheses. */
function ticksOf(pid: number): [own: number, ofEnded: number, parent: number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return [fields[11]! + fields[12]!, fields[13]! + fields[14]!, fields[1]!];
}
