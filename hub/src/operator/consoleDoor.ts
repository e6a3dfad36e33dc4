import { Fault, MINUTE } from '@anyseat/base';
import { linkRequest, type ActAnswer, type ConsoleSessionView, type LinkAnswer } from '@anyseat/protocol';
import type { ConsoleSessions } from './consoleSessions.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** The console, as the routes about it need it. */
export interface ConsoleDoor {
  sessions: ConsoleSessions;
  /** Where people open it. */
  address: () => string;
}

/** The code stands behind the `#`: browsers send that to nobody, so no proxy's log has it. */
export async function makeLink({ body, by }: Asked, deps: OperatorDeps): Promise<LinkAnswer> {
  const { name, role, minutes } = linkRequest.parse(body);
  const { sessions, address } = doorOf(deps);
  const { code, expiresAt } = sessions.link(name, role, minutes * MINUTE);
  await deps.store.addAudit(by, 'console.link-made', name, { role, expiresAt });
  return { url: `${address()}/#enter=${code}`, expiresAt };
}

export function consoleSessions(_asked: Asked, deps: OperatorDeps): Promise<ConsoleSessionView[]> {
  return Promise.resolve(doorOf(deps).sessions.list());
}

export async function endConsoleSession({ params, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const name = doorOf(deps).sessions.end(params['id']!);
  if (name === undefined)
    throw new Fault(
      'console-session-unknown',
      'refused',
      `no browser is in with the session ${params['id']}`,
    );
  await deps.store.addAudit(by, 'console.session-ended', name, {});
  return { text: `${name} is out; who came by a link needs a new one.` };
}

function doorOf({ console }: OperatorDeps): ConsoleDoor {
  if (console) return console;
  throw new Fault('console-off', 'terminal', 'the console is off: operator.console in hub.yaml');
}
