import type { PageState, Screen } from './bridge.ts';
import { changesPasswords } from './newPassword.ts';
import { troubleOf, welcomeOf, type LinkState, type LinkTrouble } from './linkState.ts';
import { isAsked } from './replacing.ts';
import type { Seat } from './seat.ts';
import type { HeldSession, ViewerEnded } from './sessionState.ts';

/** What the page needs besides the state of the seat. */
export type PageFacts = Pick<
  PageState,
  'language' | 'place' | 'clockOffsetMs' | 'box' | 'message' | 'menu'
> & {
  /** Epoch ms since when the hub is away. */
  awaySince: number | undefined;
};

/** The state of the page: a view of the seat without its secrets. */
export function pageOf(seat: Seat, { awaySince, ...facts }: PageFacts): PageState {
  const { phase } = seat.link;
  return {
    ...facts,
    hub: phase === 'online' ? { phase } : { phase, awaySince },
    screen: screenOf(seat, facts.box.fingerprint),
  };
}

function screenOf({ link, session: state }: Seat, fingerprint: string): Screen {
  switch (state.kind) {
    case 'login':
      return (
        unserved(link, fingerprint) ?? {
          kind: 'login',
          notice: state.notice,
          ...(changesPasswords(link) ? { mayChangePassword: true } : {}),
        }
      );
    case 'newPassword':
      return unserved(link, fingerprint) ?? { kind: 'newPassword', user: state.user, notice: state.notice };
    case 'changingPassword':
      return { kind: 'changingPassword', user: state.user };
    case 'loggingIn': {
      const { ask, stage } = state;
      if (ask.byItself && ask.from?.kind === 'viewerEnded')
        return { ...endedScreen(ask.from), comesBack: 'now' };
      const replacing = ask.replaces === undefined ? {} : { replacing: true };
      return { kind: 'loggingIn', user: ask.user, stage, returning: ask.from !== undefined, ...replacing };
    }
    case 'questioned':
      return { kind: 'questioned', user: state.ask.user, question: state.question };
    case 'queued':
      return { kind: 'queued', user: state.ask.user, place: state.place, waitUntil: state.waitUntil };
    case 'starting':
      if (state.tries && state.lastEnd)
        return { kind: 'viewerEnded', ...named(state.session), end: state.lastEnd, comesBack: 'now' };
      return {
        kind: 'starting',
        ...named(state.session),
        returning: state.session.generation > 1,
        ...offer(state.session),
      };
    case 'onDesktop':
      if (isAsked(state)) return { kind: 'replacing', ...named(state.session) };
      if (state.warning?.isAbove) {
        const { code, fields, until } = state.warning;
        return { kind: 'warned', ...named(state.session), notice: { code, fields }, until };
      }
      return {
        kind: 'onDesktop',
        ...named(state.session),
        since: state.since,
        notice: state.notice,
        ...offer(state.session),
      };
    case 'viewerEnded': {
      if (isAsked(state)) return { kind: 'replacing', ...named(state.session) };
      const { retry } = state;
      const comesBack = retry && (welcomeOf(link) ? retry.until : 'withHub');
      return {
        ...endedScreen(state),
        ...offer(state.session),
        ...(comesBack === undefined ? {} : { comesBack }),
      };
    }
    default:
      return state satisfies never;
  }
}

const endedScreen = ({ session, end, keptUntil, notice }: ViewerEnded) =>
  ({ kind: 'viewerEnded', ...named(session), end, keptUntil, notice }) as const;

/** Troubles that no waiting cures: the page says them in place of a form that would lead nowhere. */
const hopeless: Partial<Record<LinkTrouble, string>> = {
  untrusted: 'hub-untrusted',
  replaced: 'key-in-use',
  version: 'protocol-version',
};

/** Why nobody can log in at this box, if so. A hub that is only away is no reason: the form waits with the person. */
function unserved(link: LinkState, fingerprint: string): Screen | undefined {
  const { trouble } = troubleOf(link);
  const code = trouble && hopeless[trouble];
  if (code) return { kind: 'rejected', code };
  const { standing } = link;
  switch (standing.kind) {
    case 'pending':
      // The box's own: what the hub says it is must not be what the person reads out.
      return { kind: 'approval', fingerprint };
    case 'rejected':
      return standing.code === 'tc-not-approved'
        ? { kind: 'approval', fingerprint }
        : { kind: 'rejected', code: standing.code };
    case 'welcome':
      return standing.welcome.seat ? undefined : { kind: 'noSeat' };
    case 'unknown':
      return undefined;
    default:
      return standing satisfies never;
  }
}

const offer = ({ mayReplace }: HeldSession) => (mayReplace ? { mayReplace } : {});

const named = ({ person, desktop }: HeldSession) => ({
  person: person.displayName || person.user,
  desktop: desktop.name,
});
