import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './childProgram.ts';
import { ThinClient } from './thinClient.ts';

/** A person with a password, and the thin client (by its number) at which they log in. */
export interface Visit {
  client: number;
  user: string;
  password: string;
}

/** Milliseconds of one login: all of it as its seat saw it, the stages as the hub told them. */
export interface LoginTimes {
  /** From the frame with the password to the grant; in an open loop, from when it was due. */
  total: number;
  /** While the directory was asked. */
  directory: number;
  /** Until a desktop was durably theirs. */
  desktop: number;
  /** While the desktop proved that it is there. */
  proof: number;
}

export interface LoginRound {
  tookMs: number;
  logins: LoginTimes[];
}

/** Thousands of thin clients in one process: they connect, and people log in at them. */
const clients: ThinClient[] = [];

answerParent({
  /** Public keys of so many thin clients, made now. */
  make: (count: number) => {
    for (let i = 0; i < count; i++) clients.push(new ThinClient());
    return clients.slice(-count).map((client) => client.publicKey);
  },
  connect: async (ask: { url: string; from: number; to: number; inFlight: number }) => {
    const start = performance.now();
    let next = ask.from;
    await atOnce(ask.inFlight, async () => {
      while (next < ask.to) await clients[next++]!.connect(ask.url);
    });
    return performance.now() - start;
  },
  /** Tries again and again until the hub is there; milliseconds since the epoch of its welcome. */
  connectWhenThere: async (ask: { url: string; client: number; withinMs: number }) => {
    for (const until = performance.now() + ask.withinMs; performance.now() < until; await sleep(2)) {
      const client = clients[ask.client]!;
      const welcomed = await client.connect(ask.url).then(
        () => true,
        () => false,
      );
      if (welcomed) return performance.timeOrigin + performance.now();
      client.drop();
    }
    throw new Error(`nobody answered at ${ask.url}`);
  },
  drop: (ask: { from: number; to: number }) => {
    for (const client of clients.slice(ask.from, ask.to)) client.drop();
  },
  /** So many at any time: the next logs in as soon as one is done. */
  closedLoop: async (ask: { visits: Visit[]; inFlight: number }): Promise<LoginRound> => {
    const start = performance.now();
    const logins: LoginTimes[] = [];
    let next = 0;
    await atOnce(ask.inFlight, async () => {
      while (next < ask.visits.length) logins.push(await visit(ask.visits[next++]!));
    });
    return { tookMs: performance.now() - start, logins };
  },
  /** So many a second, whether the ones before are done or not, as people come. */
  openLoop: async (ask: { visits: Visit[]; perSecond: number }): Promise<LoginRound> => {
    const start = performance.now();
    const running: Promise<LoginTimes>[] = [];
    for (const [i, who] of ask.visits.entries()) {
      const due = start + (i * 1000) / ask.perSecond;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const late = performance.now() - due;
      const login = visit(who).then((times) => ({ ...times, total: times.total + Math.max(0, late) }));
      login.catch(() => undefined);
      running.push(login);
    }
    return { logins: await Promise.all(running), tookMs: performance.now() - start };
  },
});

let requests = 0;

async function visit({ client, user, password }: Visit): Promise<LoginTimes> {
  const { total, stages } = await clients[client]!.login(
    `bench-${process.pid}-${++requests}`,
    user,
    password,
  );
  const { directory = 0, desktop = 0, proof = 0 } = stages;
  return { total, directory, desktop, proof };
}

async function atOnce(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}
