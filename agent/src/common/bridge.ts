import type { LoginStage, ViewerEnd } from '@anyseat/protocol';
import type { Language } from '@anyseat/words';
import type { Notice } from './sessionState.ts';

/**
 * The contract between the agent and the page that shows it: the agent pushes the whole state of the page at every
 * change, the page sends what the person wants. The page decides nothing and holds nothing, so it may be closed,
 * reloaded or killed at any time. Shells differ only in how the two are carried (a WebSocket on loopback, Electron's IPC).
 */
export interface PageState {
  language: Language;
  hub: {
    phase: 'connecting' | 'online' | 'offline';
    /** Epoch ms since when it is not online; absent while it is. */
    awaySince?: number | undefined;
  };
  /** Where this box stands, as the hub said last; known from an earlier day while the hub is away. */
  place: {
    site?: { title: string; timeZone: string } | undefined;
    seat?: string | undefined;
  };
  /** Add to the box's own clock for the hub's time, ms. */
  clockOffsetMs: number;
  /** For whoever calls the help desk. */
  box: { fingerprint: string; hostName: string; version: string; address?: string | undefined };
  screen: Screen;
  /** Of an operator, above the screen until somebody has taken note of it. */
  message?: { id: string; text: string; asks?: 'screenshot' | undefined } | undefined;
  /** Somebody at work asked for this page, above their desktop. */
  menu?: boolean | undefined;
}

/** What the page shows. Times are epoch ms of the box's clock. */
export type Screen =
  | {
      kind: 'login';
      notice?: Notice | undefined;
      /** The hub takes new passwords. */
      mayChangePassword?: boolean | undefined;
    }
  | { kind: 'newPassword'; user: string; notice?: Notice | undefined }
  | { kind: 'changingPassword'; user: string }
  | { kind: 'approval'; fingerprint: string }
  | { kind: 'noSeat' }
  | { kind: 'rejected'; code: string }
  | {
      kind: 'loggingIn';
      user: string;
      stage: 'hub' | LoginStage;
      returning: boolean;
      /** To another desktop than before. */
      replacing?: boolean | undefined;
    }
  | { kind: 'questioned'; user: string; question: Notice }
  | { kind: 'queued'; user: string; place: number; waitUntil?: number | undefined }
  | {
      kind: 'starting';
      person: string;
      desktop: string;
      returning: boolean;
      mayReplace?: boolean | undefined;
    }
  /** Whether they mean it that it is broken. */
  | { kind: 'replacing'; person: string; desktop: string }
  /** Above the desktop for a while: what happens to it, and when. */
  | { kind: 'warned'; person: string; desktop: string; notice: Notice; until: number }
  | {
      kind: 'onDesktop';
      person: string;
      desktop: string;
      since: number;
      notice?: Notice | undefined;
      mayReplace?: boolean | undefined;
    }
  | {
      kind: 'viewerEnded';
      person: string;
      desktop: string;
      end: ViewerEnd;
      keptUntil?: number | undefined;
      /** The seat comes back by itself: it is on the way, as soon as there is a hub, or at this time. */
      comesBack?: 'now' | 'withHub' | number | undefined;
      notice?: Notice | undefined;
      mayReplace?: boolean | undefined;
    };

/** What the person wants. One that does not fit the state any more is ignored. */
export type Intent =
  | { type: 'login'; user: string; password: string }
  /** The form for a new password; `cancel` leaves it. */
  | { type: 'wantNewPassword'; user: string }
  | { type: 'changePassword'; user: string; password: string; newPassword: string }
  | { type: 'cancel' }
  /** Yes to the question on the screen; no is `cancel`. */
  | { type: 'confirm' }
  /** What stands above the desktop was read. */
  | { type: 'noted' }
  /** The operator's message was read; where it asks something: yes. */
  | { type: 'readMessage'; id: string }
  /** No to what it asks. */
  | { type: 'denyMessage'; id: string }
  /** Back below the desktop. */
  | { type: 'closeMenu' }
  | { type: 'backToDesktop' }
  /** “My desktop is broken”: asked once, by a screen that `confirm` and `cancel` answer. */
  | { type: 'wantReplacement' }
  | { type: 'logOff' }
  | { type: 'setLanguage'; language: Language };

/** The agent's message to a page. */
export interface ToPage {
  type: 'state';
  state: PageState;
}

/** What a page is given to speak to its agent with, by whichever shell it runs in. */
export interface Bridge {
  /** Calls back with every state, the present one first; `undefined` while the agent is away. Returns the way to stop. */
  listen: (hear: (state: PageState | undefined) => void) => () => void;
  send: (intent: Intent) => void;
}
