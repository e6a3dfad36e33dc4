import { expect, test } from 'vitest';
import type { Session, TcId } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import { lockTc } from './tcActs.ts';
import type { Asked, OperatorDeps } from './routes.ts';

const tc = { id: 'tc_1' as TcId, state: 'enrolled', fingerprint: 'F', seat: 'nt-1' } as Tc;
const session = { id: 'ses_1', tc: tc.id, state: 'connected', generation: 2, pools: [], user: 'anna' };

// Its person worked on, and lost the desktop when its grace was over: seed 1307 of the simulation.
test.each([
  ['connected', true, 'seat nt-1 is locked: anna has to log in again, and the desktop waits.'],
  ['dark', false, /^seat nt-1 is not connected, and cannot be locked/],
])('a seat that is %s: whether it can be locked', async (_, isOnline, text) => {
  const locked: string[] = [];
  const deps = {
    store: {
      tcs: () => Promise.resolve([tc]),
      sessions: () => Promise.resolve([session]),
      lockSession: (id: string) => Promise.resolve(locked.push(id) && (session as unknown as Session)),
    },
    online: () => new Set(isOnline ? [tc.id] : []),
    catalogue: () => ({ pools: new Map() }),
    now: () => 0,
    onSessionLocked: () => undefined,
  } as unknown as OperatorDeps;
  const asked = {
    params: { tc: 'nt-1' },
    body: {},
    by: { kind: 'operator', name: 'li.na' },
  } as unknown as Asked;
  const said = await lockTc(asked, deps).then(
    (answer) => answer.text,
    (error: Error) => error.message,
  );
  expect(said).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
  expect(locked).toEqual(isOnline ? ['ses_1'] : []);
});
