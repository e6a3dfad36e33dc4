import { afterAll, beforeEach, expect, test } from 'vitest';
import { bareLink } from './bareLink.ts';
import { makeCertificates } from './certificates.fixture.ts';
import { proveIdentity } from './proveIdentity.ts';
import { qemuMissing, startQemu } from './qemu.fixture.ts';
import { standingLink, type StandingLink } from './standingLink.ts';
import { stayLinked } from './stayLinked.fixture.ts';
import { newTicket } from './ticket.ts';

const UUID = '6f9619ff-8b86-d011-b42d-00cf4fc964ff';
const NAMED = ['-name', 'guest=instance-00000007,debug-threads=on', '-uuid', UUID];
const plain = (ports: { plain: number }) => ({ host: '127.0.0.1', port: ports.plain });

const certificates = qemuMissing ? undefined : makeCertificates();
afterAll(() => certificates?.[Symbol.dispose]());

beforeEach((ctx) => {
  if (qemuMissing) ctx.skip(qemuMissing);
});

test('a plain QEMU tells its name and UUID to whoever proves it, and a bare link answers', async () => {
  await using qemu = await startQemu({
    args: NAMED,
    spice: (ports) => `port=${ports.plain},disable-ticketing=on`,
    endpoint: plain,
  });
  expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
  expect(await proveIdentity(qemu)).toEqual({
    outcome: 'proved',
    name: 'instance-00000007',
    uuid: UUID,
  });
});

test('a QEMU without a UUID links us and says no identity', async () => {
  await using qemu = await startQemu({
    spice: (ports) => `port=${ports.plain},disable-ticketing=on`,
    endpoint: plain,
  });
  expect(await proveIdentity(qemu)).toMatchObject({ outcome: 'no-identity' });
});

test('a QEMU with a ticket is proved by that ticket alone', async () => {
  const ticket = newTicket();
  await using qemu = await startQemu({
    args: [...NAMED, '-object', `secret,id=ticket,data=${ticket}`],
    spice: (ports) => `port=${ports.plain},password-secret=ticket`,
    endpoint: plain,
  });
  expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
  expect(await proveIdentity({ ...qemu, password: ticket })).toMatchObject({ outcome: 'proved', uuid: UUID });
  for (const password of [undefined, '', 'wrong', `${ticket}x`, 'x'.repeat(60), 'x'.repeat(61)]) {
    expect(await proveIdentity({ ...qemu, password })).toMatchObject({ outcome: 'refused-ticket' });
  }
});

test('a QEMU with TLS is proved by its authority and its name or subject, and by nothing less', async (ctx) => {
  if (!certificates) {
    ctx.skip('openssl is not installed');
    return;
  }
  const { directory, ca, otherCa, subject } = certificates;
  const ticket = newTicket();
  await using qemu = await startQemu({
    args: [...NAMED, '-object', `secret,id=ticket,data=${ticket}`],
    spice: ({ plain, tls }) =>
      `port=${plain},tls-port=${tls},x509-dir=${directory},password-secret=ticket,tls-channel=default`,
    endpoint: ({ plain, tls }) => ({ host: '127.0.0.1', port: plain, tlsPort: tls, ca, password: ticket }),
  });
  const outcomeOf = async (change: object) => (await proveIdentity({ ...qemu, ...change })).outcome;
  expect({
    right: await outcomeOf({}),
    rightSubject: await outcomeOf({ hostSubject: subject }),
    rightSubjectWhateverTheHost: await outcomeOf({ host: 'localhost', hostSubject: subject }),
    wrongHost: await outcomeOf({ host: 'localhost' }),
    wrongSubject: await outcomeOf({ hostSubject: 'CN=host-3' }),
    wrongAuthority: await outcomeOf({ ca: otherCa }),
    noAuthority: await outcomeOf({ ca: undefined }),
    authorityThatIsNone: await outcomeOf({ ca: '-----BEGIN CERTIFICATE-----\nnonsense\n' }),
    wrongTicket: await outcomeOf({ password: 'wrong' }),
    withoutTls: await outcomeOf({ tlsPort: undefined }),
    tlsOnThePlainPort: await outcomeOf({ tlsPort: qemu.port }),
    plainOnTheTlsPort: await outcomeOf({ tlsPort: undefined, port: qemu.tlsPort }),
  }).toEqual({
    right: 'proved',
    rightSubject: 'proved',
    rightSubjectWhateverTheHost: 'proved',
    wrongHost: 'bad-certificate',
    wrongSubject: 'bad-certificate',
    wrongAuthority: 'bad-certificate',
    noAuthority: 'bad-certificate',
    authorityThatIsNone: 'bad-certificate',
    wrongTicket: 'refused-ticket',
    withoutTls: 'needs-tls',
    tlsOnThePlainPort: 'not-spice',
    plainOnTheTlsPort: 'unreachable',
  });
  expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
});

test('a bare link leaves the linked client alone; a proof throws it out', async () => {
  await using qemu = await startQemu({
    args: NAMED,
    spice: (ports) => `port=${ports.plain},disable-ticketing=on`,
    endpoint: plain,
  });
  const viewer = await stayLinked(qemu);
  for (let i = 0; i < 5; i++) expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
  expect(viewer.closed).toBe(false);
  expect(await proveIdentity(qemu)).toMatchObject({ outcome: 'proved' });
  await viewer.over;
});

test('a link that stands is answered by QEMU, hinders no bare link, and ends when a viewer links', async () => {
  await using qemu = await startQemu({
    args: NAMED,
    spice: (ports) => `port=${ports.plain},disable-ticketing=on`,
    endpoint: plain,
  });
  const stand = async (): Promise<StandingLink> => {
    const stood = await standingLink(qemu);
    if (stood.outcome !== 'standing') throw new Error(stood.why);
    return stood.link;
  };
  const link = await stand();
  expect([link.name, link.uuid]).toEqual(['instance-00000007', UUID]);
  for (let i = 0; i < 5; i++) expect(await link.answers(5000)).toBe(true);
  expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
  expect(await link.answers(5000)).toBe(true);
  const end = new Promise<void>((resolve) => link.onEnd(resolve));
  const viewer = await stayLinked(qemu);
  await end;
  expect([link.open, viewer.closed]).toEqual([false, false]);
  viewer.leave();
  await viewer.over;

  // One that was closed by us is in nobody's way, however soon the viewer comes.
  const another = await stand();
  expect(await another.answers(5000)).toBe(true);
  another.close();
  const next = await stayLinked(qemu);
  expect(await bareLink(qemu)).toEqual({ outcome: 'answered' });
  expect(next.closed).toBe(false);
  next.leave();
  await next.over;
});
