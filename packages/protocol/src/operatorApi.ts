import { z } from 'zod';
import { resourceKinds, resourceName, seatSpec, type ResourceKind } from './resources.ts';
import type { HealthReport, InventoryReport } from './seatReports.ts';

/**
 * The operators' API: JSON over HTTP, on the hub's Unix socket. Answers are plain data (the interfaces below); what is
 * asked is checked against the schemas. Everything that fails answers `ApiFailure` with a fitting status.
 */
export const API_PREFIX = '/api/v1';

/** What goes wrong, for programs (`code`) and for people (`message`; one line each in `problems`). */
export interface ApiFailure {
  error: {
    code: string;
    message: string;
    problems?: { where: string; path: string; text: string }[];
    /** For the sentence of the code, where the catalogue of words has one. */
    fields?: Readonly<Record<string, string | number | boolean>>;
  };
}

export const applyRequest = z.strictObject({
  /** YAML or JSON text. */
  text: z.string().max(8 * 1024 * 1024),
  /** For the messages. */
  file: z.string().max(4096).default('standard input'),
  /** Delete what the store has and the file does not name. */
  prune: z.boolean().default(false),
  /** Say what would change, and change nothing. */
  dryRun: z.boolean().default(false),
  /** What the writer saw: another revision by now, and nothing is changed. 0: there was none of that name. */
  seen: z
    .array(z.strictObject({ kind: z.enum(resourceKinds), name: resourceName, revision: z.int().min(0) }))
    .max(1000)
    .default([]),
});
export type ApplyRequest = z.input<typeof applyRequest>;

export interface ResourceDiff {
  kind: string;
  name: string;
  action: 'create' | 'change' | 'delete';
  /** `floor: 3 → 5`, one a line. */
  lines: string[];
  /** The revision that it takes the place of; 0: there is none. */
  was: number;
}

export interface ApplyAnswer {
  changes: ResourceDiff[];
  unchanged: number;
  applied: boolean;
  /** No errors, but most likely slips: clauses that nobody can meet as things stand. */
  notes?: { where: string; path: string; text: string }[];
}

export const explainRequest = z.strictObject({
  user: z.string().min(1).max(256),
  seat: resourceName,
  /** What the clock on the wall of the site is to show: `2026-11-24 22:30`; now, if it is not given. */
  at: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/, 'a time at the site, such as 2026-11-24 22:30')
    .optional(),
});

export interface ExplainedClause {
  clause: string;
  holds: boolean;
  wanted: string;
  saw: string;
  parts?: ExplainedClause[];
}

/** A person as the directory gives them. */
export interface ExplainedPerson {
  id: string;
  user: string;
  displayName: string;
  dn: string;
  groups: string[];
  attributes: Record<string, string[]>;
}

export interface ExplainedAllocator {
  allocator: string;
  priority: number;
  isDefault: boolean;
  matches: boolean;
  clauses: ExplainedClause[];
}

export interface ExplainAnswer {
  seat: { name: string; site: string; tags: Record<string, string> };
  /** By the clock on the wall of the site: `tue 2026-11-24 22:30`. */
  time: string;
  person: ExplainedPerson;
  allocators: ExplainedAllocator[];
  chosen: string | undefined;
  /** Where the allocator lets people have several: how many they have at once, and may have. */
  sessions?: { has: number; most: number };
  /** How long a session may last, and how long its desktop waits, a sentence each, where the allocator says so. */
  limits?: string[];
  /** The desktop that a login now would get, and why that one. */
  desktop:
    | { because: 'session' | 'binding' | 'ready'; desktop: DesktopView }
    | { because: 'queue'; place: number }
    /** They work at another seat, and their allocator lets them move only when they say so (`asks`), or not at all. */
    | { because: 'elsewhere'; seat: string; asks: boolean }
    | undefined;
}

/** Why a login went as it did: what was seen then, by the rules as they stood then. */
export interface WhyAnswer {
  session: { id: string; state: string; user: string; seat: string };
  /** Epoch ms. */
  at: number;
  /** The last change of the resources before the login. */
  change: number;
  seat: ExplainAnswer['seat'];
  time: string;
  person: ExplainedPerson;
  allocators: ExplainedAllocator[];
  chosen: string | undefined;
  pools: string[];
  /** How the first desktop was come by: from the ready ones, the bound one, the queue; or the bound one was not usable. */
  outcome: 'new' | 'bound' | 'queue' | 'unusable';
  /** The desktop that the session has, or had last. */
  desktop?: DesktopView;
  end?: string;
}

