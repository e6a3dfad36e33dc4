import { expect, test } from 'vitest';
import { Inside, type Shown } from '../inside.fixture.ts';

const brief = (s: Shown) => `${s.status} ${s['OS-EXT-STS:vm_state']}/${s['OS-EXT-STS:task_state']}`;

test('a server goes from its request to ACTIVE by way of a host, ports and a guest', async () => {
  using inside = new Inside();
  const id = await inside.create({ name: 'Desk 1', tags: ['b', 'a'] });
  const seen: unknown[] = [];
  const look = async (ms: number) => {
    await inside.clock.pass(ms);
    const s = await inside.show(id, 'admin');
    seen.push([
      brief(s),
      s['OS-EXT-SRV-ATTR:host'],
      s.tags,
      Object.keys(s.addresses),
      inside.fake.isRunning(id),
    ]);
  };
  for (const ms of [0, 150, 150, 1200]) await look(ms);
  expect(seen).toEqual([
    ['BUILD building/scheduling', null, ['b', 'a'], [], false],
    ['BUILD building/networking', 'compute1', ['a', 'b'], [], false],
    ['BUILD building/spawning', 'compute1', ['a', 'b'], [], false],
    ['ACTIVE active/null', 'compute1', ['a', 'b'], ['desk-net'], true],
  ]);
  expect((await inside.show(id))['OS-EXT-SRV-ATTR:hostname']).toBe('desk-1');
});

test.each([
  { body: { 'os-stop': null }, doing: 'ACTIVE active/powering-off', done: 'SHUTOFF stopped/null' },
  { body: { reboot: { type: 'SOFT' } }, doing: 'REBOOT active/rebooting', done: 'ACTIVE active/null' },
  {
    body: { reboot: { type: 'HARD' } },
    doing: 'HARD_REBOOT active/rebooting_hard',
    done: 'ACTIVE active/null',
  },
  { body: { suspend: null }, doing: 'ACTIVE active/suspending', done: 'SUSPENDED suspended/null' },
  { body: { pause: null }, doing: 'ACTIVE active/pausing', done: 'PAUSED paused/null' },
  {
    body: { shelve: null },
    doing: 'ACTIVE active/shelving',
    done: 'SHELVED_OFFLOADED shelved_offloaded/null',
  },
])('a running server that is told $body is $doing, then $done', async ({ body, doing, done }) => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  const { status } = await inside.act(id, body);
  const before = brief(await inside.show(id));
  await inside.clock.pass(60_000);
  expect({ status, before, after: brief(await inside.show(id)) }).toEqual({
    status: 202,
    before: doing,
    after: done,
  });
});

test.each([
  ['os-start', "409 conflictingRequest: Cannot 'start' instance ID while it is in vm_state active"],
  ['resume', "409 conflictingRequest: Cannot 'resume' instance ID while it is in vm_state active"],
  ['restore', "409 conflictingRequest: Cannot 'restore' instance ID while it is in vm_state active"],
])('a running server cannot %s', async (action, words) => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  const said = await inside.refusal(`POST /compute/v2.1/servers/${id}/action`, { [action]: null });
  expect(said.replace(id, 'ID')).toBe(words);
});

test('what is under way is told from what is done, and a second order meanwhile is refused', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  await inside.act(id, { 'os-stop': null });
  const path = `POST /compute/v2.1/servers/${id}/action`;
  expect(await inside.refusal(path, { 'os-stop': null })).toBe(
    `409 conflictingRequest: Cannot 'stop' instance ${id} while it is in task_state powering-off`,
  );
  await inside.clock.pass(60_000);
  const { instanceActions } = await inside.get<{ instanceActions: { action: string }[] }>(
    `/compute/v2.1/servers/${id}/os-instance-actions`,
  );
  expect(instanceActions.map((a) => a.action)).toEqual(['stop', 'create']);
});

test('a rebuilt server keeps id, host and address, and one that was off is off again', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a', metadata: { old: '1' } });
  const before = await inside.show(id);
  await inside.act(id, { 'os-stop': null });
  await inside.clock.pass(60_000);
  const imageRef = inside.open.installation.images[0]!.id;
  const { status, body } = await inside.act(id, { rebuild: { imageRef, metadata: { new: '2' } } });
  expect([status, brief((JSON.parse(body) as { server: never }).server)]).toEqual([
    202,
    'REBUILD stopped/rebuilding',
  ]);
  await inside.clock.pass(60_000);
  const after = await inside.show(id);
  expect([brief(after), after.metadata, after.hostId, after.addresses]).toEqual([
    'SHUTOFF stopped/null',
    { new: '2' },
    before.hostId,
    before.addresses,
  ]);
});

