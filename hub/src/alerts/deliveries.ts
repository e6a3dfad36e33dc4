import {
  backoffMs,
  DAY,
  isFault,
  messageOf,
  MINUTE,
  newSecret,
  SECOND,
  type Clock,
  type Log,
} from '@anyseat/base';
import type { AlertMessage } from '../domain/alert/message.ts';
import { isAtLeast, type Severity } from '../domain/alert/alertRules.ts';
import type { Store } from '../store/store.ts';
import { letterOf, testLetter, type Channel, type Letter, type Sender } from './channel.ts';

export interface DeliveriesDeps {
  store: Pick<Store, 'alertMessages' | 'messageArrived' | 'messageFailed'>;
  channels: readonly Channel[];
  sender: Sender;
  clock: Clock;
  log: Log;
}

/** What came of a test. */
export interface Tried {
  readonly channel: string;
  readonly kind: Channel['kind'];
  readonly to: string;
  readonly ok: boolean;
  /** Why not. */
  readonly text: string;
  readonly tookMs: number;
}

const AT_ONCE = 20;
const LOOK_EVERY_MS = 10 * SECOND;
const SEND_WITHIN_MS = 20 * SECOND;
const AGAIN = { firstMs: 5 * SECOND, mostMs: 10 * MINUTE };
const restOf = (failures: number): number => AGAIN.firstMs + backoffMs(failures, AGAIN);
/** Nobody wants to hear of it any more. */
const TOO_OLD_MS = 7 * DAY;

/** How a channel does: in a row it failed so often, and what it said last. */
interface Doing {
  failures: number;
  said: string;
  wake: AbortController;
}

/**
 * Sends what is written in the store, by each channel for itself: until it has arrived, with growing rests, in order. It is taken out
 * of the store after it has arrived, so it arrives once or, when the hub dies in between, twice, under the same id.
 */
export class Deliveries implements AsyncDisposable {
  readonly #deps: DeliveriesDeps;
  readonly #stop = new AbortController();
  readonly #doing = new Map<string, Doing>();
  #running: Promise<unknown> | undefined;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    for (const { name } of deps.channels)
      this.#doing.set(name, { failures: 0, said: '', wake: new AbortController() });
  }

  start(): void {
    this.#running = Promise.all(this.#deps.channels.map((channel) => this.#run(channel)));
  }

  /** Names of those that send what is so grave. */
  channelsFor(severity: Severity): string[] {
    return this.#deps.channels.filter(({ least }) => isAtLeast(severity, least)).map(({ name }) => name);
  }

  /** Something was written: it is sent without delay, unless the channel fails and rests. */
  look(): void {
    for (const doing of this.#doing.values()) if (doing.failures === 0) doing.wake.abort();
  }

  /** Those that do not get through now. */
  failing(): { name: string; text: string }[] {
    return [...this.#doing].flatMap(([name, { failures, said }]) =>
      failures > 0 ? [{ name, text: said }] : [],
    );
  }

  /** A letter that tells of nothing, by every channel, now. */
  test(signal: AbortSignal): Promise<Tried[]> {
    const { clock, channels, sender } = this.#deps;
    const letter = testLetter(`test.${newSecret().slice(0, 16)}`, clock.now(), sender);
    return Promise.all(
      channels.map(async (channel): Promise<Tried> => {
        const from = clock.monotonic();
        const failed = await this.#send(channel, letter, signal);
        const { name, kind, to } = channel;
        const tookMs = Math.round(clock.monotonic() - from);
        return { channel: name, kind, to, ok: failed === undefined, text: failed ?? '', tookMs };
      }),
    );
  }

  /** Past the store, which cannot write: once, by every channel. */
  async cryOut(letter: Letter): Promise<void> {
    const { channels, log } = this.#deps;
    await Promise.all(
      channels.map(async (channel) => {
        const failed = await this.#send(channel, letter, this.#stop.signal);
        if (failed !== undefined)
          log.warn({ channel: channel.name, why: failed }, 'an alert could not be sent');
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const { wake } of this.#doing.values()) wake.abort();
    await this.#running;
  }

  async #run(channel: Channel): Promise<void> {
    const { clock, log } = this.#deps;
    const doing = this.#doing.get(channel.name)!;
    while (!this.#stop.signal.aborted) {
      doing.wake = new AbortController();
      try {
        await this.#sendDue(channel, doing);
      } catch (error) {
        // The store: what stands there goes on standing there.
        if (!this.#stop.signal.aborted)
          log.warn({ channel: channel.name, why: messageOf(error) }, 'what is to be sent could not be read');
      }
      const restMs = doing.failures === 0 ? LOOK_EVERY_MS : restOf(doing.failures - 1);
      const until = AbortSignal.any([this.#stop.signal, doing.wake.signal]);
      await clock.sleep(restMs, until).catch(() => undefined);
    }
  }

  async #sendDue(channel: Channel, doing: Doing): Promise<void> {
    const { store, log, clock, sender } = this.#deps;
    for (;;) {
      const due = await store.alertMessages(channel.name, AT_ONCE);
      for (const message of due) {
        if (this.#stop.signal.aborted) return;
        const letter = letterOf(message.alert, message.event, sender);
        const isOld = clock.now() - message.at > TOO_OLD_MS;
        const failed = isOld ? undefined : await this.#send(channel, letter, this.#stop.signal);
        if (failed !== undefined) return this.#failed(message, doing, failed);
        await store.messageArrived(message);
        const about = { channel: channel.name, letter: letter.id, code: letter.code };
        if (isOld) log.warn(about, 'an alert is a week old and was not sent');
        else log.info(about, 'an alert was sent');
        doing.failures = 0;
      }
      if (due.length < AT_ONCE) return;
    }
  }

  async #failed(message: AlertMessage, doing: Doing, why: string): Promise<void> {
    const { store, log, clock } = this.#deps;
    if (this.#stop.signal.aborted) return;
    doing.failures += 1;
    doing.said = why;
    const about = { channel: message.channel, alert: message.alert.id, tries: message.tries + 1, why };
    log.warn(about, 'an alert could not be sent; it is tried again');
    await store.messageFailed(message, clock.now() + restOf(message.tries));
  }

  /** @returns why it was not sent */
  async #send(channel: Channel, letter: Letter, signal: AbortSignal): Promise<string | undefined> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(SEND_WITHIN_MS)]);
    try {
      await channel.send(letter, within);
      return undefined;
    } catch (error) {
      if (within.aborted && !signal.aborted) return `no answer within ${SEND_WITHIN_MS / SECOND} s`;
      return isFault(error) ? error.message : messageOf(error);
    }
  }
}
