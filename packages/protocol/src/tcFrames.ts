import { z } from 'zod';
import { display, viewerSettings } from './display.ts';
import { activityReport, healthReport, inventoryReport } from './seatReports.ts';
import { commandFrame, outcomeFrame } from './tcCommands.ts';
import { updateReport } from './updates.ts';

/**
 * The frames between an agent on a thin client (TC) and the hub: one JSON object a WebSocket text message.
 *
 *     hub  challenge ─────────────►  TC        a nonce, fresh for each connection
 *     TC   hello ─────────────────►  hub       the TC's key and its signature over the nonce
 *     hub  welcome | pending | rejected ─►     epoch, seat; or "an operator must approve me"
 *     TC   login | resume ────────►  hub
 *     hub  progress* queued* (grant | attached | refused) ─►
 *     TC   viewer* … logoff ──────►  hub       state, never deltas
 *     hub  release ───────────────►  TC        end the viewer: moved, ended, …
 *     TC   replace ───────────────►  hub       "my desktop is broken": answered like a resume, with another one
 *     hub  question ──────────────►  TC        before a login goes on; answered by confirm or cancel
 *     hub  command ───────────────►  TC        an operator wants something of the box; answered by outcomes
 *     hub  warning ───────────────►  TC        the session will be locked or end; or not, after all
 *     TC   activity, health … ────►  hub       each reportEveryMs, while the desktop is on the screen; each other one
 *     TC   inventory ─────────────►  hub       at the beginning, and when it has changed
 *     TC   changePassword ────────►  hub       at the login screen; answered by passwordChanged or refused
 *
 * Unknown fields are dropped, unknown types counted and ignored, a bad frame of a known type closes the socket.
 * What a TC says about itself is never authority: its identity is the key, its seat is what the hub's store says.
 */
const text = (most: number) => z.string().max(most);
const id = text(64).min(1);
/** Chosen by the agent, fresh for each thing asked; asking again with the same one gives the same answer. */
const requestId = text(64).min(8);
const language = z.enum(['zh-CN', 'en']).catch('en');
const epoch = z.int().nonnegative();
const generation = z.int().positive();

/** What the viewer on the seat is doing, as the agent sees it. `ended` carries why. */
export const viewerState = z.enum(['starting', 'connecting', 'connected', 'ended']);
export type ViewerState = z.infer<typeof viewerState>;

/** Why a viewer ended. The agent reads it from the viewer's own lines (field: exit codes say nothing). */
export const viewerEnd = z.enum([
  'closed-by-person',
  'closed-by-desktop',
  'stopped-by-agent',
  'ticket-refused',
  'tls-failed',
  'unreachable',
  'timed-out',
  'link-lost',
  'crashed',
  'no-display',
  'viewer-missing',
]);
export type ViewerEnd = z.infer<typeof viewerEnd>;

const hello = z.object({
  type: z.literal('hello'),
  protocol: z.int(),
  agentVersion: text(32),
  /** Ed25519 public key, SPKI DER in base64. */
  publicKey: text(128),
  /** Over `helloPayload(…)`, base64. */
  signature: text(128),
  /** A one-time enrolment token, the first time only. */
  token: text(128).optional(),
  /** For the operator's list only. */
  machine: z
    .object({ hostName: text(64), model: text(64).optional(), macs: z.array(text(17)).max(8).default([]) })
    .optional(),
});

const login = z.object({
  type: z.literal('login'),
  requestId,
  user: text(256).min(1),
  /**
   * In memory only, on both sides; never logged. Empty is refused before any bind (RFC 4513 5.1.2). The agent forgets
   * it as soon as it is sent: when the connection breaks before the answer, it asks again with the same request id and
   * an empty password, so a request that the hub knows is answered before its password is looked at.
   */
  password: text(1024),
  language,
});

const cancel = z.object({ type: z.literal('cancel'), requestId });

const resume = z.object({
  type: z.literal('resume'),
  requestId,
  sessionId: id,
  secret: text(64),
  generation,
  /** `attach`: my viewer still runs, only the hub was away. `display`: give me a fresh grant for the same desktop. */
  want: z.enum(['attach', 'display']),
  /** The seat tries to come back, and nobody asked for it: a desktop that was switched off is not switched on for that. */
  byItself: z.boolean().optional(),
  language,
});

const viewer = z.object({
  type: z.literal('viewer'),
  epoch,
  sessionId: id,
  generation,
  state: viewerState,
  end: viewerEnd.optional(),
  /** Milliseconds from the viewer's start to this state, where the state is `connected`. */
  tookMs: z.int().nonnegative().max(3_600_000).optional(),
});

