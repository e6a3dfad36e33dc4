import type { ViewerEnd } from '@anyseat/protocol';

/**
 * What `remote-viewer --debug` says about itself, read line by line. Its exit code is 0 for nearly everything, and on a
 * failure it stays, behind a dialog of its own; its lines are the only truth there is (virt-viewer 11, spice-gtk 0.42,
 * LC_ALL=C.UTF-8; debug lines come on stdout, warnings on stderr).
 */
export interface ViewerStory {
  /** The main channel was opened: the ticket was right, the picture comes. */
  readonly opened: boolean;
  /** It has failed, and why; the process stays and has to be killed. */
  readonly failure: ViewerEnd | undefined;
  /** The main channel is gone. Before `opened` that is a failure whose reason may still come on the other stream. */
  readonly gone: boolean;
  /** A read from the desktop failed although nobody closed: the network. */
  readonly linkLost: boolean;
  /** The person closed the window (never in kiosk mode). */
  readonly closedByPerson: boolean;
}

export const emptyStory: ViewerStory = {
  opened: false,
  failure: undefined,
  gone: false,
  linkLost: false,
  closedByPerson: false,
};

/** `(remote-viewer:15309): virt-viewer-DEBUG: 15:37:37.688: main channel: opened` → `main channel: opened`. */
const PREFIX = /^\([^()]*:\d+\): \S+-[A-Za-z]+(?: \*\*)?: (?:[\d:.]+: )?/;

interface Sign {
  at: RegExp;
  means: (story: ViewerStory) => Partial<ViewerStory>;
}

const failed =
  (end: ViewerEnd) =>
  (story: ViewerStory): Partial<ViewerStory> =>
    story.opened || story.failure ? {} : { failure: end };

/** The first that fits a line is its meaning. All are anchored: a desktop's name in a line must not count. */
const signs: readonly Sign[] = [
  // A new main channel after an old one is a migration, or the first.
  { at: /^New spice channel \S+ SpiceMainChannel /, means: () => ({ gone: false }) },
  { at: /^main channel: opened$/, means: () => ({ opened: true, gone: false }) },
  { at: /^main channel: auth failure/, means: failed('ticket-refused') },
  { at: /^main channel: failed to connect .*Socket I\/O timed out/, means: failed('timed-out') },
  { at: /^main channel: failed to connect/, means: failed('unreachable') },
  { at: /^\S*ssl_verify\.c:\d+:/, means: failed('tls-failed') },
  // SSL_ERROR_SYSCALL is no fault of TLS: the connection broke in the middle of its handshake.
  { at: /^main-\d+:\d+: SSL_connect: error:0+5:/, means: failed('unreachable') },
  { at: /^main-\d+:\d+: SSL_connect: /, means: failed('tls-failed') },
  { at: /^(invalid SPICE_MAGIC|incomplete link (header|reply))/, means: failed('unreachable') },
  { at: /^Invalid file -: /, means: failed('unreachable') },
  {
    at: /^Error receiving data: .*(timed out|No route to host|Network is (unreachable|down))/,
    means: () => ({ linkLost: true }),
  },
  { at: /^cannot open display/, means: failed('no-display') },
  { at: /^setpriv: failed to execute /, means: failed('viewer-missing') },
  { at: /^Window closed$/, means: () => ({ closedByPerson: true }) },
  { at: /^The app is in kiosk mode and can't quit/, means: () => ({ closedByPerson: false }) },
  { at: /^zap main channel$/, means: () => ({ gone: true }) },
];

/** The story after one more line, from either stream. */
export function readViewerLine(story: ViewerStory, line: string): ViewerStory {
  const text = line.trimEnd().replace(PREFIX, '');
  const sign = signs.find(({ at }) => at.test(text));
  return sign ? { ...story, ...sign.means(story) } : story;
}

/** Why the viewer ended, once its process is over and both streams are read. */
export function viewerEndOf(
  story: ViewerStory,
  how: {
    /** We ended it because we were asked to. */
    stopped: boolean;
    /** We ended it because it did not connect in time. */
    late: boolean;
    /** We ended it because its desktop said nothing any more. */
    silent?: boolean;
    code: number | null;
    signal: string | null;
  },
): ViewerEnd {
  if (story.failure) return story.failure;
  if (how.stopped) return 'stopped-by-agent';
  if (how.late) return 'timed-out';
  if (story.linkLost || how.silent) return 'link-lost';
  // An orderly end has said that the channel is gone; anything else broke in the middle.
  if (story.opened && story.gone) return story.closedByPerson ? 'closed-by-person' : 'closed-by-desktop';
  if (story.gone) return 'unreachable';
  if (story.closedByPerson && how.code === 0) return 'closed-by-person';
  return how.code === 127 ? 'viewer-missing' : 'crashed';
}
