import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fault } from '@anyseat/base';
import type { Grant, SwapAnswer } from '@anyseat/protocol';
import { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite, temporaryFolder } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openGround, type Ground } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';

/**
 * A hub that dies at every commit of a swap and of what follows it, just before and just after: whoever asked asks again, the
 * seat comes back, and there is one swap, one desktop for its person, and the old one is nobody's.
 */
let ground: Ground;
beforeAll(async () => {
  ground = await openGround('swap-dies', ['anna']);
});
afterAll(() => ground.stack.disposeAsync());

const BOUND_MS = 60_000;

/** A hub on this folder that is gone at this operation, once; and started again by whoever needs it. */
class MortalHub implements AsyncDisposable {
  readonly #folder: string;
  readonly #resources: unknown;
  hub!: InsideHub;
  deaths = 0;
  #dead = false;

  constructor(folder: string, resources: unknown) {
    this.#folder = folder;
    this.#resources = resources;
  }

  async open(): Promise<void> {
    const { cloud, directory } = ground;
    this.hub = await InsideHub.open({
      folder: this.#folder,
      cloud,
      directories: [directory],
      resources: this.#resources,
    });
    this.#dead = false;
  }

  diesAt(operation: string, when: 'before' | 'after'): void {
    this.hub.tap = ({ name, when: at }) => {
      if (!this.#dead && (name !== operation || at !== when)) return;
      if (!this.#dead) this.deaths++;
      this.#dead = true;
      throw new Fault('store-failed', 'transient', 'the hub is gone');
    };
  }

  async alive(): Promise<InsideHub> {
    if (this.#dead) {
      await this.hub[Symbol.asyncDispose]();
      await this.open();
    }
    return this.hub;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
  }
}

test.each([
  ['before it is committed', 'swapDesktop', 'before'],
  ['before anybody is told that it is', 'swapDesktop', 'after'],
  ['before the other desktop is granted', 'renewGrant', 'before'],
  ['before that grant is sent', 'renewGrant', 'after'],
  ['before the picture of the other one is known', 'recordViewer', 'before'],
  ['just after', 'recordViewer', 'after'],
] as const)(
  'a hub that dies in a swap %s',
  async (_, operation, when) => {
    using folder = temporaryFolder('swap-dies-hub');
    await using mortal = new MortalHub(folder.path, smallSite(1, { floor: 2, ceiling: 6 }));
    await mortal.open();
    await mortal.hub.ready(2);
    const key = generateKeyPairSync('ed25519');
    let seat = await mortal.hub.seat('s1', key);
    const first = await seat.granted('anna', PASSWORD);
    await seat.viewer(first, 'connected');
    const before = await waitFor('the picture', async () =>
      (await mortal.hub.store.sessions({ live: true })).find((s) => s.state === 'connected'),
    );
    const old = before.desktop!;
    mortal.diesAt(operation, when);

    const order = { of: 'anna', expect: { desktop: old, session: before.id } };
    const answer = await waitFor(
      'the answer to the operator',
      async () => (await mortal.alive()).ask<SwapAnswer>('POST', '/swap', order),
      BOUND_MS,
    );
    const grant = await waitFor<Grant>(
      'another desktop at the seat, and its picture',
      async () => {
        const hub = await mortal.alive();
        await seat[Symbol.asyncDispose]();
        seat = await SeatClient.connect(hub.url, { key });
        await seat.welcome();
        const held = { sessionId: first.sessionId, secret: first.resumeSecret, generation: first.generation };
        // The same question until it is answered: its proof may be replaced by an answer that was lost.
        seat.send({ type: 'resume', requestId: 'after-the-swap', want: 'display', ...held, language: 'en' });
        const got = await seat.answer('after-the-swap');
        if (got.type !== 'grant') throw new Error(got.code);
        await seat.viewer(got, 'connected');
        await waitFor(
          'the picture to be kept',
          async () => ((await mortal.hub.store.session(before.id))?.state === 'connected' ? true : undefined),
          5000,
        );
        return got;
      },
      BOUND_MS,
    );
    const { store } = await mortal.alive();
    const again = await mortal.hub.ask<SwapAnswer>('POST', '/swap', order);
    await seat[Symbol.asyncDispose]();
    const session = await store.session(before.id);
    const own = await store.desktop(session!.desktop!);
    expect({
      deaths: mortal.deaths,
      answers: [answer.to, again.to],
      granted: grant.desktop.name,
      old: await store.desktop(old),
      own,
      session,
      open: session?.swap,
      swaps: await store.swaps({ limit: 9 }),
      audit: (await store.verifyAudit()).brokenAt,
    }).toMatchObject({
      deaths: 1,
      answers: [own!.serverName, own!.serverName],
      granted: own!.serverName,
      old: { state: 'quarantined', session: undefined },
      own: { state: 'leased', session: before.id },
      session: { state: 'connected' },
      open: undefined,
      swaps: [{ desktop: old, to: own!.id, tookMs: expect.any(Number) as number }],
      audit: undefined,
    });
  },
  240_000,
);
