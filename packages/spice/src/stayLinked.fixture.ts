import { once } from 'node:events';
import { exchangeLinkMessages } from './bareLink.ts';
import type { SpiceEndpoint } from './endpoint.ts';
import { withLink } from './openLink.ts';
import { presentTicket } from './presentTicket.ts';

/** A desktop's client, as a viewer is: linked until the server closes it, or it leaves. */
export interface StayingClient {
  readonly closed: boolean;
  /** Resolves when the link is over. */
  readonly over: Promise<unknown>;
  /** Resolves when the server's side has taken all of it. */
  send(bytes: Buffer): Promise<void>;
  leave(): void;
}

/** Resolves when linked; rejects when it cannot be. */
export function stayLinked(endpoint: SpiceEndpoint): Promise<StayingClient> {
  return new Promise((resolve, reject) => {
    const over = withLink(endpoint, { timeoutMs: 60_000 }, async (link) => {
      const reply = await exchangeLinkMessages(link);
      const denied = await presentTicket(link, reply, endpoint.password ?? '');
      if (denied) return denied;
      const closed = once(link.socket, 'close');
      link.reader.discardRest();
      resolve({
        get closed() {
          return link.socket.closed;
        },
        over,
        send: (bytes) =>
          new Promise((sent, failed) => {
            link.socket.write(bytes, (error) => (error ? failed(error) : sent()));
          }),
        leave: () => link.socket.destroy(),
      });
      return closed;
    });
    over.then((end) => reject(new Error(`not linked: ${JSON.stringify(end)}`)), reject);
  });
}
