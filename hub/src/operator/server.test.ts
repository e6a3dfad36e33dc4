import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '@anyseat/base';
import { API_PREFIX } from '@anyseat/protocol';
import type { OperatorDeps } from './routes.ts';
import { openOperatorServer } from './server.ts';

/** A hub of which only a directory is there: it looks somebody up until it is told to go on. */
function slowDirectory() {
  const begun = Promise.withResolvers<AbortSignal>();
  const goOn = Promise.withResolvers<undefined>();
  const directories = {
    find: async (_user: string, signal: AbortSignal) => {
      begun.resolve(signal);
      await goOn.promise;
      signal.throwIfAborted();
    },
  };
  const deps = { explainWith: directories, catalogue: () => ({ seats: new Map([['s1', {}]]) }) };
  return { deps: deps as unknown as OperatorDeps, begun: begun.promise, goOn: goOn.resolve };
}

test('whoever waits for an answer gets it, however long the directory takes, and whoever went is not waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-operator-'));
  const socket = join(folder, 'hub.sock');
  try {
    const slow = slowDirectory();
    await using _server = await openOperatorServer({ socket, deps: slow.deps, log: silentLog });
    const waiting = explain(socket);
    await slow.begun;
    // Its request was read to the end long ago.
    await new Promise((resolve) => setImmediate(resolve));
    slow.goOn(undefined);
    expect(await waiting.text).toContain('person-unknown');

    const other = slowDirectory();
    await using _other = await openOperatorServer({ socket: `${socket}2`, deps: other.deps, log: silentLog });
    const hasty = explain(`${socket}2`);
    const left = await other.begun;
    hasty.hangUp();
    await expect(hasty.text).rejects.toThrow();
    await new Promise((resolve) => left.addEventListener('abort', resolve, { once: true }));
    other.goOn(undefined);
    expect(left.aborted).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function explain(socketPath: string): { text: Promise<string>; hangUp: () => void } {
  const asked = request({
    socketPath,
    method: 'POST',
    path: `${API_PREFIX}/explain`,
    headers: { 'content-type': 'application/json' },
    agent: false,
  });
  const text = new Promise<string>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let whole = '';
      answer.on('data', (part: Buffer) => (whole += part.toString()));
      answer.once('end', () => resolve(whole));
    });
  });
  asked.end(JSON.stringify({ user: 'anna', seat: 's1' }));
  return { text, hangUp: () => void asked.destroy() };
}
