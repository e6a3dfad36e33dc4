import type { Socket } from 'node:net';
import { systemClock, type Clock } from '@anyseat/base';
import { exchangeLinkMessages } from './bareLink.ts';
import type { SpiceEndpoint } from './endpoint.ts';
import { MainChannel } from './mainChannel.ts';
import { openLink, type LinkOptions, type OpenLink } from './openLink.ts';
import { presentTicket } from './presentTicket.ts';
import { readIdentity, type Identified, type Proof } from './proveIdentity.ts';
import { COMMON_CAP } from './wire.ts';

/** A link that stays, to the VM of this name and UUID. */
export type Stood = { outcome: 'standing'; link: StandingLink } | Exclude<Proof, { outcome: 'proved' }>;

/** The kernel asks after a silent peer this often: a line that is dead is known within a minute, and no firewall forgets it. */
const KEEP_ALIVE_MS = 30_000;
/**
 * The line's measuring is 250 kB; after that a server says some bytes a minute. One that sends more than this means us no
 * good, or is no use.
 */
const MOST_BYTES = 4 * 1024 * 1024;
/** A server that asks and does not read the answers fills our memory. */
const MOST_UNSENT_BYTES = 64 * 1024;

/**
 * Proves who answers there, as `proveIdentity` does, and stays: from then on one short question tells whether that very
 * process still answers. **Throws out whoever is linked**, and is thrown out by the next one who links.
 */
export function standingLink(endpoint: SpiceEndpoint, options: LinkOptions = {}): Promise<Stood> {
  const clock = options.clock ?? systemClock;
  return openLink<Stood>(
    endpoint,
    options,
    async (link) => {
      const reply = await exchangeLinkMessages(link);
      const denied = await presentTicket(link, reply, endpoint.password ?? '');
      if (denied) return denied;
      const miniHeader = reply.commonCaps.has(COMMON_CAP.miniHeader);
      const identified = await readIdentity(link, miniHeader);
      if (identified.outcome === 'no-identity') return identified;
      return { outcome: 'standing', link: new StandingLink(link, identified, miniHeader, clock) };
    },
    (result) => result.outcome === 'standing',
  );
}

/** One at a time asks; whoever made it closes it. */
export class StandingLink {
  readonly name: string;
  /** Lower-case: Nova's server id. */
  readonly uuid: string;
  readonly #socket: Socket;
  readonly #channel: MainChannel;
  readonly #clock: Clock;
  #bytes = 0;
  #onEnd: (() => void) | undefined;
  #asked: ((answers: boolean) => void) | undefined;

  constructor(
    { socket, reader }: OpenLink,
    { name, uuid, begun }: Identified,
    miniHeader: boolean,
    clock: Clock,
  ) {
    this.name = name;
    this.uuid = uuid;
    this.#socket = socket;
    this.#clock = clock;
    this.#channel = new MainChannel({
      miniHeader,
      begun,
      send: (bytes) => this.#send(bytes),
      onChannelsList: () => this.#answered(true),
    });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once('close', () => this.#ended());
    reader.handOver((chunk) => this.#take(chunk));
  }

  /** False once it is over: closed by either side, or thrown out. */
  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && !this.#socket.readableEnded;
  }

  /** Called once, when the link ends otherwise than by `close`; at once where it has ended already. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
    if (!this.open) this.#ended();
  }

  /** One round trip to the VM's process. One that does not answer in time is closed. */
  answers(withinMs: number): Promise<boolean> {
    if (!this.open || this.#asked) return Promise.resolve(false);
    return new Promise((resolve) => {
      const late = this.#clock.after(withinMs, () => {
        this.#answered(false);
        this.close();
      });
      this.#asked = (answers) => {
        late[Symbol.dispose]();
        resolve(answers);
      };
      this.#channel.askForChannels();
    });
  }

  /** Leaves without ceremony. Whoever links next is not in our way, nor we in theirs. */
  close(): void {
    this.#onEnd = undefined;
    this.#answered(false);
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_BYTES) this.#socket.destroy();
    else this.#channel.take(chunk);
  }

  #send(bytes: Buffer): void {
    if (this.#socket.writableLength > MOST_UNSENT_BYTES) this.#socket.destroy();
    else this.#socket.write(bytes);
  }

  #answered(answers: boolean): void {
    this.#asked?.(answers);
    this.#asked = undefined;
  }

  #ended(): void {
    this.#socket.destroy();
    this.#answered(false);
    const told = this.#onEnd;
    this.#onEnd = undefined;
    told?.();
  }
}
