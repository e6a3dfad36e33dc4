import { connect, createServer } from 'node:net';

/**
 * `netRelay.ts FILE=PORT …`: every connection to the Unix socket FILE goes on to 127.0.0.1:PORT. Started inside a network
 * namespace, it is the way in: files are the same on both sides.
 */
for (const argument of process.argv.slice(2)) {
  const at = argument.lastIndexOf('=');
  createServer({ allowHalfOpen: true }, (outer) => {
    const inner = connect({ host: '127.0.0.1', port: Number(argument.slice(at + 1)), allowHalfOpen: true });
    outer.pipe(inner).pipe(outer);
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy());
  }).listen(argument.slice(0, at));
}