export const writtenQuery = z.object({
  kind: z.enum(resourceKinds),
  name: resourceName.optional(),
});
/** A resource as it stands; only the schema where none was named. */
export interface WrittenAnswer {
  kind: ResourceKind;
  /** JSON Schema of the specification. */
  schema: unknown;
  name?: string;
  /** YAML that `apply` takes. */
  text?: string;
  spec?: unknown;
  revision?: number;
  author?: string;
  changedAt?: number;
}

export const writtenRequest = z.strictObject({ text: z.string().max(8 * 1024 * 1024) });
export interface ReadAnswer {
  resources: { kind: ResourceKind; name: string; spec: unknown; text: string }[];
}

export const whatifRequest = z.strictObject({
  text: z.string().max(8 * 1024 * 1024),
  file: z.string().max(4096).default('standard input'),
  prune: z.boolean().default(false),
  /** Logins of the last days. */
  days: z.number().min(0.01).max(366).default(14),
});

/** People who would get something else, by what they get and what they would get. */
export interface WhatifChange {
  from: string;
  to: string;
  logins: number;
  people: number;
  /** Their last logins, the newest first; the first 200. */
  who: { user: string; displayName: string; seat: string; at: number; session: string }[];
}

export interface WhatifAnswer {
  days: number;
  logins: number;
  people: number;
  /** Logins that would come to something else. */
  changed: number;
  changes: WhatifChange[];
}

export const historyQuery = z.object({
  kind: z.enum(resourceKinds).optional(),
  name: resourceName.optional(),
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
});

/** Everything that one apply changed. */
export interface ChangeView {
  number: number;
  at: number;
  author: string;
  resources: { kind: string; name: string; revision: number; deleted: boolean }[];
}

/** One revision of a resource, with what it changed of the one before. */
export interface RevisionView {
  revision: number;
  at: number;
  author: string;
  deleted: boolean;
  lines: string[];
}

/** Of everything (`changes`), or of one resource (`revisions`). Newest first. */
export interface HistoryAnswer {
  changes?: ChangeView[];
  revisions?: RevisionView[];
}

export const revertRequest = z.union([
  z.strictObject({ change: z.int().min(0), dryRun: z.boolean().default(false) }),
  z.strictObject({
    kind: z.enum(resourceKinds),
    name: resourceName,
    revision: z.int().min(1),
    /** The revision that stands, as the asker saw it: another one by now, and nothing is changed. */
    seen: z.int().min(0).optional(),
    dryRun: z.boolean().default(false),
  }),
]);

/** A table with the columns kind, of, desktop. */
export const importBindingsRequest = z.strictObject({
  text: z.string().max(8 * 1024 * 1024),
  file: z.string().max(4096).default('standard input'),
  dryRun: z.boolean().default(false),
});
export interface ImportBindingsAnswer {
  bindings: number;
  applied: boolean;
}
export const expireBindingsRequest = z.strictObject({ dryRun: z.boolean().default(false) });
export interface ExpireBindingsAnswer {
  /** Those that are due; ended, if `applied`. */
  bindings: { kind: string; key: string; desktop: string; usedAt: number }[];
  applied: boolean;
}
export const endBindingRequest = z.strictObject({});
export const rebindRequest = z.strictObject({
  kind: z.enum(['user', 'seat', 'tc']),
  /** A login name, a seat, or a TC's fingerprint. */
  of: z.string().min(1).max(256),
  /** Whoever gets it may see what somebody left there. */
  withItsData: z.boolean().default(false),
});
export const moveBindingRequest = z.strictObject({ pool: resourceName });

