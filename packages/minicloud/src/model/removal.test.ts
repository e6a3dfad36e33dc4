import { expect, test } from 'vitest';
import { Inside } from '../inside.fixture.ts';

test('a server that is being deleted says ACTIVE until it is gone, and its ports go with it', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  expect((await inside.ask(`DELETE /compute/v2.1/servers/${id}`)).status).toBe(204);
  const server = await inside.show(id);
  expect([server.status, server['OS-EXT-STS:task_state']]).toEqual(['ACTIVE', 'deleting']);
  expect((await inside.ask(`DELETE /compute/v2.1/servers/${id}`)).status).toBe(204);
  await inside.clock.pass(60_000);
  expect(await inside.refusal(`GET /compute/v2.1/servers/${id}`)).toBe(
    `404 itemNotFound: Instance ${id} could not be found.`,
  );
  expect([inside.fake.isRunning(id), [...inside.open.cloud.ports.all()], inside.clock.pending]).toEqual([
    false,
    [],
    0,
  ]);
});

test('a request that was never scheduled is gone at once and leaves no trace', async () => {
  using inside = new Inside();
  const id = await inside.create({ name: 'a' });
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  expect(await inside.list('?changes-since=2020-01-01T00:00:00Z')).toEqual([]);
  await inside.clock.pass(60_000);
  expect([...inside.open.cloud.servers(), inside.clock.pending]).toEqual([0]);
});

test('on a host that is down only the record goes: the guest runs on until the host is back', async () => {
  using inside = new Inside({ hosts: { count: 1 } });
  const id = await inside.running({ name: 'a' });
  inside.open.faults.set('hosts-down', { hosts: ['compute1'] });
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  expect([(await inside.ask(`GET /compute/v2.1/servers/${id}`)).status, inside.fake.isRunning(id)]).toEqual([
    404,
    true,
  ]);
  inside.open.faults.clear('hosts-down');
  await inside.clock.pass(0);
  expect(inside.fake.isRunning(id)).toBe(false);
});

test('a guest that ends while its host reports nothing is noticed when the host is back', async () => {
  using inside = new Inside({ hosts: { count: 1 } });
  const id = await inside.running({ name: 'a' });
  inside.open.faults.set('computes-down', {});
  inside.fake.powerOff(id);
  expect((await inside.show(id)).status).toBe('ACTIVE');
  inside.open.faults.clearAll();
  await inside.clock.pass(0);
  expect((await inside.show(id)).status).toBe('SHUTOFF');
});

test('an order for a host that is down waits in its queue', async () => {
  using inside = new Inside({ hosts: { count: 1 } });
  const id = await inside.running({ name: 'a' });
  inside.open.faults.set('computes-down', {});
  await inside.act(id, { 'os-stop': null });
  await inside.clock.pass(600_000);
  expect((await inside.show(id))['OS-EXT-STS:task_state']).toBe('powering-off');
  inside.open.faults.clearAll();
  await inside.clock.pass(60_000);
  expect((await inside.show(id)).status).toBe('SHUTOFF');
});

test('a server of a dead host is rebuilt on another one, and from 2.95 on stays off there; one of a living host is not', async () => {
  using inside = new Inside({ face: '2025.1', hosts: { count: 2 } });
  const id = await inside.running({ name: 'a' });
  const path = `POST /compute/v2.1/servers/${id}/action`;
  expect(await inside.refusal(path, { evacuate: {} }, 'admin')).toBe(
    '400 badRequest: Compute service of compute1 is still in use.',
  );
  const seen: unknown[] = [];
  for (const [host, version] of [
    ['compute1', '2.94'],
    ['compute2', '2.95'],
  ] as const) {
    inside.open.faults.set('hosts-down', { hosts: [host] });
    await inside.act(id, { evacuate: {} }, 'admin', version);
    await inside.clock.pass(60_000);
    const server = await inside.show(id, 'admin');
    seen.push([server.status, server['OS-EXT-SRV-ATTR:host'], inside.fake.isRunning(id)]);
  }
  expect(seen).toEqual([
    ['ACTIVE', 'compute2', true],
    ['SHUTOFF', 'compute1', false],
  ]);
});

test('a delete that hangs is loosened by an administrator, and by nobody else', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  inside.open.faults.set('delete-hangs', {}, { count: 1 });
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  await inside.clock.pass(600_000);
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  await inside.clock.pass(600_000);
  expect((await inside.show(id))['OS-EXT-STS:task_state']).toBe('deleting');
  const reset = { 'os-resetState': { state: 'error' } };
  expect(await inside.refusal(`POST /compute/v2.1/servers/${id}/action`, reset)).toBe(
    "403 forbidden: Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed.",
  );
  await inside.act(id, reset, 'admin');
  await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  await inside.clock.pass(600_000);
  expect((await inside.ask(`GET /compute/v2.1/servers/${id}`)).status).toBe(404);
});

test('where deleted servers are kept, they are hidden, counted, restored or reclaimed', async () => {
  using inside = new Inside({ reclaimSeconds: 3600 });
  const [first, second] = [await inside.running({ name: 'a' }), await inside.running({ name: 'b' })];
  for (const id of [first, second]) await inside.ask(`DELETE /compute/v2.1/servers/${id}`);
  await inside.clock.pass(60_000);
  const project = inside.open.installation.projects[0]!.id;
  expect([
    (await inside.show(first)).status,
    (await inside.list()).length,
    (await inside.list('?status=SOFT_DELETED')).length,
    inside.open.cloud.usageOf(project).instances,
  ]).toEqual(['SOFT_DELETED', 0, 2, 2]);
  await inside.act(first, { restore: null });
  await inside.clock.pass(3_600_000);
  inside.forgetTokens();
  expect((await inside.list()).map((s) => [s.id, s.status])).toEqual([[first, 'ACTIVE']]);
  expect(inside.open.cloud.usageOf(project).instances).toBe(1);
});

test('an administrator’s lock holds the owner off, and an administrator does not see it', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  await inside.act(id, { lock: { locked_reason: 'mine' } }, 'admin');
  const server = await inside.show(id);
  expect([server['locked'], server['locked_reason']]).toEqual([true, 'mine']);
  for (const what of [`DELETE /compute/v2.1/servers/${id}`, `POST /compute/v2.1/servers/${id}/action`]) {
    expect(await inside.refusal(what, { 'os-stop': null })).toBe(
      `409 conflictingRequest: Instance ${id} is locked`,
    );
  }
  expect((await inside.act(id, { unlock: null })).status).toBe(403);
  expect((await inside.ask(`DELETE /compute/v2.1/servers/${id}`, undefined, 'admin')).status).toBe(204);
});
