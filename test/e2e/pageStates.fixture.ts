import type { PageState, Screen } from '../../agent/src/common/bridge.ts';

/** Every state that a page can be in, for tests and for looking at it. Times are relative to `now`. */
export function everyState(now: number): Record<string, PageState> {
  const base: PageState = {
    language: 'en',
    hub: { phase: 'online' },
    place: { site: { title: 'Nantong Call Centre', timeZone: 'Asia/Shanghai' }, seat: '1-001' },
    clockOffsetMs: 0,
    box: {
      fingerprint: 'K7F2-9QWM-3XTD-0V8N',
      hostName: 'tc-nt-001',
      version: '0.1.0',
      address: '10.128.104.217',
    },
    screen: { kind: 'login' },
  };
  const away: Partial<PageState> = { hub: { phase: 'offline', awaySince: now - 60_000 } };
  const nowhere: Partial<PageState> = { place: {} };
  const state = (screen: Screen, more: Partial<PageState> = {}): PageState => ({ ...base, ...more, screen });
  const form = (code: string, fields: Record<string, string | number> = {}, more: Partial<PageState> = {}) =>
    state({ kind: 'login', notice: { code, fields } }, more);
  const desktop = { person: 'Li Na 李娜', desktop: 'seat-00001' };
  return {
    login: { ...base, screen: { kind: 'login', mayChangePassword: true } },
    'must change': state({
      kind: 'newPassword',
      user: 'lina',
      notice: { code: 'password-must-change', fields: { changeable: true } },
    }),
    'password expired': state({
      kind: 'newPassword',
      user: 'lina',
      notice: { code: 'password-expired', fields: { changeable: true } },
    }),
    'change on wish': state({ kind: 'newPassword', user: '' }),
    'new one too short': state({
      kind: 'newPassword',
      user: 'lina',
      notice: { code: 'password-too-short', fields: { least: 8 } },
    }),
    'new one not accepted': state(
      {
        kind: 'newPassword',
        user: '',
        notice: { code: 'password-not-accepted', fields: { history: 24 } },
      },
      away,
    ),
    'changing password': state({ kind: 'changingPassword', user: 'lina' }),
    'password changed': form('password-changed'),
    'password change unknown': form('password-change-unknown'),
    'wrong password': form('wrong-password'),
    'account locked': form('account-locked', { until: now + 1_800_000 }),
    'too many attempts': form('too-many-attempts', { retryAfterMs: 240_000 }),
    'directory down': form('directory-unavailable'),
    moved: form('moved', { seat: '2-017' }),
    'logged off': form('logged-off'),
    locked: form('idle-locked'),
    'hours over': form('hours-over'),
    'hub away': state({ kind: 'login' }, away),
    'first start': state({ kind: 'login' }, { hub: { phase: 'connecting', awaySince: now }, ...nowhere }),
    'hub away, refused before': form('no-desktop', { pool: 'Front office' }, away),
    approval: state({ kind: 'approval', fingerprint: 'K7F2-9QWM-3XTD-0V8N' }, nowhere),
    'no seat': state({ kind: 'noSeat' }, nowhere),
    retired: state({ kind: 'rejected', code: 'tc-retired' }),
    untrusted: state({ kind: 'rejected', code: 'hub-untrusted' }, away),
    'logging in': state({ kind: 'loggingIn', user: 'lina', stage: 'directory', returning: false }),
    'on the way back': state({ kind: 'loggingIn', user: 'lina', stage: 'hub', returning: true }),
    questioned: state({
      kind: 'questioned',
      user: 'lina',
      question: { code: 'move-here', fields: { seat: '2-017' } },
    }),
    queued: state({ kind: 'queued', user: 'lina', place: 12, waitUntil: now + 240_000 }),
    'queued, hub away': state({ kind: 'queued', user: 'lina', place: 1 }, away),
    starting: state({ kind: 'starting', ...desktop, returning: false }),
    'starting, and broken': state({ kind: 'starting', ...desktop, returning: true, mayReplace: true }),
    'really broken': state({ kind: 'replacing', ...desktop }),
    'really broken, hub away': state({ kind: 'replacing', ...desktop }, away),
    'being replaced': state({
      kind: 'loggingIn',
      user: 'lina',
      stage: 'hub',
      returning: true,
      replacing: true,
    }),
    'replaced too often': state({
      kind: 'viewerEnded',
      ...desktop,
      end: 'stopped-by-agent',
      mayReplace: true,
      keptUntil: now + 272_000,
      notice: { code: 'swap-too-often', fields: { retryAfterMs: 1_500_000 } },
    }),
    'on the desktop': state({ kind: 'onDesktop', ...desktop, since: now - 3_600_000 }),
    'above the desktop': { ...state({ kind: 'onDesktop', ...desktop, since: now - 3_600_000 }), menu: true },
    'a message': {
      ...state({ kind: 'login' }),
      message: { id: 'm1', text: 'Fire drill at three.\n三点消防演习，请从最近的出口离开，并在停车场集合。' },
    },
    'asked for a picture': {
      ...state({ kind: 'onDesktop', ...desktop, since: now - 3_600_000 }),
      message: { id: 's1', text: '', asks: 'screenshot' },
    },
    'on the desktop, hub away': state(
      {
        kind: 'onDesktop',
        ...desktop,
        since: now - 3_600_000,
        notice: { code: 'hub-busy', fields: {} },
      },
      away,
    ),
    warned: state({
      kind: 'warned',
      ...desktop,
      notice: { code: 'hours-over-soon', fields: {} },
      until: now + 540_000,
    }),
    'warned, idle': state({
      kind: 'warned',
      ...desktop,
      notice: { code: 'idle-lock-soon', fields: {} },
      until: now + 110_000,
    }),
    'coming back': state({
      kind: 'viewerEnded',
      ...desktop,
      end: 'link-lost',
      keptUntil: now + 298_000,
      comesBack: now + 4000,
      mayReplace: true,
    }),
    'coming back now': state({ kind: 'viewerEnded', ...desktop, end: 'crashed', comesBack: 'now' }),
    'coming back with the hub': state(
      { kind: 'viewerEnded', ...desktop, end: 'link-lost', keptUntil: now + 200_000, comesBack: 'withHub' },
      away,
    ),
    'switched off': state({
      kind: 'viewerEnded',
      ...desktop,
      end: 'closed-by-desktop',
      keptUntil: now + 272_000,
      notice: { code: 'desktop-off', fields: {} },
    }),
    'viewer ended': state({ kind: 'viewerEnded', ...desktop, end: 'link-lost', keptUntil: now + 272_000 }),
    'no way back': state(
      {
        kind: 'viewerEnded',
        ...desktop,
        end: 'closed-by-desktop',
        keptUntil: now + 272_000,
        notice: { code: 'cloud-unavailable', fields: {} },
      },
      away,
    ),
  };
}
