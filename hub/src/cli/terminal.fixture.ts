import type { Terminal } from './terminal.ts';

/** A terminal that remembers what was written to it. */
export interface Written extends Terminal {
  readonly said: string[];
  readonly complained: string[];
}

export function writtenTerminal(more: Partial<Terminal> = {}): Written {
  const said: string[] = [];
  const complained: string[] = [];
  return {
    said,
    complained,
    out: (text) => void said.push(...text.split('\n')),
    err: (text) => void complained.push(...text.split('\n')),
    paint: (_style, text) => text,
    width: 100,
    now: () => 1_000_000,
    timeZone: 'UTC',
    cwd: '/nowhere',
    env: {},
    read: () => Promise.resolve(new Uint8Array()),
    ask: () => Promise.resolve(undefined),
    ...more,
  };
}
