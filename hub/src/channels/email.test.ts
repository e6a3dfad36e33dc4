import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { openEmail } from './email.ts';
import { darkSite, patience } from './letter.fixture.ts';
import type { SettingsOf } from './settings.ts';

interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  text: string;
}

const authority = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
});

/** A real mail server that keeps what it is given. */
async function mailServer(more: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    cert: authority.cert,
    key: authority.private,
    onAuth: ({ username, password }, _session, done) =>
      password === 'pw' ? done(null, { user: username! }) : done(new Error('wrong')),
    onData: (stream, session, done) => {
      text(stream).then(
        (said) => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: session.user,
            secure: session.secure,
            text: said,
          });
          done();
        },
        (error: unknown) => done(error as Error),
      );
    },
    ...more,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    mails,
    port: (server.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const open = (port: number, more: Partial<SettingsOf<'email'>> = {}, password?: string) =>
  openEmail(
    'mail',
    {
      type: 'email',
      host: 'localhost',
      port,
      tls: 'never',
      from: 'anyseat@call.example',
      to: ['ops@call.example', 'night@call.example'],
      language: 'en',
      least: 'warning',
      ...more,
    },
    { password, ca: authority.cert },
  );

const headersOf = ({ text: said }: Mail): Record<string, string> =>
  Object.fromEntries(
    said
      .split('\r\n\r\n')[0]!
      .replaceAll(/\r\n\s+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );

test('a letter is a mail to everybody named, under an id that stays the same', async () => {
  await using server = await mailServer();
  await open(server.port).send(darkSite(), patience());
  await open(server.port).send(darkSite('resolved'), patience());
  const [first, second] = server.mails as [Mail, Mail];
  expect({ ...first, text: '' }).toEqual({
    from: 'anyseat@call.example',
    to: ['ops@call.example', 'night@call.example'],
    user: undefined,
    secure: false,
    text: '',
  });
  const headers = [headersOf(first), headersOf(second)] as const;
  expect(headers.map((one) => [one['message-id'], one['in-reply-to'], one['auto-submitted']])).toEqual([
    ['<alt_1.opened@ins_1.anyseat>', undefined, 'auto-generated'],
    ['<alt_1.resolved@ins_1.anyseat>', '<alt_1.opened@ins_1.anyseat>', 'auto-generated'],
  ]);
});

/** Quoted-printable, as RFC 2045, 6.7, has it. */
function bodyOf(mail: Mail): string {
  expect(headersOf(mail)['content-transfer-encoding']).toBe('quoted-printable');
  const said = mail.text.slice(mail.text.indexOf('\r\n\r\n') + 4).replaceAll('=\r\n', '');
  const bytes = said.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

test('it is written in the language that was chosen', async () => {
  await using server = await mailServer();
  await open(server.port, { language: 'zh-CN' }).send(darkSite(), patience());
  expect(bodyOf(server.mails[0]!).split('\r\n')).toEqual([
    '南通失联。',
    '请检查线路。',
    '',
    '代码: site-dark (error)',
    '对象: site/nantong',
    '起始: 2026-11-24T00:00:00.000Z',
    '中枢: nantong-hub',
    'ID: alt_1',
    '',
  ]);
});

test('a password goes over TLS alone: by STARTTLS, or from the start', async () => {
  await using plain = await mailServer();
  await open(plain.port, { tls: 'starttls', user: 'anyseat' }, 'pw').send(darkSite(), patience());
  await using secure = await mailServer({ secure: true });
  await open(secure.port, { tls: 'always', user: 'anyseat' }, 'pw').send(darkSite(), patience());
  expect([plain.mails, secure.mails].map(([mail]) => [mail!.user, mail!.secure])).toEqual([
    ['anyseat', true],
    ['anyseat', true],
  ]);
});

test('a server that offers no TLS, or has a certificate of nobody, is sent nothing', async () => {
  await using bare = await mailServer({ disabledCommands: ['STARTTLS'] });
  await expect(
    open(bare.port, { tls: 'starttls', user: 'anyseat' }, 'pw').send(darkSite(), patience()),
  ).rejects.toMatchObject({ code: 'alert-not-sent' });
  await using server = await mailServer();
  const settings = { type: 'email', host: 'localhost', port: server.port, tls: 'starttls' } as const;
  const rest = { language: 'en' as const, least: 'info' as const, from: 'a@b.example', to: ['c@d.example'] };
  const trusting = openEmail('mail', { ...settings, ...rest }, { password: undefined, ca: undefined });
  await expect(trusting.send(darkSite(), patience())).rejects.toMatchObject({ code: 'alert-not-sent' });
  expect([...bare.mails, ...server.mails]).toEqual([]);
});

test('a password that is not taken is told without it', async () => {
  await using server = await mailServer();
  await expect(
    open(server.port, { tls: 'starttls', user: 'anyseat' }, 'sesame').send(darkSite(), patience()),
  ).rejects.toMatchObject({
    message: `localhost:${server.port}: the mail server does not take user and password (535)`,
  });
});

test('what the server says against it is told', async () => {
  await using server = await mailServer({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })),
  });
  await expect(open(server.port).send(darkSite(), patience())).rejects.toMatchObject({
    message: `localhost:${server.port}: 550 no such mailbox`,
  });
});

test('whoever gives up on a server that says nothing waits no longer', async () => {
  const stop = new AbortController();
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    stop.abort();
  });
  await new Promise<void>((resolve) => silent.listen(0, 'localhost', resolve));
  await expect(
    open((silent.address() as AddressInfo).port).send(darkSite(), stop.signal),
  ).rejects.toMatchObject({ code: 'alert-not-sent' });
  await new Promise((resolve) => silent.close(resolve));
});