export const peopleQuery = z.object({
  /** Whoever touched nothing for so long is idle. */
  activeMinutes: z.coerce.number().int().min(1).max(120).default(5),
});
/** So many people. Logged in and neither active nor idle: nobody knows, or the picture is not on the screen. */
export interface PeopleSums {
  expected: number;
  loggedIn: number;
  active: number;
  idle: number;
  missing: number;
}
/** A site with fewer people than the roster or the past says, and what it looks like. */
export interface BehindView {
  /** Every site that anybody is expected at. */
  all: boolean;
  sites: {
    site: string;
    by: 'roster' | 'past';
    expected: number;
    missing: number;
    cause: 'network' | 'directory' | 'unknown';
    tcs: number;
    offline: number;
  }[];
}
export interface PeopleAnswer {
  at: number;
  activeMinutes: number;
  /** Rosters that have a table. */
  rosters: number;
  all: PeopleSums;
  /** `usual`: logged in at this hour of the same weekday, the middle of the past weeks. */
  sites: ({ site: string; title: string; timeZone: string; usual?: number } & PeopleSums)[];
  /** An empty name: of nobody knows which. */
  departments: ({ site: string; department: string } & PeopleSums)[];
  /** An empty name: expected, and no allocator serves them. */
  allocators: ({ allocator: string } & PeopleSums)[];
  behind: BehindView;
  /** By name; the first 200. `since`: the beginning of their shift. */
  missing: { user: string; site: string; department: string; since: number }[];
  missingNamed: number;
}

export const peopleDayQuery = z.object({
  date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .refine((date) => !Number.isNaN(Date.parse(`${date}T00:00:00Z`)), 'no day of the calendar')
    .optional(),
  site: resourceName.optional(),
  department: z.string().max(256).optional(),
  allocator: z.string().max(64).optional(),
});
/** A day by the clock of the site, or of the first one; a value for each moment, a quarter of an hour apart. */
export interface PeopleDayAnswer {
  date: string;
  timeZone: string;
  moments: number[];
  expected: number[];
  /** null: nobody counted then. */
  loggedIn: (number | null)[];
  active: (number | null)[];
  /** Logged in on the same weekday, the middle of the past weeks. */
  usual: (number | null)[];
}

/** A table of shifts: gzip of the CSV, in base64. */
export const importRosterRequest = z.strictObject({
  packed: z.base64().max(12 * 1024 * 1024),
  file: z.string().max(4096).default('standard input'),
  dryRun: z.boolean().default(false),
});
export interface ImportRosterAnswer {
  roster: string;
  rows: number;
  people: number;
  firstDay?: string;
  lastDay?: string;
  /** Rows that are new, gone, as before, and with other heads than before. */
  added: number;
  gone: number;
  same: number;
  changed: number;
  /** The first 200 of them, each with `+`, `-` or `~` before it. */
  lines: string[];
  /** There was no roster of that name. */
  isNew: boolean;
  applied: boolean;
}
/** The table of a roster: gzip of the CSV in base64, or plain where it stands in the specification. */
export interface RosterSheetAnswer {
  packed?: string;
  text?: string;
}

/** Running sessions that the rules as they are now would serve otherwise are to end. */
export const rejudgeRequest = z.strictObject({
  /** Say which, and end none. */
  dryRun: z.boolean().default(false),
  /** So many at once: all of them log in anew. */
  most: z.int().min(1).max(1000).default(20),
});
export interface RejudgeAnswer {
  /** How many there are in all. */
  otherwise: number;
  /** Those that are ended, or would be, with what they have and what they would get. */
  sessions: { id: string; user: string; seat: string; from: string; to: string }[];
  ended: number;
}

/** A desktop is to be taken for broken. */
export const swapRequest = z.strictObject({
  /** A login name, a seat, or a desktop; `user/`, `seat/` or `desktop/` before it where that is not clear. */
  of: z.string().min(1).max(256),
  reason: z.string().trim().min(1).max(256).default('an operator swapped it'),
  /** Say what it would come to, and change nothing. */
  dryRun: z.boolean().default(false),
  /** As the trial said it: when somebody else is on it by now, nothing is changed. */
  expect: z.strictObject({ desktop: z.string().max(64), session: z.string().max(64).optional() }).optional(),
});
/** What a swap comes to, or came to. */
export interface SwapAnswer {
  applied: boolean;
  desktop: DesktopView;
  user?: string;
  seat?: string;
  session?: string;
  /** Whose the desktop is, if it belongs to somebody. */
  boundTo?: { kind: string; key: string };
  /** What they have instead; absent while they wait. */
  to?: string;
  /** The consequences, a sentence each. */
  text: string[];
}
/** What a desktop wrote on its serial console. */
export interface ConsoleLogAnswer {
  desktop: string;
  /** When it was kept, epoch ms; absent: as the cloud has it now. */
  keptAt?: number;
  text: string;
}

