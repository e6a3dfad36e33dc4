import { afterAll, beforeAll } from 'vitest';

/**
 * A test file that leaves a handle open (a socket, a server, a timer, a child) fails: what leaks in a test leaks in
 * a hub that runs for months. Handles of the test runner itself are those that stood before the first test.
 */
const PASSING = new Set([
  'Immediate',
  'TickObject',
  'FSReqCallback',
  'FSReqPromise',
  'CloseReq',
  'MessagePort',
  'TTYWrap',
]);
const SETTLE_MS = 2000;

let before = new Map<string, number>();

beforeAll(() => {
  before = count();
});

afterAll(async () => {
  for (let waited = 0; ; waited += 20) {
    const left = leaked();
    if (left.length === 0) return;
    if (waited >= SETTLE_MS) throw new Error(`this file left handles open: ${left.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

function leaked(): string[] {
  return [...count()].flatMap(([kind, n]) => {
    const more = n - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${kind}`] : [];
  });
}

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!PASSING.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
