import { createServer } from 'node:net';

/** Below the ports that a kernel gives to outgoing connections (32768 and up on Linux): nobody takes it while its owner restarts. */
const FROM = 20_000;
const TO = 30_000;

/** A port on 127.0.0.1 that nobody listens on now, and that no outgoing connection will be given. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM));
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port between ${FROM} and ${TO}`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
