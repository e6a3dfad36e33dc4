import { EventEmitter } from 'node:events';
import { TC_PATH } from '@anyseat/protocol';
import type { Life, Network } from './network.ts';

/** What the hub's end of a line has for the seat's. */
export type ToSeat =
  { kind: 'text'; text: string } | { kind: 'ping' } | { kind: 'close'; code: number; reason: string };

export interface SeatEnd {
  text(text: string): void;
  /** The hub asks whether the line stands; it is answered by itself. */
  pinged(): void;
  closed(reason: string): void;
}

export interface HubEnd {
  text(text: string): void;
  pong(): void;
  closed(): void;
}

/** A connection from a seat to the hub: in order, late, and cut or closed by either side or by nobody. */
export class Line {
  readonly life: Life;
  readonly #network: Network;
  readonly #seatEnd: SeatEnd;
  hubEnd: HubEnd | undefined;
  #lastToSeat = 0;
  #lastToHub = 0;
  /** Nothing comes through any more, and nobody is told. */
  #isCut = false;
  #closed = false;

  constructor(life: Life, seatEnd: SeatEnd, network: Network) {
    this.life = life;
    this.#seatEnd = seatEnd;
    this.#network = network;
  }

  /** The upgrade: the gateway takes the socket, or sends it away. */
  knock(door: EventEmitter): void {
    const socket = Object.assign(new EventEmitter(), {
      line: this,
      destroy: () => this.closeAtSeat(),
      end: () => this.closeAtSeat(),
    });
    this.#toHub(() => {
      door.emit('connection', socket);
      door.emit('upgrade', { url: TC_PATH, socket: { remoteAddress: '10.1.1.1' } }, socket, Buffer.alloc(0));
      if (this.hubEnd === undefined) this.closeAtSeat();
    });
  }

  toSeat(news: ToSeat): void {
    if (!this.life.alive) return;
    const { watch } = this.#network.around;
    if (news.kind === 'text') {
      watch.crossing(this.life, 'is about to say something');
      if (!this.life.alive) return;
      watch.says(this.life, news.text);
    }
    this.#toSeat(() => {
      if (news.kind === 'text') this.#seatEnd.text(news.text);
      else if (news.kind === 'close') this.closeAtSeat(news.reason);
      else {
        this.#seatEnd.pinged();
        this.#toHub(() => this.hubEnd?.pong());
      }
    });
    if (news.kind === 'text') watch.crossing(this.life, 'has said something');
  }

  toHub(text: string): void {
    this.#toHub(() => {
      this.#network.around.watch.crossing(this.life, 'is about to hear something');
      if (this.life.alive) this.hubEnd?.text(text);
    });
  }

  /** The seat hangs up, or somebody in between resets the connection. */
  close(): void {
    this.closeAtSeat();
  }

  cut(): void {
    this.#isCut = true;
    this.#network.hungUp(this);
  }

  /** The seat knows at once, the hub a moment later. */
  closeAtSeat(reason = ''): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#network.hungUp(this);
    this.#network.around.time.at(this.#network.latency(), () => {
      if (!this.#isCut) this.#seatEnd.closed(reason);
    });
    this.#toHub(() => this.hubEnd?.closed());
  }

  #toSeat(deliver: () => void): void {
    const { time } = this.#network.around;
    this.#lastToSeat = Math.max(this.#lastToSeat, time.now + this.#network.latency());
    time.at(this.#lastToSeat - time.now, () => {
      if (!this.#isCut && !this.#closed) deliver();
    });
  }

  #toHub(deliver: () => void): void {
    const { time } = this.#network.around;
    this.#lastToHub = Math.max(this.#lastToHub, time.now + this.#network.latency());
    time.at(this.#lastToHub - time.now, () => {
      this.life.clock.whenItRuns(() => {
        if (!this.#isCut && this.life.alive) deliver();
      });
    });
  }
}
