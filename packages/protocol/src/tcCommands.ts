import { z } from 'zod';

/** What an operator wants of a box. Its own settings may refuse any of them. */
const macs = z
  .array(z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i))
  .min(1)
  .max(8);
export const tcCommand = z.discriminatedUnion('do', [
  /** To whoever sits there, above whatever is on the screen, until they have taken note of it. */
  z.object({ do: z.literal('message'), text: z.string().min(1).max(1000) }),
  /** Its own program; a session goes on as after a crash of it. */
  z.object({ do: z.literal('restartAgent') }),
  z.object({ do: z.literal('reboot') }),
  z.object({ do: z.literal('shutDown') }),
  /** The last lines of its log, as far as they fit into one frame. */
  z.object({ do: z.literal('logs'), lines: z.int().min(1).max(5000) }),
  /** What is on its screen. Somebody who is logged in there is asked first, unless its settings say otherwise. */
  z.object({ do: z.literal('screenshot') }),
  /** A magic packet for another box in the same network. */
  z.object({ do: z.literal('wake'), macs }),
  /**
   * Another release of its own program. With an offer: fetch it, and keep it ready. Without: start what is ready, when nobody is
   * logged in. Only to a box that says how it stands (`update`).
   */
  z.object({
    do: z.literal('update'),
    version: z.string().min(1).max(32),
    offer: z
      .object({
        manifest: z.string().min(1).max(2000),
        signature: z.string().max(128),
        /** Opens `RELEASES_PATH` for this box. */
        ticket: z.string().min(1).max(64),
      })
      .optional(),
  }),
]);
export type TcCommand = z.infer<typeof tcCommand>;
export type TcCommandName = TcCommand['do'];
export const tcCommandNames = tcCommand.options.map((option) => option.shape.do.value);

/** A hub asks nothing twice: what was not answered may have been done or not. */
export const commandFrame = z.object({
  type: z.literal('command'),
  commandId: z.string().min(1).max(64),
  command: tcCommand,
});
export type CommandFrame = z.infer<typeof commandFrame>;

/** Base64 of the gzipped lines; a frame has room for little more. */
export const MOST_LOG_CHARACTERS = 12_000;

/** A screenshot comes in parts, none of which keeps other frames waiting. */
export const MOST_PARTS = 48;

/**
 * What came of a command: `accepted` (on the screen, under way: more follows), `done` (for a message: taken note of),
 * `refused` (by the box's settings) or `failed`, with a reason for operators.
 */
export const outcomeFrame = z.object({
  type: z.literal('outcome'),
  epoch: z.int().nonnegative(),
  commandId: z.string().min(1).max(64),
  state: z.enum(['accepted', 'done', 'refused', 'failed']),
  text: z.string().max(300).optional(),
  /** Base64: of `logs` gzip, of `screenshot` a PNG. */
  data: z.string().max(MOST_LOG_CHARACTERS).optional(),
  /** With `accepted`: the data goes on in the next outcome; at most `MOST_PARTS` come before the last. */
  more: z.boolean().optional(),
});
export type OutcomeFrame = z.infer<typeof outcomeFrame>;
