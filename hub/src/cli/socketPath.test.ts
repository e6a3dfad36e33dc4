import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CLONE_SOCKET, socketPath, SYSTEM_SOCKET } from './socketPath.ts';

test('the socket is the one said, else ANYSEAT_SOCKET, else that of npm start here, else the system’s', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'anyseat-cli-'));
  try {
    const env = { ANYSEAT_SOCKET: '/env.sock' };
    expect([
      socketPath('said.sock', { cwd, env }),
      socketPath(undefined, { cwd, env }),
      socketPath('', { cwd, env: { ANYSEAT_SOCKET: '' } }),
    ]).toEqual(['said.sock', '/env.sock', SYSTEM_SOCKET]);
    mkdirSync(dirname(join(cwd, CLONE_SOCKET)), { recursive: true });
    writeFileSync(join(cwd, CLONE_SOCKET), '');
    expect(socketPath(undefined, { cwd, env: {} })).toBe(join(cwd, CLONE_SOCKET));
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
