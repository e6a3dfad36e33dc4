import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Store } from './store/store.ts';

/** What the hub counts, for Prometheus. Names and labels are an interface: add, never rename. */
export class Metrics {
  readonly registry = new Registry();
  readonly frames: Counter<'type'>;
  readonly logins: Counter<'answer' | 'code'>;
  readonly loginSeconds: Histogram<'answer'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'anyseat_' });
    this.frames = new Counter({
      name: 'anyseat_tc_frames_total',
      help: 'Frames from thin clients, by type; unknown and bad ones too.',
      labelNames: ['type'],
      registers,
    });
    this.logins = new Counter({
      name: 'anyseat_logins_total',
      help: 'Logins answered, by answer and refusal code.',
      labelNames: ['answer', 'code'],
      registers,
    });
    this.loginSeconds = new Histogram({
      name: 'anyseat_login_seconds',
      help: 'Seconds from the login frame to its answer.',
      labelNames: ['answer'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
      registers,
    });
  }

  /** Gauges that are read when they are asked for. */
  watch(now: WatchedNow): void {
    this.#gauge('anyseat_tcs_online', 'Thin clients connected and enrolled.', now.tcsOnline);
    this.#gauge('anyseat_people_waiting', 'People in the queue on this hub.', now.peopleWaiting);
    this.#gauge('anyseat_standing_links', 'Links that stand to ready desktops.', now.standingLinks);
    const [registers, { store }] = [[this.registry], now];
    const desktops: Gauge<'pool' | 'state'> = new Gauge({
      name: 'anyseat_desktops',
      help: 'Desktops of each pool, by state; ready ones that are held back are “held-back”.',
      labelNames: ['pool', 'state'],
      registers,
      collect: async () => {
        const counts = await store.desktopCounts();
        desktops.reset();
        for (const { pool, state, heldBack, count } of counts)
          desktops.inc({ pool, state: heldBack && state === 'ready' ? 'held-back' : state }, count);
      },
    });
    const alerts: Gauge<'severity' | 'code'> = new Gauge({
      name: 'anyseat_alerts',
      help: 'Alerts that are open, acknowledged or silenced ones too, by severity and code.',
      labelNames: ['severity', 'code'],
      registers,
      collect: async () => {
        const open = await store.alerts();
        alerts.reset();
        for (const { severity, code } of open) alerts.inc({ severity, code });
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: (): void => gauge.set(read()),
    });
  }
}

/** What stands as it stands. */
export interface WatchedNow {
  tcsOnline: () => number;
  peopleWaiting: () => number;
  standingLinks: () => number;
  store: Pick<Store, 'desktopCounts' | 'alerts'>;
}

/** `/healthz` (200 while the store writes, else 503, in words) and `/metrics`, on loopback. */
export async function openWatchServer(options: {
  host: string;
  port: number;
  metrics: Metrics;
  health: () => { ok: boolean; text: string };
}): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      const { ok, text } = options.health();
      response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    } else if (request.url === '/metrics') {
      options.metrics.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': options.metrics.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
