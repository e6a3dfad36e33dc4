import { createServer } from 'node:net';

/**
 * A port that nobody listens on. Somebody may take it before it is used: whoever uses it tries again with another.
 * Ports in `taken` are promised already.
 */
export async function freePort(host: string, taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    if (!taken.has(port)) return port;
  }
}