export const approveRequest = z.strictObject({ seat: resourceName.optional() });
export const placeRequest = z.strictObject({ seat: resourceName.nullable() });
/** Tags to add or change; null takes one away. */
export const tagRequest = z.strictObject({
  tags: z.record(z.string().min(1).max(64), z.string().max(256).nullable()),
});
export const tokenRequest = z.strictObject({
  seat: resourceName.optional(),
  hours: z.number().min(0.01).max(24).default(24),
});
export interface TokenAnswer {
  token: string;
  /** `sha256/…` of the hub's key, to be written into agent.yaml beside the token. */
  pins: string[];
  expiresAt: number;
}

/** A file of the hub's machine; the hub has another current directory than who asks. */
export const fileRequest = z.strictObject({
  file: z.string().max(4096).startsWith('/', 'a path from the root'),
});
export interface FileAnswer {
  file: string;
  bytes: number;
  text: string;
}

export const auditQuery = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(50),
  before: z.coerce.number().int().optional(),
  subject: z.string().max(256).optional(),
  verify: z.stringbool().default(false),
});
export interface AuditView {
  seq: number;
  at: number;
  actor: string;
  act: string;
  subject: string;
  details: Record<string, unknown>;
}
export interface AuditAnswer {
  rows: AuditView[];
  verified?: { rows: number; brokenAt?: number };
}

export interface SiteView {
  name: string;
  title: string;
  timeZone: string;
  seats: number;
  online: number;
  sessions: number;
}
export interface SeatView {
  name: string;
  site: string;
  label: string;
  tags: Record<string, string>;
  tc?: string;
  online: boolean;
  user?: string;
  session?: string;
  input?: InputView;
}
/** What the person at a seat does, as it said last: counts, never which key. Absent where it has said nothing for a minute. */
export interface InputView {
  /** Since anything was touched. */
  idleMs: number;
  /** The interval of the counts. */
  overMs: number;
  keys: number;
  clicks: number;
  wheel: number;
  moves: number;
}
export interface TcView {
  id: string;
  fingerprint: string;
  state: string;
  online: boolean;
  seat?: string;
  hostName: string;
  /** What operators say of it. */
  tags?: Record<string, string>;
  model?: string;
  agentVersion: string;
  address: string;
  lastSeenAt: number;
  /** What is wrong with it, each in a few words; empty: nothing that it tells of. Absent where it has not said how it is. */
  troubles?: string[];
  /** How it is, as it said last. */
  health?: Omit<HealthReport, 'type' | 'epoch'>;
  /** What it is made of, as it says itself. */
  inventory?: Omit<InventoryReport, 'type' | 'epoch'>;
}
export interface PoolView {
  name: string;
  title: string;
  cloud: string;
  revision: number;
  floor: number;
  ceiling: number;
  ready: number;
  onTheirWay: number;
  inUse: number;
  broken: number;
  /** Desktops by state. */
  states: Record<string, number>;
  waiting: number;
  /** Why nobody is given a desktop and none is made. */
  closed?: string;
  /** Median of the last boots, from the order to the proof. */
  bootMs?: number;
  /** What the pool is doing and what happens next, in a sentence. */
  words: string;
}
export interface AllocatorView {
  name: string;
  title: string;
  priority: number;
  default: boolean;
  pools: string[];
  sitePools?: Record<string, string[]>;
  binding: string;
  match?: unknown;
}
export interface DesktopView {
  id: string;
  number: number;
  pool: string;
  state: string;
  since: number;
  server?: string;
  serverId?: string;
  host?: string;
  endpoint?: string;
  user?: string;
  session?: string;
  fault?: string;
  /** What becomes of it, and when: in lists. */
  next?: string;
  /** Epoch ms of a restore: who has it is as it stood in the backup, and no seat has shown since that it is so. */
  unconfirmedSince?: number;
}
export interface SessionView {
  id: string;
  state: string;
  since: number;
  user: string;
  displayName: string;
  seat: string;
  site: string;
  desktop?: string;
  allocator: string;
  generation: number;
  startedAt: number;
  online: boolean;
  viewer?: string;
  end?: string;
  stages: Record<string, number>;
  /** What becomes of it, and when, its limits among that; absent where it goes on until its person ends it. In lists. */
  next?: string;
  input?: InputView;
  /** As of its desktop. */
  unconfirmedSince?: number;
}
export interface BindingView {
  kind: string;
  key: string;
  pool: string;
  desktop: string;
  createdAt: number;
  by: string;
}

