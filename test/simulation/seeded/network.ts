import type { EventEmitter } from 'node:events';
import type { Clock } from '@anyseat/base';
import type { Api } from '../../../packages/minicloud/src/api/api.ts';
import type { ApiRequest } from '../../../packages/minicloud/src/api/answer.ts';
import type { Dice } from './dice.ts';
import { Line, type SeatEnd } from './line.ts';
import type { Screens, Standing } from './screens.ts';
import type { MachineClock, VirtualTime } from './virtualTime.ts';

/** One process of a hub, from its start to its end. What a dead one still does reaches nothing. */
export interface Life {
  readonly number: number;
  readonly clock: MachineClock;
  alive: boolean;
}

/** A route of the operators' API, as the hub's own server hands it to its framework. */
export interface OperatorRoute {
  method: string;
  url: string;
  handler: (
    request: { body: unknown; query: unknown; params: Record<string, string> },
    reply: { raw: EventEmitter },
  ) => Promise<unknown>;
}

/** Who looks over the network's shoulder. */
export interface Watch {
  /** A hub passes one of the places where it may be killed. */
  crossing(life: Life, what: string): void;
  /** A request has come to the cloud; before anything is done about it. */
  arrives(life: Life, request: ApiRequest): void;
  /** And was served, whatever becomes of the answer. */
  served(life: Life, request: ApiRequest, outcome: Answer | 'reset' | 'hang'): void;
  /** A hub sends this to a seat. */
  says(life: Life, text: string): void;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Surroundings {
  time: VirtualTime;
  dice: Dice;
  api: Api;
  screens: Screens;
  watch: Watch;
}

interface Unreachable {
  outcome: 'unreachable';
  why: string;
}

/** As packages/spice makes it. */
export interface StandingLink {
  readonly name: string;
  readonly uuid: string;
  readonly open: boolean;
  onEnd(listener: () => void): void;
  answers(withinMs: number): Promise<boolean>;
  close(): void;
}

export type Stood = { outcome: 'standing'; link: StandingLink } | Unreachable;

const tooLate: Unreachable = { outcome: 'unreachable', why: 'no answer in time' };
const refused: Unreachable = { outcome: 'unreachable', why: 'ECONNREFUSED' };

/** Most things take a few milliseconds, one in fifty takes long. */
const QUICK_MS = [1, 15] as const;
const SLOW_MS = [200, 2500] as const;
const SLOW_SHARE = 0.02;

/**
 * Everything between the machines of a world: the cloud's API, the agents' door, the desktops' displays. There is one a
 * process, because the modules that stand in for the real network are the process's; each world begins it anew.
 */
export class Network {
  #around: Surroundings | undefined;
  #opening: Life | undefined;
  #lines = new Set<Line>();
  readonly doors = new Map<number, EventEmitter>();
  readonly operators = new Map<string, readonly OperatorRoute[]>();
  readonly lifeOf = new WeakMap<Clock, Life>();
  /** The next so many orders are taken twice. */
  ordersTakenTwice = 0;
  /** The answers of the next so many acts (start, stop, rebuild, removal) are lost. */
  actsUnheard = 0;
  /** Nobody reaches the cloud. */
  cloudAway = false;

  begin(around: Surroundings): void {
    this.#around = around;
    this.#lines = new Set();
    this.doors.clear();
    this.operators.clear();
    this.ordersTakenTwice = 0;
    this.actsUnheard = 0;
    this.cloudAway = false;
  }

