import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Channel, Letter } from '../alerts/channel.ts';
import type { Severity } from '../domain/alert/alertRules.ts';
import type { Language } from '@anyseat/words';
import type { SettingsOf } from './settings.ts';
import { notSent, reasonOf } from './webhook.ts';

/** RFC 5424, 6.2.1. */
const FACILITY: Readonly<Record<SettingsOf<'syslog'>['facility'], number>> = {
  user: 1,
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
const LEVEL: Readonly<Record<Severity, number>> = { error: 3, warning: 4, info: 6 };
const NOTICE = 5;
/** Every receiver takes so much (RFC 5424, 6.1, says 480 at least and 2048 better); the sentences of an alert are a quarter of it. */
const MOST_BYTES = 2048;

/** Each letter as one line of the system's log: RFC 5424, by UDP (RFC 5426) or TCP with counted octets (RFC 6587, 3.4.1). */
export function openSyslog(
  name: string,
  settings: SettingsOf<'syslog'>,
  { hostName, pid }: { hostName: string; pid: number },
): Channel {
  const { host, port, protocol, facility, language, least } = settings;
  const send = protocol === 'udp' ? sendDatagram : sendCounted;
  return {
    name,
    kind: 'syslog',
    to: `${protocol} ${host}:${port}`,
    least,
    send: async (letter, signal) => {
      const line = Buffer.from(lineOf(letter, { facility: FACILITY[facility], hostName, pid, language }));
      await send(line.subarray(0, MOST_BYTES), { host, port }, signal).catch((error: unknown) => {
        throw notSent(`${protocol} ${host}:${port}: ${reasonOf(error)}`);
      });
    },
  };
}

/** 32473 is the enterprise number for examples (RFC 5612): nobody else's parameters have these names. */
const ENTERPRISE = 32473;

export function lineOf(
  letter: Letter,
  as: { facility: number; hostName: string; pid: number; language: Language },
): string {
  const { id, event, code, severity, about, alert, said, hub, at } = letter;
  const priority = as.facility * 8 + (event === 'resolved' ? NOTICE : LEVEL[severity]);
  const data = Object.entries({ id, alert, event, code, severity, about, hub })
    .map(([key, value]) => `${key}="${value.replaceAll(/["\\\]]/g, '\\$&')}"`)
    .join(' ');
  const { text, next } = said[as.language];
  const words = `${event}: ${text} ${next}`.replaceAll(/[\r\n]+/g, ' ');
  const head = [
    `<${priority}>1`,
    new Date(at).toISOString(),
    printable(as.hostName),
    'anyseat-hub',
    as.pid,
    event,
  ];
  // With a byte order mark the text is UTF-8.
  return `${head.join(' ')} [anyseat@${ENTERPRISE} ${data}] \u{feff}${words}`;
}

const printable = (text: string): string => text.replaceAll(/[^!-~]/g, '-').slice(0, 255) || '-';

interface Place {
  host: string;
  port: number;
}

async function sendDatagram(line: Buffer, { host, port }: Place, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      socket.send(line, port, host, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    socket.close();
  }
}

async function sendCounted(line: Buffer, { host, port }: Place, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const gaveUp = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', gaveUp, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => resolve());
      socket.once('connect', () => {
        socket.end(Buffer.concat([Buffer.from(`${line.length} `), line]));
        socket.resume();
      });
    });
  } finally {
    signal.removeEventListener('abort', gaveUp);
    socket.destroy();
  }
}