/**
 * The person says that the desktop of this grant is broken, and wants another one. Answered as `resume` with `display` is; asked
 * again it takes no second one. Only where the grant said `mayReplace`.
 */
const replace = z.object({
  type: z.literal('replace'),
  requestId,
  sessionId: id,
  secret: text(64),
  generation,
  language,
});

const logoff = z.object({ type: z.literal('logoff'), requestId, sessionId: id, secret: text(64) });

/** A hub that changes passwords says so in its `welcome`. */
export const CHANGE_PASSWORD = 'change-password';

/**
 * Another password for a person, whose present one is tried once with it. Nothing to resume: when the connection breaks
 * before the answer, it is not asked again. Only to a hub with the capability `change-password`.
 */
const changePassword = z.object({
  type: z.literal('changePassword'),
  requestId,
  user: text(256).min(1),
  /** Both in memory only, on both sides; never logged. */
  password: text(1024),
  newPassword: text(1024),
  language,
});

/** Yes to the hub's `question`; no is `cancel`. */
const confirm = z.object({ type: z.literal('confirm'), requestId });

export const fromTc = z.discriminatedUnion('type', [
  hello,
  login,
  cancel,
  resume,
  viewer,
  logoff,
  replace,
  changePassword,
  confirm,
  activityReport,
  healthReport,
  inventoryReport,
  outcomeFrame,
  updateReport,
]);
export type FromTc = z.infer<typeof fromTc>;
export type FromTcType = FromTc['type'];
export type Hello = z.infer<typeof hello>;
export type Login = z.infer<typeof login>;
export type Resume = z.infer<typeof resume>;
export type ViewerReport = z.infer<typeof viewer>;
export type Logoff = z.infer<typeof logoff>;
export type Replace = z.infer<typeof replace>;
export type ChangePassword = z.infer<typeof changePassword>;

const challenge = z.object({
  type: z.literal('challenge'),
  protocol: z.object({ oldest: z.int(), newest: z.int() }),
  hubId: id,
  nonce: text(64).min(32),
});

const seat = z.object({ name: text(64), label: text(64) });
const site = z.object({ name: text(64), title: text(128), timeZone: text(64) });

const welcome = z.object({
  type: z.literal('welcome'),
  tcId: id,
  /** Stands in every report; a report of an older connection is dropped. */
  epoch,
  /** Absent while the TC stands at no seat: people cannot log in, the page says so. */
  seat: seat.optional(),
  site: site.optional(),
  /** Epoch milliseconds at the hub, for the clock on the page. */
  hubTime: z.int(),
  reportEveryMs: z.int().positive(),
  /** `sha256/BASE64` of the public keys (SPKI) to accept at the next connection; the agent keeps them. */
  pins: z.array(text(64)).max(4),
  capabilities: z.array(text(32)).max(32),
});

const pending = z.object({
  type: z.literal('pending'),
  /** What the operator compares and approves. */
  fingerprint: text(64),
  retryAfterMs: z.int().nonnegative(),
});

const rejected = z.object({
  type: z.literal('rejected'),
  code: text(64),
  retryAfterMs: z.int().nonnegative(),
});

/** The steps of a login, in order; each lights up on the page. A step is told once it lasts. */
export const loginStage = z.enum(['directory', 'allocator', 'desktop', 'proof']);
export type LoginStage = z.infer<typeof loginStage>;

const progress = z.object({ type: z.literal('progress'), requestId, stage: loginStage });

const queued = z.object({
  type: z.literal('queued'),
  requestId,
  /** 1 is next. */
  place: z.int().positive(),
  /** From measured boots; absent while there is nothing to measure by. */
  waitMs: z.int().nonnegative().optional(),
});

const grant = z.object({
  type: z.literal('grant'),
  requestId,
  sessionId: id,
  /** Grows with every grant of this session; stands in every report. */
  generation,
  /** Proves this session to the hub after a restart of either side. Memory-backed storage only, mode 0600. */
  resumeSecret: text(64),
  person: z.object({ displayName: text(256), user: text(256) }),
  desktop: z.object({ name: text(255), pool: text(128) }),
  /** How long the desktop waits for its person after the viewer ended; the page counts it down. */
  graceMs: z.int().nonnegative().optional(),
  /** The person may say that this desktop is broken, and gets another one (`replace`). */
  mayReplace: z.boolean().optional(),
  display,
  viewer: viewerSettings.optional(),
  /** Milliseconds of this login, by stage: where a slow one spent its time. */
  tookMs: z.partialRecord(loginStage, z.number().nonnegative()).optional(),
});