test('a guest that shuts itself down makes its server SHUTOFF', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  inside.fake.powerOff(id);
  expect(brief(await inside.show(id))).toBe('SHUTOFF stopped/null');
});

test('no more builds run on a host at once than it may, and the rest wait as scheduled', async () => {
  using inside = new Inside({ hosts: { count: 1, maxBuilds: 2 } });
  for (let i = 0; i < 5; i++) await inside.create({ name: `d${i}`, metadata: { lab_delay: '10' } });
  const states = async () => (await inside.list('?sort_key=display_name&sort_dir=asc')).map(brief);
  await inside.clock.pass(5000);
  expect(await states()).toEqual([
    ...Array<string>(2).fill('BUILD building/spawning'),
    ...Array<string>(3).fill('BUILD building/scheduling'),
  ]);
  // A waiting one and a building one are given up: both places are free.
  const ids = [...inside.open.cloud.servers()].map((s) => s.id);
  await inside.ask(`DELETE /compute/v2.1/servers/${ids[0]}`);
  await inside.ask(`DELETE /compute/v2.1/servers/${ids[4]}`);
  await inside.clock.pass(2000);
  expect(await states()).toEqual([
    ...Array<string>(2).fill('BUILD building/spawning'),
    'BUILD building/scheduling',
  ]);
  await inside.clock.pass(60_000);
  expect(await states()).toEqual(Array<string>(3).fill('ACTIVE active/null'));
});

test('servers go where most memory is free, and where none fits they end in cell0 without a host', async () => {
  // 1024 MB less 512 reserved, by 1.0: one guest of 512 MB on each.
  using inside = new Inside({ hosts: { count: 2, memoryMb: 1024, memoryRatio: 1 } });
  for (let i = 0; i < 3; i++) await inside.create({ name: `d${i}` });
  await inside.clock.pass(60_000);
  const seen = (await inside.list('?sort_key=display_name&sort_dir=asc', 'admin')).map((s) => [
    s.status,
    s['OS-EXT-SRV-ATTR:host'],
    s.fault?.message,
  ]);
  expect(seen).toEqual([
    ['ACTIVE', 'compute1', undefined],
    ['ACTIVE', 'compute2', undefined],
    ['ERROR', null, 'No valid host was found. '],
  ]);
  expect(inside.open.cloud.usageOf(inside.open.installation.projects[0]!.id).instances).toBe(3);
});

test('a build that fails is tried on three hosts, gives back what it took, and can only be deleted', async () => {
  using inside = new Inside({ hosts: { count: 5 } });
  const id = await inside.running({ name: 'a', metadata: { lab_fault: 'no' } });
  const server = await inside.show(id);
  expect([
    brief(server),
    server.fault?.message,
    server.addresses,
    [...inside.open.cloud.ports.all()],
  ]).toEqual([
    'ERROR error/null',
    `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${id}.`,
    {},
    [],
  ]);
  expect(inside.open.cloud.hosts.all().map((h) => h.used.guests)).toEqual([0, 0, 0, 0, 0]);
  const imageRef = inside.open.installation.images[0]!.id;
  expect(await inside.refusal(`POST /compute/v2.1/servers/${id}/action`, { rebuild: { imageRef } })).toBe(
    "409 conflictingRequest: Instance is in an invalid state for 'rebuild'",
  );
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  expect((await inside.ask(`GET /compute/v2.1/servers/${id}`)).status).toBe(404);
});

test('two servers that were promised the same port: the second one ends in ERROR and says why', async () => {
  using inside = new Inside();
  const network_id = inside.open.installation.networks[0]!.id;
  const { body } = await inside.ask('POST /network/v2.0/ports', { port: { network_id, name: 'mine' } });
  const port = (JSON.parse(body) as { port: { id: string } }).port.id;
  const [first, second] = [
    await inside.create({ name: 'a', networks: [{ port }] }),
    await inside.create({ name: 'b', networks: [{ port }] }),
  ];
  await inside.clock.pass(60_000);
  expect((await inside.show(first)).status).toBe('ACTIVE');
  expect((await inside.show(second)).fault?.message).toBe(
    `Build of instance ${second} aborted: Port ${port} is still in use.`,
  );
  expect(
    await inside.refusal('POST /compute/v2.1/servers', inside.order({ name: 'c', networks: [{ port }] })),
  ).toBe(`409 conflictingRequest: Port ${port} is still in use.`);
  // The port was not Nova's: it stays when its server goes.
  await inside.ask(`DELETE /compute/v2.1/servers/${first}`);
  await inside.clock.pass(60_000);
  const { port: left } = await inside.get<{ port: { device_id: string; status: string } }>(
    `/network/v2.0/ports/${port}`,
  );
  expect([left.device_id, left.status]).toEqual(['', 'DOWN']);
});