/** A desktop that was taken for broken, and what its person has instead. */
export interface SwapView {
  at: number;
  desktop: string;
  pool: string;
  /** `operator`, `person`, `rule` or `drain`. */
  origin: string;
  by: string;
  reason: string;
  user?: string;
  seat?: string;
  session?: string;
  to?: string;
  /** Milliseconds until another desktop was theirs, and until its picture was there. */
  claimedMs?: number;
  tookMs?: number;
}

/** A compute host, as far as anything of ours is or was there. */
export interface HostView {
  name: string;
  cloud: string;
  /** `up`, `down`, `disabled`; `unknown` where the credentials are not told. */
  state: string;
  /** Why it is disabled. */
  reason?: string;
  /** Ours, those in use among them. */
  desktops: number;
  inUse: number;
  /** Boots now, and how many may at once, as learnt. */
  booting: number;
  allowed: number;
  /** What it has and has promised to servers, by Placement; absent where that is not told. */
  memoryMb?: PromisedView;
  cpus?: PromisedView;
  /** What is done with it, who is left there, and what happens next; empty where it is like any other. */
  words: string;
  /** While operators want it empty. */
  drain?: DrainView;
}
/** How much a host has of something, how much is promised, and how many times what it has may be. */
export interface PromisedView {
  has: number;
  promised: number;
  ratio: number;
}
/** A host that is drained: how many desktops are there for which reason. */
export interface DrainView {
  /** Epoch ms. */
  at: number;
  by: string;
  reason: string;
  /** Whether people at work, and what belongs to somebody, are moved. */
  people: boolean;
  bound: boolean;
  left: Record<'goes' | 'at-log-off' | 'moves' | 'seat-first' | 'belongs' | 'kept', number>;
}
/** Something is not as it should be, and lasted; or was so in the last week. */
export interface AlertView {
  id: string;
  /** Of the catalogue. */
  code: string;
  severity: 'info' | 'warning' | 'error';
  /** `resolved`: it is over. */
  state: 'open' | 'acknowledged' | 'silenced' | 'resolved';
  /** A path: `site/nantong`, `host/default/cn-17`; `hub` is the hub itself. */
  about: string;
  /** What it says, and what to do about it; in English. `fields` is for the same in other languages. */
  text: string;
  next: string;
  fields: Record<string, string | number>;
  openedAt: number;
  acknowledgedAt?: number;
  acknowledgedBy?: string;
  /** Nobody is told of it, nor of the next of its kind, until then. */
  silencedUntil?: number;
  silencedBy?: string;
  silenceReason?: string;
  resolvedAt?: number;
}
/** What does not come right by itself. */
export interface ProblemView {
  kind: string;
  cloud: string;
  what: string;
  since: number;
  tries: number;
  /** The cloud's words where it gave any. */
  text: string;
  /** What happens next, and what an operator can do. */
  next: string;
}

/** A shift plan, and what it comes to today. */
export interface RosterView {
  name: string;
  title: string;
  /** Where its table is from; `nowhere`: none was imported yet. */
  source: 'written' | 'imported' | 'url' | 'nowhere';
  rows: number;
  /** Different people by name in it. */
  people: number;
  /** Of the table in force, epoch ms, and who brought it. */
  since?: number;
  by?: string;
  /** The days that its rows with dates cover, `2026-11-24`. */
  firstDay?: string;
  lastDay?: string;
  /** Expected now, and of the next 24 hours how many come, and how many of them no allocator serves. */
  expected: number;
  coming: number;
  nowhere: number;
  /** Whom nobody serves, the most first; the first twenty. */
  nowhereWho: { site: string; department: string; person?: string; heads: number; why: string }[];
  /** When it was pulled, or its pulling failed, last; the table before stays in force. */
  pulledAt?: number;
  failure?: string;
  failedAt?: number;
}

