import type { LoginStage, ViewerEnd } from '@anyseat/protocol';

/** A session as this seat holds it. Its secret never leaves the agent but to the hub. */
export interface HeldSession {
  id: string;
  /** Of the last grant or attachment; stands in every report. */
  generation: number;
  secret: string;
  person: { displayName: string; user: string };
  desktop: { name: string; pool: string };
  /** How long the hub keeps the desktop after the viewer ended; unknown when it did not say. */
  graceMs?: number | undefined;
  /** Its person may say that it is broken, and gets another one. */
  mayReplace?: boolean | undefined;
}

/** Something to tell the person: a code of the catalogue with its fields. */
export interface Notice {
  code: string;
  fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** A question to the hub that has no answer yet. */
export interface Ask {
  /** The same for every time it is asked, until it is answered or given up. */
  requestId: string;
  user: string;
  /** Whether the hub can have heard it. A password is sent once; asked again, the question goes without it. */
  sent: boolean;
  /** It was sent on an earlier connection already. */
  again?: boolean | undefined;
  /** When it is given up for want of a hub, monotonic ms; absent while the hub is there. */
  giveUpAt?: number | undefined;
  /** For the way back to a desktop: the state that it set out from, and falls back to. */
  from?: OnDesktop | ViewerEnded | undefined;
  /** The seat asks by itself, without a person's doing. */
  byItself?: true | undefined;
  /** Not back to the same desktop, but to another: the person wants it so (`asked`), or the hub (`told`). */
  replaces?: 'asked' | 'told' | undefined;
}

/** The form is shown; nobody is logged in. `notice` says why it is shown again. */
export interface LoggedOut {
  kind: 'login';
  notice?: Notice | undefined;
  /** A session whose grace ended here, for the hub, which may not have heard of it. */
  left?: { sessionId: string; generation: number; end: ViewerEnd } | undefined;
}

/** The form for another password is shown, because the present one must be changed (`notice`), or on wish. */
export interface NewPassword {
  kind: 'newPassword';
  user: string;
  notice?: Notice | undefined;
}

/** The hub was asked to change a password. It is asked once: with the connection goes the answer. */
export interface ChangingPassword {
  kind: 'changingPassword';
  requestId: string;
  user: string;
  /** When it is given up, monotonic ms. */
  giveUpAt: number;
}

/** Asked for a desktop. `hub` is before any answer; the other stages are the hub's. */
export interface LoggingIn {
  kind: 'loggingIn';
  ask: Ask;
  stage: 'hub' | LoginStage;
}

/** The login was let in, and the hub wants a word of the person before it goes on. Without a connection it is gone. */
export interface Questioned {
  kind: 'questioned';
  ask: Ask;
  /** What is asked. */
  question: Notice;
}

/** Waiting for a desktop to become ready. */
export interface Queued {
  kind: 'queued';
  ask: Ask;
  /** 1 is next. */
  place: number;
  /** Epoch ms, by the hub's measured boots. */
  waitUntil?: number | undefined;
}

/** Granted; the viewer is on its way. `run` names this run of the viewer. */
export interface Starting {
  kind: 'starting';
  session: HeldSession;
  run: string;
  phase: 'starting' | 'connecting';
  /** It came back by itself so many times since the picture last stayed, the last time from this end. */
  tries?: number | undefined;
  lastEnd?: ViewerEnd | undefined;
}

/** The viewer has the picture. */
export interface OnDesktop {
  kind: 'onDesktop';
  /** False: asked whether they mean it that their desktop is broken. */
  isSure?: false | undefined;
  session: HeldSession;
  run: string;
  /** Epoch ms. */
  since: number;
  /** The same, monotonic ms. */
  openedAt: number;
  /** From the viewer's start to the picture. */
  tookMs: number;
  /** It came back by itself so many times since the picture last stayed. */
  tries?: number | undefined;
  notice?: Notice | undefined;
  /** What the hub is about to do to it. */
  warning?: Warning | undefined;
}

/** Something that will happen to the session, unless the hub takes it back. */
export interface Warning extends Notice {
  /** When: monotonic ms, and epoch ms for the page. */
  at: number;
  until: number;
  /** The page stands above the desktop to say it. */
  isAbove: boolean;
  /** When that changes by itself, monotonic ms. */
  turnsAt?: number | undefined;
}

/** The seat's own way back. */
export interface Retry {
  /** So many were made since the picture last stayed. */
  tries: number;
  /** When the next is due: monotonic ms, and epoch ms for the page. */
  at: number;
  until: number;
}

/**
 * The picture is gone, the session is not: the hub keeps the desktop until `keptUntil` (epoch ms; unknown when absent). The seat
 * comes back to it by itself (`retry`), or waits for its person; once the grace is over they log in again.
 */
export interface ViewerEnded {
  kind: 'viewerEnded';
  /** False: asked whether they mean it that their desktop is broken. */
  isSure?: false | undefined;
  session: HeldSession;
  end: ViewerEnd;
  keptUntil?: number | undefined;
  /** The same, monotonic ms. */
  overAt?: number | undefined;
  retry?: Retry | undefined;
  /** Why the way back did not work. */
  notice?: Notice | undefined;
}

/**
 * What the person at this seat is doing.
 *
 *     login ──► loggingIn ⇄ queued ──► starting ──► onDesktop ──► viewerEnded ── grace over ──► login
 *       ▲           │                                   │             │
 *       ├───────────┴── refused, cancelled,             └── way back ─┴──► loggingIn (ask.from) ──► starting
 *       │               released, logged off                 (its person's wish, or by itself)
 *       └──► newPassword ⇄ changingPassword ──► login
 *
 * From `loggingIn` the hub may put a question (`questioned`), and the answer leads back there.
 *
 * The connection to the hub is not in here (`LinkState`): with the hub away, somebody who works keeps working, and
 * somebody who asked keeps waiting.
 */
export type SessionState =
  | LoggedOut
  | NewPassword
  | ChangingPassword
  | LoggingIn
  | Questioned
  | Queued
  | Starting
  | OnDesktop
  | ViewerEnded;

/** The session that this seat holds, whatever it is doing with it. */
export function sessionOf(state: SessionState): HeldSession | undefined {
  switch (state.kind) {
    case 'login':
    case 'newPassword':
    case 'changingPassword':
      return undefined;
    case 'loggingIn':
    case 'questioned':
    case 'queued':
      return state.ask.from?.session;
    case 'starting':
    case 'onDesktop':
    case 'viewerEnded':
      return state.session;
    default:
      return state satisfies never;
  }
}

/** The run of the viewer that ought to be there; any other is to be stopped. */
export function runOf(state: SessionState): string | undefined {
  if (state.kind === 'starting' || state.kind === 'onDesktop') return state.run;
  const from = askOf(state)?.from;
  return from?.kind === 'onDesktop' ? from.run : undefined;
}

export function askOf(state: SessionState): Ask | undefined {
  return state.kind === 'loggingIn' || state.kind === 'questioned' || state.kind === 'queued'
    ? state.ask
    : undefined;
}
