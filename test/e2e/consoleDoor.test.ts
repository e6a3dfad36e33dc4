import { join } from 'node:path';
import { expect, test } from 'vitest';
import { API_PREFIX, type FloorAnswer, type LinkAnswer, type WhoAnswer } from '@anyseat/protocol';
import { HubProcess } from './parts/hubProcess.ts';
import { temporaryFolder } from './parts/smallSite.ts';

test('a link of the command lets a browser in at a hub, and every act there has its name in the audit log', async () => {
  using folder = temporaryFolder('console-door');
  await using hub = await HubProcess.start({
    folder: folder.path,
    more: { operator: { socket: join(folder.path, 'hub.sock'), watch: { port: 0 }, console: { port: 0 } } },
  });
  await hub.apply({
    sites: { here: { title: 'Here', timeZone: 'Asia/Shanghai' } },
    seats: { s1: { site: 'here', label: 'One', tags: { room: 'r' }, row: 1, column: 2 } },
  });
  const { url } = await hub.ask<LinkAnswer>('POST', '/console/links', { name: 'li.na', role: 'operate' });
  const [origin, code] = url.split('/#enter=') as [string, string];
  const cookie = await enter(origin, code);
  const look = async <T>(path: string) =>
    (await (await fetch(`${origin}${API_PREFIX}${path}`, { headers: { cookie } })).json()) as T;
  expect(await look<WhoAnswer>('/me')).toMatchObject({ name: 'li.na', role: 'operate', hub: 'test-hub' });
  expect((await look<FloorAnswer>('/floor')).seats).toEqual([
    { name: 's1', site: 'here', label: 'One', room: 'r', row: 1, column: 2, state: 'bare' },
  ]);
  const token = await fetch(`${origin}${API_PREFIX}/tokens`, {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: JSON.stringify({ seat: 's1' }),
  });
  expect(token.status).toBe(200);
  const { rows } = await hub.ask<{ rows: { actor: string; act: string }[] }>('GET', '/audit?limit=3');
  expect(rows.map(({ actor, act }) => `${actor}: ${act}`)).toEqual([
    expect.stringMatching(/^operator li\.na: /),
    'operator li.na: console.entered',
    'operator local-root: console.link-made',
  ]);
  // Nothing that opens the door is in the log.
  expect([code, cookie.split('=')[1]!].filter((secret) => hub.log.includes(secret))).toEqual([]);
});

async function enter(origin: string, code: string): Promise<string> {
  const entered = await fetch(`${origin}${API_PREFIX}/enter`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  expect(entered.status).toBe(200);
  return entered.headers.get('set-cookie')!.split(';')[0]!;
}