export interface ViewOf {
  rosters: RosterView;
  sites: SiteView;
  seats: SeatView;
  tcs: TcView;
  pools: PoolView;
  allocators: AllocatorView;
  desktops: DesktopView;
  sessions: SessionView;
  bindings: BindingView;
  hosts: HostView;
  swaps: SwapView;
  problems: ProblemView;
  alerts: AlertView;
}
export const viewKinds = [
  'sites',
  'seats',
  'tcs',
  'pools',
  'allocators',
  'rosters',
  'desktops',
  'sessions',
  'bindings',
  'hosts',
  'problems',
  'swaps',
  'alerts',
] as const;
export type ViewKind = (typeof viewKinds)[number];

/** Takes a host out of the cloud's choice, with the reason that Nova shows, and its desktops off it. */
export const drainRequest = z.strictObject({
  cloud: resourceName.default('default'),
  reason: z.string().min(1).max(200),
  /** People at work are warned, and taken to other desktops a few at a time; else they leave when they log off. */
  movePeople: z.boolean().default(false),
  /** What belongs to somebody is replaced as well: what is on it stays behind. */
  moveBound: z.boolean().default(false),
  /** Say what it would come to, and change nothing. */
  dryRun: z.boolean().default(false),
});
export interface DrainAnswer {
  applied: boolean;
  /** How many people would be taken off their desktops, and how many desktops that belong to somebody replaced. */
  people: number;
  bound: number;
  text: string;
}
export const resumeRequest = z.strictObject({ cloud: resourceName.default('default') });
/** As in a seat's specification. */
export const labelRequest = z.strictObject({ label: seatSpec.shape.label });
export const closeRequest = z.strictObject({ reason: z.string().min(1).max(256) });
export const acceptRequest = z.strictObject({
  kind: z.enum(['vanished', 'strays-many']),
  cloud: resourceName.default('default'),
});
export const messageRequest = z.strictObject({
  text: z.string().trim().min(1).max(1000),
  /** For somebody to take note of it; 0: only for it to be on the screen. */
  waitSeconds: z.number().min(0).max(50).default(0),
});
export const powerRequest = z.strictObject({
  do: z.enum(['restartAgent', 'reboot', 'shutDown']),
  /** With somebody logged in, too. */
  anyway: z.boolean().default(false),
});
export const logsRequest = z.strictObject({ lines: z.int().min(1).max(5000).default(1000) });
export const screenshotRequest = z.strictObject({});
export interface ScreenshotAnswer {
  /** PNG, in base64. */
  png: string;
}
export interface LogsAnswer {
  text: string;
}
/** Nobody is told for so long; 0 ends it. */
export const silenceRequest = z.strictObject({
  hours: z
    .number()
    .min(0)
    .max(24 * 90),
  reason: z.string().trim().max(256).default(''),
});
export const acknowledgeRequest = z.strictObject({});
/** What came of a letter that tells of nothing, by each channel of hub.yaml. */
export interface AlertTestAnswer {
  channels: {
    channel: string;
    kind: 'webhook' | 'email' | 'syslog';
    to: string;
    ok: boolean;
    /** Why it was not sent. */
    text: string;
    tookMs: number;
  }[];
  text: string;
}
export const lockRequest = z.strictObject({});
/** What an act came to, in a sentence. */
export interface ActAnswer {
  text: string;
}

export interface Warning {
  code: string;
  severity: 'info' | 'warning' | 'error';
  text: string;
}

export interface StatusAnswer {
  version: string;
  installation: string;
  hub: { id: string; name: string; run: number; startedAt: number; upMs: number };
  store: { ok: boolean; text: string };
  directories: { name: string; ok: boolean; text: string }[];
  clouds: { name: string; ok: boolean; text: string }[];
  seats: number;
  tcs: { online: number; enrolled: number; pending: number };
  sessions: Record<string, number>;
  waiting: number;
  pools: PoolView[];
  warnings: Warning[];
}