const attached = z.object({ type: z.literal('attached'), requestId, sessionId: id, generation });

const fields = z.record(text(64), z.union([text(512), z.number(), z.boolean(), z.null()]));

const refused = z.object({
  type: z.literal('refused'),
  requestId,
  /** A code of the fault catalogue (packages/words): the page has the sentence. */
  code: text(64),
  fields: fields.default({}),
  retryAfterMs: z.int().nonnegative().optional(),
  /** Of a way back that was refused for now: the session goes on, and this is its proof from here on. */
  proof: z.object({ sessionId: id, generation, resumeSecret: text(64) }).optional(),
});

const release = z.object({
  type: z.literal('release'),
  sessionId: id,
  /**
   * A code of the catalogue: moved, logged-off, ended-by-operator, … After `swapped` the session goes on with another desktop: the seat
   * ends its viewer and asks for a display (`resume`).
   */
  code: text(64),
  fields: fields.default({}),
});

const passwordChanged = z.object({ type: z.literal('passwordChanged'), requestId });

/**
 * A login that was let in waits for a word of the person: a code of the catalogue says for what. Without one it is refused
 * after a while; with the connection it is gone, and has to be begun anew.
 */
const question = z.object({
  type: z.literal('question'),
  requestId,
  code: text(64),
  fields: fields.default({}),
});

/** What will happen to a session unless something changes; stands on its screen until the next one. Without a warning it is taken back. */
const warning = z.object({
  type: z.literal('warning'),
  sessionId: id,
  warning: z
    .object({
      /** A code of the catalogue. */
      code: text(64),
      fields: fields.default({}),
      inMs: z.int().nonnegative(),
    })
    .optional(),
});

export const toTc = z.discriminatedUnion('type', [
  challenge,
  welcome,
  pending,
  rejected,
  progress,
  queued,
  grant,
  attached,
  refused,
  release,
  passwordChanged,
  question,
  warning,
  commandFrame,
]);
export type ToTc = z.infer<typeof toTc>;
/** As the hub writes it: fields with a default may be left out. */
export type ToTcInput = z.input<typeof toTc>;
export type Challenge = z.infer<typeof challenge>;
export type Welcome = z.infer<typeof welcome>;
export type Grant = z.infer<typeof grant>;
export type Refused = z.infer<typeof refused>;
export type Warned = z.infer<typeof warning>;

export type Decoded<T> =
  { ok: true; frame: T } | { ok: false; why: 'not-json' | 'unknown-type' | 'bad-frame'; text: string };

const fromTcTypes: ReadonlySet<string> = new Set(fromTc.options.map((o) => o.shape.type.value));
const toTcTypes: ReadonlySet<string> = new Set(toTc.options.map((o) => o.shape.type.value));

/** A text message as a frame. Never throws. */
export const decodeFromTc = (data: string): Decoded<FromTc> => decode(data, fromTcTypes, fromTc);
export const decodeToTc = (data: string): Decoded<ToTc> => decode(data, toTcTypes, toTc);

function decode<T>(data: string, types: ReadonlySet<string>, schema: z.ZodType<T>): Decoded<T> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { ok: false, why: 'not-json', text: 'the message is no JSON' };
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { ok: false, why: 'bad-frame', text: 'the frame has no type' };
  if (!types.has(type)) return { ok: false, why: 'unknown-type', text: type.slice(0, 64) };
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, frame: result.data };
  const issue = result.error.issues[0]!;
  return { ok: false, why: 'bad-frame', text: `${type}.${issue.path.join('.')}: ${issue.message}` };
}

/**
 * What a TC signs to prove its key: bound to this hub, this connection's nonce and (with TLS) this very channel, so
 * that nobody in the middle can pass it on. `channel` is the TLS exporter (RFC 9266, base64), or `plain`.
 */
export function helloPayload(hubId: string, nonce: string, channel: string, protocol: number): string {
  return `anyseat hello\n${protocol}\n${hubId}\n${nonce}\n${channel}\n`;
}

/** Label of the TLS exporter (RFC 9266 `tls-exporter`), 32 bytes. */
export const CHANNEL_LABEL = 'EXPORTER-Channel-Binding';
export const CHANNEL_BYTES = 32;
