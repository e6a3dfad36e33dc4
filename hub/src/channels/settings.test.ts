import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig, systemClock, type ConfigFault } from '@anyseat/base';
import { hubSettings } from '../config.ts';
import { openChannels } from './openChannels.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyseat-channels-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'hub.yaml');
const settings = (text: string) => {
  writeFileSync(file, text);
  return loadConfig(file, hubSettings).alerts;
};
const problemsIn = (text: string): string[] => {
  try {
    settings(text);
    return [];
  } catch (error) {
    return (error as ConfigFault).problems.map(
      ({ where, path, text: said }) => `${where.slice(file.length - 8)} ${path}: ${said}`,
    );
  }
};

test('without a word there are no channels, and everything has its usual measure', () => {
  expect(settings('name: hub\n')).toEqual({
    channels: {},
    patience: 1,
    hostMemory: 1.2,
    hostCpu: 2,
    quotaPercent: 90,
  });
});

test('what is wrong is said with its place, all at once', () => {
  expect(
    problemsIn(
      [
        'alerts:',
        '  pacience: 2',
        '  hostCpu: two',
        '  channels:',
        '    ops: { type: webhook, url: ftp://x }',
        '    mine: { type: webhook, url: "https://me:pw@chat.example/", secret: x }',
        '    mail: { type: email, host: smtp, from: anyseat, to: [] }',
        '    post: { type: email, host: smtp, from: a@b, to: [c@d], user: me }',
        '    open: { type: email, host: smtp, from: a@b, to: [c@d], user: me, passwordFile: /x, tls: never }',
        '    pager: { type: pager }',
        '    Log: { type: syslog }',
      ].join('\n'),
    ),
  ).toEqual([
    'hub.yaml:5:32 alerts.channels.ops.url: an address such as https://chat.call.example/hooks/anyseat, without user and password',
    'hub.yaml:6:33 alerts.channels.mine.url: an address such as https://chat.call.example/hooks/anyseat, without user and password',
    'hub.yaml:6:72 alerts.channels.mine.secret: no such setting; did you mean “secretFile”?',
    'hub.yaml:7:44 alerts.channels.mail.from: a mail address such as anyseat@call.example',
    'hub.yaml:7:57 alerts.channels.mail.to: is empty: write at least one, or leave it out',
    'hub.yaml:8:11 alerts.channels.post.passwordFile: user and passwordFile belong together: write both, or none',
    'hub.yaml:9:93 alerts.channels.open.tls: with tls: never the password would travel in the clear: starttls or always, or no user',
    'hub.yaml:10:20 alerts.channels.pager.type: has to be webhook, email or syslog',
    'hub.yaml:11:10 alerts.channels.Log: lower-case letters, digits, dots and dashes, 63 at most',
    'hub.yaml:3:12 alerts.hostCpu: has to be a number',
    'hub.yaml:2:13 alerts.pacience: no such setting; did you mean “patience”? Known here: channels, patience, hostMemory, hostCpu, quotaPercent',
  ]);
});

test('a secret that cannot be read, or is empty, stops the hub with its setting', () => {
  const { channels } = settings(
    `alerts: { channels: { ops: { type: webhook, url: 'http://x/', secretFile: ${join(folder, 'none')} } } }`,
  );
  expect(() => openChannels(channels, { clock: systemClock })).toThrow(
    /^alerts\.channels\.ops\.secretFile: ENOENT/,
  );
  writeFileSync(join(folder, 'none'), '\n');
  expect(() => openChannels(channels, { clock: systemClock })).toThrow(/secretFile: .* is empty$/);
});

test('every kind is opened under its name, and says where it goes without secrets', () => {
  writeFileSync(join(folder, 'key'), 'key\n');
  const { channels } = settings(
    [
      'alerts:',
      '  channels:',
      `    ops: { type: webhook, url: 'https://chat.example:8443/hooks/s3cret?token=s3cret', secretFile: ${join(folder, 'key')} }`,
      `    mail: { type: email, host: smtp, from: a@b, to: [c@d, e@f], user: me, passwordFile: ${join(folder, 'key')}, least: error }`,
      '    log: { type: syslog, protocol: tcp, least: info }',
    ].join('\n'),
  );
  const opened = openChannels(channels, { clock: systemClock });
  expect(opened.map(({ name, kind, to, least }) => ({ name, kind, to, least }))).toEqual([
    { name: 'ops', kind: 'webhook', to: 'https://chat.example:8443', least: 'warning' },
    { name: 'mail', kind: 'email', to: 'c@d, e@f', least: 'error' },
    { name: 'log', kind: 'syslog', to: 'tcp 127.0.0.1:514', least: 'info' },
  ]);
});
