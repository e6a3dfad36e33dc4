import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

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

  /** A gauge that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: (): void => gauge.set(read()),
    });
  }
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