/** What operators may do; each may do what the ones before it may. */
export const operatorRoles = ['view', 'help', 'operate', 'administer'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** A link into the console, good once. */
export const linkRequest = z.strictObject({
  /** Who will use it: the name that the audit log keeps. */
  name: z.string().trim().min(1).max(64).default('operator'),
  role: z.enum(operatorRoles).default('administer'),
  minutes: z.number().min(1).max(1440).default(10),
});
export interface LinkAnswer {
  url: string;
  /** Epoch ms. */
  expiresAt: number;
}
/** The code of such a link, for a session of the browser. */
export const enterRequest = z.strictObject({ code: z.string().min(1).max(128) });

/** What somebody may do: whatever wants this role or one before it, at these sites; absent: at all. */
export interface OperatorRight {
  role: OperatorRole;
  sites?: readonly string[];
}

/** A name and a password of a directory, for a session of the browser. */
export const passwordRequest = z.strictObject({
  user: z.string().trim().min(1).max(256),
  password: z.string().min(1).max(1024),
});
/** How this console is come by. */
export interface DoorAnswer {
  hub: string;
  /** Whether people come in by their own passwords, besides links. */
  password: boolean;
}

/** Who asks, and what the hub lets them do. */
export interface WhoAnswer {
  name: string;
  /** The highest that they have at any site. */
  role: OperatorRole;
  rights: readonly OperatorRight[];
  /** Everything that they may do at some site. */
  may: OperatorRole[];
  hub: string;
  version: string;
  /** When they have to come by a new link, epoch ms; not on the socket. */
  endsAt?: number;
}

/** A browser that is in. */
export interface ConsoleSessionView {
  id: string;
  name: string;
  rights: readonly OperatorRight[];
  since: number;
  usedAt: number;
  endsAt: number;
}

/**
 * How a seat is, in one word:
 * `bare` no thin client stands there · `off` it is not connected · `free` nobody is logged in · `waiting` in the queue ·
 * `opening` a desktop is on its way to the screen · `working` the picture is there · `idle` the same, and nothing was touched for
 * five minutes · `away` the viewer was closed, the desktop waits for its person · `silent` somebody is logged in and the seat says nothing · `fault` the viewer or the desktop
 * failed under somebody.
 */
export const seatStates = [
  'bare',
  'off',
  'free',
  'waiting',
  'opening',
  'working',
  'idle',
  'away',
  'silent',
  'fault',
] as const;
export type SeatState = (typeof seatStates)[number];

/** A seat on the map: short, because there are ten thousand. */
export interface FloorSeat {
  name: string;
  site: string;
  label: string;
  /** Which part of the site: the seat's tag `floor` or `room`. */
  room?: string;
  row?: number;
  column?: number;
  state: SeatState;
  /** Since when, epoch ms, where the hub knows it. */
  since?: number;
  user?: string;
  displayName?: string;
  session?: string;
  desktop?: string;
  /** Where the thin client came from. */
  address?: string;
  tc?: string;
}

export const floorQuery = z.object({ since: z.string().max(64).optional() });
/** All seats, or those that changed since the answer with that mark. */
export interface FloorAnswer {
  /** To be given as `since` the next time. */
  mark: string;
  /** All of them: forget what you had. */
  whole: boolean;
  sites: { name: string; title: string; timeZone: string }[];
  seats: FloorSeat[];
}

/** Everything about one seat. */
export interface SeatAnswer {
  seat: FloorSeat;
  tags: Record<string, string>;
  tc?: TcView;
  session?: SessionView;
  desktop?: DesktopView;
  bindings: BindingView[];
  /** The last sessions here that are over, newest first. */
  past: SessionView[];
}

/** Something of these kinds is not as it was: whoever shows it looks again. Missing one costs a delay, nothing else. */
export const hintKinds = ['resources', 'tcs', 'sessions', 'desktops', 'audit', 'alerts'] as const;
export type HintKind = (typeof hintKinds)[number];
export interface Hint {
  kinds: HintKind[];
}
