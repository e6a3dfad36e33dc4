import type { ViewerEnd } from '@anyseat/protocol';
import { describe, expect, test } from 'vitest';
import { emptyStory, readViewerLine, viewerEndOf } from './viewerLines.ts';

const debug = (text: string) => `(remote-viewer:15309): virt-viewer-DEBUG: 15:37:37.688: ${text}`;
const warning = (domain: string, text: string) =>
  `(remote-viewer:15309): ${domain}-WARNING **: 15:37:46.766: ${text}`;
const ssl = (text: string) => warning('Spice', `../subprojects/spice-common/common/ssl_verify.c:445:${text}`);

const first = debug('New spice channel 0x560ff20b2740 SpiceMainChannel 0');
const opened = debug('main channel: opened');
const closed = debug('main channel: closed');
const zap = debug('zap main channel');
const shutdown = debug('Guest t1 display has disconnected, shutting down');

const exit0 = { stopped: false, late: false, code: 0, signal: null };
const killed = { ...exit0, code: null, signal: 'SIGKILL' };

interface Row {
  what: string;
  lines: string[];
  how?: Partial<typeof killed | typeof exit0>;
  /** The viewer stays behind its own dialog, and the lines alone have to tell. */
  stays?: boolean;
  end: ViewerEnd;
}

// The lines are those of virt-viewer 11.0 on Debian 12, one row for each way in which a session was seen to end.
const rows: Row[] = [
  {
    what: 'a wrong ticket',
    lines: [first, debug('main channel: auth failure (wrong username/password?)')],
    stays: true,
    end: 'ticket-refused',
  },
  {
    what: 'a wrong CA',
    lines: [
      first,
      ssl(
        'openssl_verify: Error in certificate chain verification: self-signed certificate in certificate chain',
      ),
      warning('GSpice', 'main-1:0: SSL_connect: error:00000001:lib(0)::reason(1)'),
      zap,
    ],
    stays: true,
    end: 'tls-failed',
  },
  {
    what: 'a wrong subject, told on stderr after stdout said that the channel is gone',
    lines: [first, zap, ssl("openssl_verify: ssl: subject 'O=Anyseat,CN=host-2' verification failed")],
    stays: true,
    end: 'tls-failed',
  },
  {
    what: 'a wrong host name',
    lines: [first, ssl("openssl_verify: ssl: hostname 'localhost' verification failed")],
    stays: true,
    end: 'tls-failed',
  },
  {
    what: 'no TLS at the other end',
    lines: [first, warning('GSpice', 'main-1:0: SSL_connect: error:00000001:lib(0)::reason(1)')],
    stays: true,
    end: 'tls-failed',
  },
  {
    what: 'a host that resets the link in the middle of TLS’s handshake',
    lines: [
      first,
      warning('GSpice', 'Error receiving data: Connection reset by peer'),
      warning('GSpice', 'main-1:0: SSL_connect: error:00000005:lib(0)::reason(5)'),
      zap,
    ],
    stays: true,
    end: 'unreachable',
  },
  {
    what: 'a closed port',
    lines: [
      first,
      debug('main channel: failed to connect Could not connect to 127.0.0.1: Connection refused'),
      zap,
    ],
    stays: true,
    end: 'unreachable',
  },
  {
    what: 'an unknown name',
    lines: [
      first,
      debug('main channel: failed to connect Error resolving “nosuch.invalid”: Name or service not known'),
    ],
    stays: true,
    end: 'unreachable',
  },
  {
    what: 'a lost SYN',
    lines: [
      first,
      debug('main channel: failed to connect Could not connect to 10.9.9.9: Socket I/O timed out'),
    ],
    stays: true,
    end: 'timed-out',
  },
  {
    what: 'something that is no SPICE server',
    lines: [first, warning('GSpice', 'invalid SPICE_MAGIC!'), zap],
    stays: true,
    end: 'unreachable',
  },
  {
    what: 'a server that closes at once',
    lines: [first, warning('GSpice', 'incomplete link header (-104/16)'), zap],
    stays: true,
    end: 'unreachable',
  },
  { what: 'a host that accepts and never answers', lines: [first], how: { late: true }, end: 'timed-out' },
  {
    what: 'a person who closes the window',
    lines: [first, opened, debug('Window closed'), closed, zap],
    end: 'closed-by-person',
  },
  {
    what: 'a person who closes the window before it is open',
    lines: [first, debug('Window closed')],
    end: 'closed-by-person',
  },
  {
    what: 'alt+F4 in kiosk mode, and much later the end of the desktop',
    lines: [
      first,
      opened,
      debug('Window closed'),
      debug("The app is in kiosk mode and can't quit"),
      closed,
      zap,
      shutdown,
    ],
    end: 'closed-by-desktop',
  },
  {
    what: 'a killed QEMU, a second client, a forced disconnect',
    lines: [first, opened, closed, zap, shutdown],
    end: 'closed-by-desktop',
  },
  {
    what: 'a pulled cable',
    lines: [
      first,
      opened,
      warning('GSpice', 'Error receiving data: Connection timed out'),
      closed,
      zap,
      shutdown,
    ],
    end: 'link-lost',
  },
  {
    what: 'a viewer that we stopped',
    lines: [first, opened],
    how: { stopped: true, code: null, signal: 'SIGTERM' },
    end: 'stopped-by-agent',
  },
  {
    what: 'a viewer that somebody else killed',
    lines: [first, opened],
    how: { code: null, signal: 'SIGSEGV' },
    end: 'crashed',
  },
  {
    what: 'no X server',
    lines: [warning('Gtk', 'cannot open display: :99')],
    how: { code: 1 },
    end: 'no-display',
  },
  {
    what: 'no viewer',
    lines: ['setpriv: failed to execute remote-viewer: No such file or directory'],
    how: { code: 127 },
    end: 'viewer-missing',
  },
  { what: 'no viewer, untold', lines: [], how: { code: 127 }, end: 'viewer-missing' },
  { what: 'an end without a word', lines: [first], how: { code: 0 }, end: 'crashed' },
];

test.each(rows)('$what is told as $end', ({ lines, how, stays, end }) => {
  const story = lines.reduce(readViewerLine, emptyStory);
  expect(story.failure).toBe(
    stays || end === 'no-display' || lines[0]?.startsWith('setpriv') ? end : undefined,
  );
  expect(viewerEndOf(story, { ...(stays ? killed : exit0), ...how })).toBe(end);
});

describe('a line', () => {
  test('that opens the main channel means that the picture comes', () => {
    expect([first, opened].reduce(readViewerLine, emptyStory)).toEqual({ ...emptyStory, opened: true });
  });

  test('that only quotes a sign, in the name of a desktop, means nothing', () => {
    const quoted = debug('Guest main channel: opened has a spice display');
    expect(readViewerLine(emptyStory, quoted)).toBe(emptyStory);
  });

  test('of a broken side channel does not end a session that is open', () => {
    const later = [
      opened,
      debug('main channel: failed to connect Could not connect to 127.0.0.1: Connection refused'),
    ];
    expect(later.reduce(readViewerLine, emptyStory)).toEqual({ ...emptyStory, opened: true });
  });

  test('with a new main channel takes back that the old one is gone: a live migration', () => {
    expect([first, opened, zap, first].reduce(readViewerLine, emptyStory).gone).toBe(false);
  });
});
