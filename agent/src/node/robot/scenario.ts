import { z } from 'zod';
import { loadConfig } from '@anyseat/base';
import { languages } from '@anyseat/words';
import { hubSettings } from '../config.ts';

/** The stages of a round, in order. Their names stand in reports, bounds and limits, and do not change. */
export const stageNames = [
  'screen',
  'hub',
  'login',
  'desktop',
  'viewer',
  'picture',
  'rest',
  'echo',
  'logoff',
] as const;
export type StageName = (typeof stageNames)[number];

const share = z.number().min(0).max(1);
const place = z.strictObject({ x: share, y: share });
const step = z.union([
  z.strictObject({ move: place }),
  z.strictObject({ click: place }),
  z.strictObject({ type: z.string().min(1).max(200) }),
  z.strictObject({ key: z.string().min(1).max(64), times: z.int().min(1).max(200).default(1) }),
  z.strictObject({ pauseSeconds: z.number().positive().max(60) }),
]);
export type Step = z.output<typeof step>;

const seconds = (fallback: number, about: string) =>
  z.number().min(0.01).max(3600).default(fallback).describe(about);
const limit = (about: string) =>
  z.number().positive().max(3600).optional().describe(about).meta({ example: 3 });

/** What one robot does in a round, and how long each stage of it may take. */
export const scenario = z.strictObject({
  hub: hubSettings,
  stateDir: z
    .string()
    .min(1)
    .default('/var/lib/anyseat-robot')
    .describe('The key of this robot’s seat. Lasting; mode 0700; one robot at a time.'),
  runDir: z
    .string()
    .min(1)
    .default('/run/anyseat-robot')
    .describe('The proof of the running session: a robot that was killed logs that one off first.'),
  user: z.string().min(1).describe('A person of the robot’s own.').meta({ example: 'robot-1' }),
  password: z
    .union(
      [
        z.strictObject({ file: z.string().min(1) }),
        z.strictObject({ environment: z.string().regex(/^[A-Za-z_]\w*$/) }),
      ],
      {
        error:
          'where the password comes from: { file: PATH } or { environment: NAME }; never the password itself',
      },
    )
    .describe('Where the password is: { file: PATH }, or { environment: NAME of a variable }.')
    .meta({ example: { file: '/etc/anyseat-robot/password' } }),
  screen: z
    .strictObject({
      display: z
        .string()
        .regex(/^:\d+(\.\d+)?$/, 'a display of this machine, such as :7')
        .optional()
        .describe(
          'A display with a window manager. Without it the robot opens one of its own (Xvfb, openbox).',
        )
        .meta({ example: ':7' }),
      width: z.int().min(320).max(7680).default(1024).describe('Of a screen of its own.'),
      height: z.int().min(200).max(4320).default(768).describe('Of a screen of its own.'),
    })
    .prefault({})
    .describe('Where the desktop is shown.'),
  viewer: z
    .strictObject({
      command: z.string().min(1).default('remote-viewer').describe('The program that shows a desktop.'),
    })
    .prefault({})
    .describe('How the desktop is shown.'),
  steps: z
    .array(step)
    .min(1)
    .default([
      { move: { x: 0.5, y: 0.5 } },
      { type: 'anyseat' },
      { key: 'BackSpace', times: 'anyseat'.length },
    ])
    .refine((steps) => steps.some((one) => 'type' in one), {
      error: 'at least one step has to type: a picture that changes by a key is the proof',
    })
    .describe(
      'What is done on the desktop. Each letter of a `type` has to change the picture; the others are only done.\n' +
        '{ move: { x, y } } and { click: { x, y } } in shares of the screen · { type: TEXT } · { key: NAME, times: N },\n' +
        'as Return, BackSpace, Tab, F5 or Control+Alt+Delete · { pauseSeconds: N }.',
    ),
  bounds: z
    .strictObject({
      screen: seconds(10, 'A screen with a window manager.'),
      hub: seconds(15, 'From the first packet to the hub’s welcome.'),
      login: seconds(20, 'From the password to the grant, or to a place in the queue.'),
      desktop: seconds(120, 'In the queue.'),
      viewer: seconds(15, 'From the viewer’s start to its connection.'),
      picture: seconds(20, 'Until the screen is of more than one colour.'),
      rest: seconds(30, 'Until the picture is at rest but for a tenth of it.'),
      echo: seconds(5, 'From a key to the changed picture, each time.'),
      logoff: seconds(10, 'Until the hub says that the session is over.'),
    })
    .prefault({})
    .describe('Seconds that each stage may take; after them the round has failed.'),
  slow: z
    .strictObject({
      hub: limit('Seconds.'),
      login: limit('Seconds.'),
      desktop: limit('Seconds.'),
      viewer: limit('Seconds.'),
      picture: limit('Seconds.'),
      echo: seconds(2, 'The slowest key.'),
      logoff: limit('Seconds.'),
    })
    .prefault({})
    .describe('Seconds after which a stage that went well is called slow, and the exit code is 1.'),
  language: z.enum(languages).default('en').describe('Of the sentences in the report.'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn')
        .describe('How much is logged.'),
    })
    .prefault({})
    .describe('The log, on standard error as JSON lines.'),
});
export type Scenario = z.output<typeof scenario>;

/** @throws ConfigFault with all that is wrong with the file. */
export const loadScenario = (file: string): Scenario => loadConfig(file, scenario);