  get around(): Surroundings {
    if (!this.#around) throw new Error('there is no world');
    return this.#around;
  }

  /** What is opened meanwhile is this life's. */
  openFor<T>(life: Life, open: () => T): T {
    this.#opening = life;
    try {
      return open();
    } finally {
      this.#opening = undefined;
    }
  }

  opening(): Life {
    if (!this.#opening) throw new Error('a connection of no hub');
    return this.#opening;
  }

  latency(): number {
    const { dice } = this.around;
    const [least, most] = dice.happens(SLOW_SHARE) ? SLOW_MS : QUICK_MS;
    return dice.between(least, most);
  }

  /** One request to the cloud; never answered when the hub is gone meanwhile. */
  ask(life: Life, request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      const heard = (settle: () => void) => {
        this.around.time.at(this.latency(), () => {
          life.clock.whenItRuns(() => {
            signal.removeEventListener('abort', onAbort);
            if (!life.alive) return;
            this.around.watch.crossing(life, `hears of ${request.method} ${request.url}`);
            if (life.alive) settle();
          });
        });
      };
      this.around.watch.crossing(life, `asks ${request.method} ${request.url}`);
      if (!life.alive) return undefined;
      if (this.cloudAway) {
        heard(() => reject(systemError('ECONNREFUSED', 'connect')));
        return undefined;
      }
      this.around.time.at(this.latency(), () => {
        this.#serve(life, request).then((outcome) => {
          if (outcome === 'reset') heard(() => reject(systemError('ECONNRESET', 'read')));
          else if (outcome !== 'hang') heard(() => resolve(outcome));
        }, reject);
      });
      return undefined;
    });
  }

  async #serve(life: Life, request: ApiRequest): Promise<Answer | 'reset' | 'hang'> {
    const { api, watch } = this.around;
    watch.arrives(life, request);
    const outcome = await api.handle(request);
    watch.served(life, request, outcome);
    if (
      this.ordersTakenTwice > 0 &&
      isOrder(request) &&
      typeof outcome === 'object' &&
      outcome.status < 300
    ) {
      this.ordersTakenTwice--;
      await api.handle(request);
    }
    if (this.actsUnheard > 0 && isAct(request)) {
      this.actsUnheard--;
      return this.around.dice.happens(0.5) ? 'hang' : 'reset';
    }
    return outcome;
  }

  /** A seat calls the hub of this life; undefined when nobody is there. */
  dial(life: Life | undefined, seatEnd: SeatEnd): Line | undefined {
    const door = life?.alive ? this.doors.get(portOf(life)) : undefined;
    if (!life || !door) return undefined;
    const line = new Line(life, seatEnd, this);
    this.#lines.add(line);
    line.knock(door);
    return line;
  }

  hungUp(line: Line): void {
    this.#lines.delete(line);
  }

  /** The process is gone, and the kernel closes its connections; or the machine is, and nobody does. */
  died(life: Life, loud: boolean): void {
    for (const line of this.#lines) {
      if (line.life !== life) continue;
      if (loud) line.closeAtSeat();
      else line.cut();
    }
  }

  /** A link to the display at this address. */
  async link(
    clock: Clock,
    host: string,
    how: 'full' | 'bare',
    timeoutMs: number,
  ): Promise<{ outcome: 'proved'; name: string; uuid: string } | Unreachable> {
    if (!(await this.#reaches(clock, host, timeoutMs))) return tooLate;
    const guest = this.around.screens.hubLinks(host, how);
    return guest ? { outcome: 'proved', name: guest.name, uuid: guest.id } : refused;
  }

  /** A full link that stays, and answers a question as long as it does. */
  async stand(clock: Clock, host: string, timeoutMs: number): Promise<Stood> {
    if (!(await this.#reaches(clock, host, timeoutMs))) return tooLate;
    const { screens, time } = this.around;
    const ends: (() => void)[] = [];
    const life = this.lifeOf.get(clock)!;
    const standing: Standing = {
      lost: () =>
        void time.at(this.latency(), () => {
          if (life.alive) for (const tell of ends.splice(0)) tell();
        }),
    };
    const guest = screens.hubLinks(host, 'full', standing);
    if (!guest) return refused;
    const { id, name } = guest;
    const link = {
      name,
      uuid: id,
      get open() {
        return screens.stands(id, standing);
      },
      onEnd: (listener: () => void) => void (screens.stands(id, standing) ? ends.push(listener) : listener()),
      answers: async (withinMs: number) => {
        const reached = await this.#reaches(clock, host, withinMs);
        return reached && screens.stands(id, standing);
      },
      close: () => {
        ends.length = 0;
        screens.hubLeaves(id, standing);
      },
    };
    return { outcome: 'standing', link };
  }

  /** False when it took too long; never anything for a hub that is gone meanwhile. */
  async #reaches(clock: Clock, host: string, timeoutMs: number): Promise<boolean> {
    const { time, watch } = this.around;
    const life = this.lifeOf.get(clock);
    if (!life) throw new Error('a link of no hub');
    watch.crossing(life, `links to ${host}`);
    const takes = this.latency();
    await time.sleep(Math.min(takes, timeoutMs));
    await new Promise<void>((resolve) => void life.clock.whenItRuns(resolve));
    return life.alive ? takes <= timeoutMs : new Promise(() => undefined);
  }
}

export const portOf = (life: Life): number => 10_000 + life.number;

export const isOrder = ({ method, url }: Pick<ApiRequest, 'method' | 'url'>): boolean =>
  method === 'POST' && url.endsWith('/servers');

const isAct = ({ method, url, body }: ApiRequest): boolean =>
  method === 'DELETE' || (url.endsWith('/action') && !body.includes('os-getConsoleOutput'));

const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

export const network = new Network();
