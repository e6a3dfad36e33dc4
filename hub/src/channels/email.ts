import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Channel, Letter } from '../alerts/channel.ts';
import type { Language } from '@anyseat/words';
import type { SettingsOf } from './settings.ts';
import { notSent, reasonOf } from './webhook.ts';

/**
 * Each letter as a mail, on a connection of its own (SMTP; nodemailer). The Message-ID is the same at every try, and a mail that
 * something is over answers the one that it began.
 */
export function openEmail(
  name: string,
  settings: SettingsOf<'email'>,
  { password, ca }: { password: string | undefined; ca: string | undefined },
): Channel {
  const { host, port, tls, user, from, to, language, least } = settings;
  return {
    name,
    kind: 'email',
    to: to.join(', '),
    least,
    send: async (letter, signal) => {
      let socket: Socket | undefined;
      const gaveUp = () => socket?.destroy(signal.reason as Error);
      signal.addEventListener('abort', gaveUp, { once: true });
      try {
        socket = await connected(host, port, signal);
        const transport = createTransport({
          connection: socket,
          host,
          port,
          secure: tls === 'always',
          requireTLS: tls === 'starttls',
          ignoreTLS: tls === 'never',
          greetingTimeout: 15_000,
          socketTimeout: 15_000,
          ...(ca === undefined ? {} : { tls: { ca } }),
          ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
          // What is in a letter is text: no file and no address is looked up for it.
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        await transport.sendMail({ from, to, ...mailOf(letter, language) });
      } catch (error) {
        throw notSent(`${host}:${port}: ${mailReason(error)}`);
      } finally {
        signal.removeEventListener('abort', gaveUp);
        socket?.destroy();
      }
    },
  };
}

/** A socket of our own: it goes when whoever sends gives up. */
function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  return new Promise((resolve, reject) => {
    const gaveUp = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', gaveUp, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', gaveUp);
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}

const WORDS = {
  en: {
    opened: 'Alert',
    resolved: 'Over',
    test: 'Test',
    since: 'Since',
    hub: 'Hub',
    code: 'Code',
    about: 'About',
  },
  'zh-CN': {
    opened: '告警',
    resolved: '已恢复',
    test: '测试',
    since: '起始',
    hub: '中枢',
    code: '代码',
    about: '对象',
  },
} as const satisfies Record<Language, unknown>;

function mailOf(letter: Letter, language: Language) {
  const { id, alert, event, code, severity, about, said, openedAt, hub, installation } = letter;
  const { text, next } = said[language];
  const words = WORDS[language];
  const mark = (of: string) => `<${of}@${installation}.anyseat>`;
  return {
    subject: `[${hub}] ${words[event]}: ${text}`,
    text: [
      text,
      next,
      '',
      `${words.code}: ${code} (${severity})`,
      `${words.about}: ${about}`,
      `${words.since}: ${new Date(openedAt).toISOString()}`,
      `${words.hub}: ${hub}`,
      `ID: ${alert}`,
      '',
    ].join('\n'),
    messageId: mark(id),
    ...(event === 'resolved'
      ? { inReplyTo: mark(`${alert}.opened`), references: mark(`${alert}.opened`) }
      : {}),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Anyseat-Id': id },
  };
}

/** The server's own answer says more than the library's code; neither has the password in it. */
function mailReason(error: unknown): string {
  const { responseCode, response, code } = error as {
    responseCode?: number;
    response?: string;
    code?: string;
  };
  if (code === 'EAUTH')
    return `the mail server does not take user and password (${responseCode ?? 'no answer'})`;
  return responseCode === undefined ? reasonOf(error) : (response ?? String(responseCode)).slice(0, 200);
}
