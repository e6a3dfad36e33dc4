import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Inside } from './inside.fixture.ts';
import { VirtualClock } from './virtualClock.fixture.ts';

/** A scripted hour with chance in it: builds, failures, deletes, restarts of guests. */
async function story(seed: number): Promise<unknown> {
  using inside = new Inside({ seed, timings: {}, hosts: { count: 3, maxBuilds: 2 } });
  inside.open.faults.set('build-fails', { message: 'bad luck' }, { skip: 3, count: 1 });
  for (let i = 0; i < 12; i++) {
    await inside.create({ name: `d${i}` });
    await inside.clock.pass(400);
  }
  const ids = [...inside.open.cloud.servers()].map((s) => s.id);
  await inside.act(ids[0]!, { reboot: { type: 'HARD' } });
  await inside.ask(`DELETE /compute/v2.1/servers/${ids[1]}`);
  await inside.clock.pass(900);
  return [...inside.open.cloud.servers()].map((s) => ({ ...s, display: inside.fake.display(s.id) }));
}

test('the same seed, clock and calls give the same cloud, and another seed another', async () => {
  const [first, again, other] = [await story(1), await story(1), await story(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

function stateDir(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'minicloud-state-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('a second start on the same state goes on: guests boot, builds are lost, deletes end, credentials hold', async () => {
  using dir = stateDir();
  const clock = new VirtualClock();
  const ids = { ran: '', off: '', leaving: '', building: '' };
  let yaml = '';
  {
    using inside = new Inside({ stateDir: dir.path, hosts: { count: 2 } }, clock);
    ids.ran = await inside.running({ name: 'ran', tags: ['t'], metadata: { k: 'v' } });
    ids.off = await inside.running({ name: 'off' });
    ids.leaving = await inside.running({ name: 'leaving' });
    await inside.act(ids.off, { 'os-stop': null });
    await clock.pass(60_000);
    ids.building = await inside.create({ name: 'building', metadata: { lab_delay: '600' } });
    await clock.pass(5000);
    await inside.ask(`DELETE /compute/v2.1/servers/${ids.leaving}`);
    yaml = JSON.stringify(inside.open.installation);
  }
  using inside = new Inside({ stateDir: dir.path, seed: 99 }, clock);
  await clock.pass(60_000);
  const seen = Object.fromEntries(
    (await inside.list('', 'admin')).map((s) => [s.name, `${s.status} ${s.tags.join()}`]),
  );
  expect(seen).toEqual({ ran: 'ACTIVE t', off: 'SHUTOFF ', building: 'ERROR ' });
  const building = await inside.show(ids.building);
  expect([inside.fake.isRunning(ids.ran), inside.fake.isRunning(ids.off), building.fault]).toEqual([
    true,
    false,
    undefined,
  ]);
  expect(JSON.stringify(inside.open.installation)).toBe(yaml);
  expect((await inside.show(ids.ran)).addresses['desk-net']?.length).toBe(1);
  expect(inside.open.cloud.hosts.all().reduce((sum, h) => sum + h.used.guests, 0)).toBe(3);
});

test('a line of the journal that was cut off is left out, and nothing else', async () => {
  using dir = stateDir();
  {
    using inside = new Inside({ stateDir: dir.path });
    await inside.running({ name: 'a' });
  }
  appendFileSync(join(dir.path, 'journal.jsonl'), '["server","x",{"id":"x","na');
  using inside = new Inside({ stateDir: dir.path });
  await inside.clock.pass(60_000);
  expect((await inside.list()).map((s) => s.name)).toEqual(['a']);
  expect(readFileSync(join(dir.path, 'journal.jsonl'), 'utf8').split('\n').length).toBe(3);
});

test('a quota and a disabled host that an administrator set are still set after a restart', async () => {
  using dir = stateDir();
  const services = '/compute/v2.1/os-services';
  {
    using inside = new Inside({ stateDir: dir.path });
    const project = inside.open.installation.projects[0]!.id;
    await inside.ask(`PUT /compute/v2.1/os-quota-sets/${project}`, { quota_set: { instances: 3 } }, 'admin');
    const service = inside.open.installation.hosts[1]!.serviceId;
    await inside.ask(
      `PUT ${services}/${service}`,
      { status: 'disabled', disabled_reason: 'repair' },
      'admin',
    );
  }
  using inside = new Inside({ stateDir: dir.path });
  const { limits } = await inside.get<{ limits: { absolute: { maxTotalInstances: number } } }>(
    '/compute/v2.1/limits',
  );
  const rows = await inside.get<{ services: { host: string; status: string; disabled_reason: string }[] }>(
    services,
    'admin',
  );
  expect([limits.absolute.maxTotalInstances, rows.services.find((r) => r.host === 'compute2')]).toMatchObject(
    [3, { status: 'disabled', disabled_reason: 'repair' }],
  );
});

test('an image whose file was replaced is another image of the same name, and the old one is deactivated', async () => {
  using dir = stateDir();
  const images = (file: string) => [{ name: 'desktop', kernel: file, commandLine: 'quiet' }];
  const first = new Inside({ stateDir: dir.path, images: images(import.meta.filename) });
  first[Symbol.dispose]();
  const same = new Inside({ stateDir: dir.path, images: images(import.meta.filename) });
  same[Symbol.dispose]();
  using other = new Inside({ stateDir: dir.path, images: images(join(import.meta.dirname, 'index.ts')) });
  const list = await other.get<{ images: { id: string; status: string; os_command_line?: string }[] }>(
    '/image/v2/images?name=desktop',
  );
  const ids = (i: Inside) => i.open.installation.images.find((image) => image.name === 'desktop')!.id;
  expect(ids(same)).toBe(ids(first));
  expect(list.images.map((i) => `${i.status} ${i.os_command_line}`).toSorted()).toEqual([
    'active quiet',
    'deactivated quiet',
  ]);
});

test('an image whose file is not there is told in a sentence', () => {
  const images = [{ name: 'desktop', kernel: '/no/such/kernel' }];
  expect(() => new Inside({ images })).toThrow('image desktop: there is no /no/such/kernel');
});
