import { Fault } from '@anyseat/base';
import type { SpiceEndpoint } from './endpoint.ts';

export interface VvOptions {
  /** The window's title; for people who look at a list of windows, and for scripts that look for one. */
  title?: string;
  fullscreen?: boolean;
  /** USB devices of the seat may be handed to the desktop. Off unless asked: a stick is a way out for data. */
  usb?: boolean;
  smartcard?: boolean;
  /** Keys that let go of the grabbed mouse, as `shift+f12`. Naming one switches off every key that is not named. */
  releaseCursor?: string;
  toggleFullscreen?: string;
}

/**
 * The text of a `.vv` file for `remote-viewer` (11.0), best fed to it on standard input: then no password stands on the
 * disk or in `ps`. Keys: remote-viewer(1), "CONNECTION FILE".
 *
 * Exactly one port goes in, the TLS one where there is one: with both, and no list of secure channels, remote-viewer
 * opens *every* channel in plain text, silently, even when the CA is wrong.
 *
 * Throws a terminal Fault where there is no port, or a value holds a control character that the format cannot carry.
 */
export function vvFile(endpoint: SpiceEndpoint, options: VvOptions = {}): string {
  const { host, port, tlsPort, ca, hostSubject, password } = endpoint;
  if (port === undefined && tlsPort === undefined) {
    throw new Fault('spice-no-port', 'terminal', `${host} has no SPICE port`, { fields: { host } });
  }
  const secure = tlsPort !== undefined;
  const values: [key: string, value: string | number | undefined][] = [
    ['type', 'spice'],
    ['host', host],
    ['port', secure ? undefined : port],
    ['tls-port', tlsPort],
    ['ca', secure ? ca : undefined],
    ['host-subject', secure ? hostSubject : undefined],
    ['password', password],
    ['title', options.title],
    // Said only where it is wanted: `fullscreen=0` takes a viewer started with --kiosk out of its kiosk (seen on version 11).
    ['fullscreen', options.fullscreen ? 1 : undefined],
    ['enable-usbredir', options.usb ? 1 : 0],
    ['enable-usb-autoshare', options.usb ? 1 : 0],
    ['enable-smartcard', options.smartcard ? 1 : 0],
    ['release-cursor', options.releaseCursor],
    ['toggle-fullscreen', options.toggleFullscreen],
  ];
  const lines = values.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escape(key, value)}`],
  );
  return `[virt-viewer]\n${lines.join('\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** GKeyFile's escapes: a value is one line, and a blank at its beginning would be lost. */
function escape(key: string, value: string | number): string {
  const text = String(value)
    .replace(/[\\\n\r\t]/g, (char) => ESCAPES[char]!)
    .replace(/^ /, '\\s');
  // The value itself stays out of the message: it may be the password.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new Fault('spice-vv-value', 'terminal', `${key} holds a control character`, { fields: { key } });
  }
  return text;
}
