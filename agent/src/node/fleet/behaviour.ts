import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { hubSettings } from '../config.ts';

/** The most of one process: the kernel's usual limit of files is twice that, and each seat needs one. */
export const MOST_SEATS = 15_000;

const seconds = z.number().min(0).max(86_400);

/** What the seats of a fleet do, and who works at them. */
export const behaviour = z.strictObject({
  hub: hubSettings.describe('The hub. A token here is for one seat: see tokensFile.'),
  folder: z
    .string()
    .min(1)
    .default('/var/lib/anyseat-fleet')
    .describe('The keys of the seats, made once: keys, one a line, mode 0600. One fleet at a time.'),
  tokensFile: z
    .string()
    .min(1)
    .optional()
    .describe('One-time enrolment tokens, one a line: the first is the first seat’s.')
    .meta({ example: '/etc/anyseat-fleet/tokens' }),
  connectPerSecond: z
    .number()
    .positive()
    .max(100_000)
    .default(500)
    .describe('So many seats are switched on a second. Afterwards each comes back by an agent’s own pauses.'),
  connectAtOnce: z
    .int()
    .min(1)
    .max(MOST_SEATS)
    .default(200)
    .describe('So many connections are being made at the same moment: more, and all of them are late.'),
  people: z
    .strictObject({
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .describe('Of the seats, at which somebody works. 0: nobody.'),
      user: z
        .string()
        .min(1)
        .default('agent{n}')
        .describe('Who works at a seat. {n} is its number, from 1; {00000n} the same with zeros before it.')
        .meta({ example: 'agent{00000n}' }),
      passwordFile: z
        .string()
        .min(1)
        .optional()
        .describe('The password of all of them.')
        .meta({ example: '/etc/anyseat-fleet/password' }),
      arriveSeconds: seconds.default(60).describe('They come evenly within so long after the welcome.'),
      workSeconds: seconds
        .default(300)
        .describe('How long each works before the log-off, a quarter more or less.'),
      awaySeconds: seconds.default(30).describe('How long each is away before the next login.'),
      viewerMs: z
        .number()
        .min(0)
        .max(60_000)
        .default(400)
        .describe('From the grant to the picture that is claimed; no viewer runs.'),
    })
    .refine(({ share, passwordFile }) => share === 0 || passwordFile !== undefined, {
      path: ['passwordFile'],
      error: 'where somebody works a password is needed',
    })
    .prefault({})
    .describe('Who works.'),
  activity: z
    .enum(['working', 'always'])
    .default('working')
    .describe(
      'Which seats report what their person does, at the hub’s rate. working: those with a desktop, as agents do.\n' +
        'always: all of them, for a session that does not exist; the hub reads it the same way. For load without desktops.',
    ),
  seconds: seconds.default(0).describe('Ends after so long; 0: when it is told to (SIGTERM).'),
});
export type Behaviour = z.output<typeof behaviour>;

/** `agent{n}` at the 7th seat is `agent7`, `agent{00000n}` is `agent00007`: as many digits as there are zeros. */
export function userAt(pattern: string, number: number): string {
  return pattern.replaceAll(/\{(0*)n\}/g, (_, zeros: string) => String(number).padStart(zeros.length, '0'));
}

/** @throws Error when it cannot be read */
export function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
