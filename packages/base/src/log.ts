import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** Names under which a secret could ever stand in a field; their values never reach the log. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'token',
  'resumeSecret',
  'adminPass',
  'user_data',
  'newPassword',
];

/**
 * A constant message, values in fields; info = a state changed, warn = an operator may care, error = a bug.
 * Children are bound with the ids of what they speak of.
 */
export function openLog(options: { name: string; level?: string; destination?: DestinationStream }): Log {
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      base: { name: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[secret]',
      },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** A log that says nothing, for tests and for libraries used without one. */
export const silentLog: Log = pino({ level: 'silent' });
