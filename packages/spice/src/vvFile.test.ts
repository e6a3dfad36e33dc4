import { isFault } from '@anyseat/base';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_TICKET, newTicket } from './ticket.ts';
import { vvFile } from './vvFile.ts';

test('a desktop with TLS is opened on its TLS port alone, with CA and subject', () => {
  const text = vvFile(
    {
      host: '10.0.0.3',
      port: 5900,
      tlsPort: 5901,
      ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      hostSubject: 'O=Calls\\, Inc.,CN=host-3',
      password: 'se;cret#\\',
    },
    { title: ' Desk 7', fullscreen: true },
  );
  expect(text).toBe(
    [
      '[virt-viewer]',
      'type=spice',
      'host=10.0.0.3',
      'tls-port=5901',
      'ca=-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n',
      'host-subject=O=Calls\\\\, Inc.,CN=host-3',
      'password=se;cret#\\\\',
      'title=\\sDesk 7',
      'fullscreen=1',
      'enable-usbredir=0',
      'enable-usb-autoshare=0',
      'enable-smartcard=0',
      '',
    ].join('\n'),
  );
});

test('a desktop without TLS is opened on its plain port, and gets no CA', () => {
  const endpoint = { host: 'h', port: 5900, ca: 'x', hostSubject: 'CN=h' };
  expect(vvFile(endpoint, { usb: true, smartcard: true, releaseCursor: 'shift+f12' })).toBe(
    [
      '[virt-viewer]',
      'type=spice',
      'host=h',
      'port=5900',
      'enable-usbredir=1',
      'enable-usb-autoshare=1',
      'enable-smartcard=1',
      'release-cursor=shift+f12',
      '',
    ].join('\n'),
  );
});

test('no value can add a line, a key or a group of its own', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', ' ', '=', '[', ']', '#', ';', '\\', '\n', '\r', '\t'),
  });
  fc.assert(
    fc.property(value, value, value, (host, password, title) => {
      const text = vvFile({ host, port: 1, password }, { title });
      expect(readKeyFile(text)).toMatchObject({ host, password, title, port: '1' });
      expect(text.split(/\r?\n|\r/)).toHaveLength(10);
    }),
  );
});

test('a control character is refused without telling the value', () => {
  const attempt = () => vvFile({ host: 'h', port: 1, password: 'hunter2\u0000' });
  expect(attempt).toThrow('password holds a control character');
});

test('a desktop without any port is refused', () => {
  expect.assertions(1);
  try {
    vvFile({ host: 'h' });
  } catch (error) {
    expect(isFault(error, 'spice-no-port')).toBe(true);
  }
});

test('tickets are as long as QEMU takes them, and never the same', () => {
  const tickets = new Set(Array.from({ length: 1000 }, newTicket));
  expect(tickets.size).toBe(1000);
  for (const ticket of tickets) expect(ticket).toMatch(new RegExp(`^[\\w-]{40,${LONGEST_TICKET}}$`));
});

/** As GKeyFile reads it: one group, `key=value`, escapes in values, blanks before a value do not count. */
function readKeyFile(text: string): Record<string, string> {
  const [group, ...lines] = text.trimEnd().split('\n');
  expect(group).toBe('[virt-viewer]');
  const unescape: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf('=');
      const value = line.slice(equals + 1).replace(/^[ \t]+/, '');
      return [line.slice(0, equals), value.replace(/\\(.)/g, (_, char: string) => unescape[char]!)];
    }),
  );
}
