import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Fault, messageOf, type Clock } from '@anyseat/base';
import type { Channel } from '../alerts/channel.ts';
import { openEmail } from './email.ts';
import type { ChannelSettings } from './settings.ts';
import { openSyslog } from './syslog.ts';
import { openWebhook } from './webhook.ts';

/** The channels of hub.yaml. Nothing is asked of them yet. @throws Fault `config-invalid` (terminal): a file cannot be read, or is empty */
export function openChannels(
  settings: Readonly<Record<string, ChannelSettings>>,
  { clock }: { clock: Clock },
): Channel[] {
  return Object.entries(settings).map(([name, own]) => {
    const read = (file: string | undefined, setting: string) =>
      file === undefined ? undefined : contentOf(file, `alerts.channels.${name}.${setting}`);
    switch (own.type) {
      case 'webhook': {
        const secret = read(own.secretFile, 'secretFile');
        return openWebhook(name, own, { secret, ca: read(own.caFile, 'caFile'), now: () => clock.now() });
      }
      case 'email': {
        const password = read(own.passwordFile, 'passwordFile');
        return openEmail(name, own, { password, ca: read(own.caFile, 'caFile') });
      }
      case 'syslog':
        return openSyslog(name, own, { hostName: hostname(), pid: process.pid });
      default:
        return own satisfies never;
    }
  });
}

function contentOf(file: string, setting: string): string {
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content !== '') return content;
  } catch (error) {
    throw new Fault('config-invalid', 'terminal', `${setting}: ${messageOf(error)}`);
  }
  throw new Fault('config-invalid', 'terminal', `${setting}: ${file} is empty`);
}
