import type { Client, ScreenSaver, XInput } from 'x11';
import { messageOf, type Clock, type Log } from '@anyseat/base';
import { IdleMeter, type InputReading, type Touch } from '../../common/idleMeter.ts';
import { openX11 } from '../viewer/openX11.ts';
import type { Input, InputMeter } from './input.ts';

/** What we press ourselves comes by at once, unless nothing listens. */
const OWN_WITHIN_MS = 1000;

export interface X11InputOptions {
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  log: Log;
}

/**
 * Input of an X screen by the raw events of XInput 2, which come whoever has grabbed keyboard and pointer (version 2.1 and
 * later; the viewer grabs both). No child process, on any architecture. A key that is held repeats nothing: raw events have
 * no repeats, so a book on a keyboard is idle.
 */
export class X11Input implements Input {
  readonly #options: X11InputOptions;
  #said = '';
  /** Keys of our own that have not come by yet, until when they are waited for. */
  readonly #own = { keys: 0, until: 0 };

  constructor(options: X11InputOptions) {
    this.#options = options;
  }

  ownKeys(count: number): void {
    const now = this.#options.clock.monotonic();
    if (now > this.#own.until) this.#own.keys = 0;
    this.#own.keys += count;
    this.#own.until = now + OWN_WITHIN_MS;
  }

  count(): InputMeter {
    return new Meter(this.#options, this.#own, (why) => {
      if (this.#said !== why) this.#options.log.info({ why }, 'input is not counted on this screen');
      this.#said = why;
    });
  }
}

/** One connection to the X server, opened again by a reading that finds it gone. */
class Meter implements InputMeter {
  readonly #options: X11InputOptions;
  readonly #own: { keys: number; until: number };
  readonly #sayWhy: (why: string) => void;
  #meter: IdleMeter | undefined;
  #client: Client | undefined;
  #opening = false;
  #over = false;

  constructor(options: X11InputOptions, own: { keys: number; until: number }, sayWhy: (why: string) => void) {
    this.#options = options;
    this.#own = own;
    this.#sayWhy = sayWhy;
    this.#open();
  }

  read(): InputReading | undefined {
    if (!this.#meter) this.#open();
    return this.#meter?.read();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#close();
  }

  #open(): void {
    if (this.#opening || this.#over) return;
    this.#opening = true;
    this.#connect()
      .catch((error: unknown) => this.#lost(messageOf(error)))
      .finally(() => (this.#opening = false));
  }

  async #connect(): Promise<void> {
    const { environment, clock } = this.#options;
    const { DISPLAY } = environment;
    if (!DISPLAY) throw new Error('there is no X screen');
    const onLost = (error?: Error) => this.#lost(error ? messageOf(error) : 'the X server is gone');
    const { client, screen } = await openX11(DISPLAY, onLost);
    this.#client = client;
    const { root } = screen[0];
    const meter = new IdleMeter(() => clock.monotonic());
    const idleMs = await idleOf(client, root);
    if (idleMs !== undefined) meter.idleFor(idleMs);
    listen(await xinputOf(client), client, root, (touch) => {
      if (touch !== 'keys' || !this.#isOwn()) meter.count(touch);
    });
    if (this.#over) this.#close();
    else this.#meter = meter;
  }

  #isOwn(): boolean {
    if (this.#own.keys === 0 || this.#options.clock.monotonic() > this.#own.until) return false;
    this.#own.keys--;
    return true;
  }

  #lost(why: string): void {
    if (!this.#over) this.#sayWhy(why);
    this.#close();
  }

  #close(): void {
    this.#meter = undefined;
    this.#client?.stream?.destroy();
    this.#client = undefined;
  }
}

/** Offsets in a raw event, from its eighth byte (XI2proto.h, xXIRawEvent). */
const EVENT_TYPE = 0;
const DETAIL = 8;
const BUTTON_WHEEL = { first: 4, last: 7 };
const noEvent = {};

/** Of a key event nothing but its type is read. */
function listen(xinput: XInput, client: Client, root: number, count: (touch: Touch) => void): void {
  const { RawKeyPress, RawButtonPress, RawMotion, RawTouchBegin } = xinput.EventType;
  client.geEventParsers[xinput.majorOpcode] = (_type, _sequence, _extra, _code, raw) => {
    switch (raw.readUInt16LE(EVENT_TYPE)) {
      case RawKeyPress:
        count('keys');
        break;
      case RawButtonPress: {
        const button = raw.readUInt32LE(DETAIL);
        count(button >= BUTTON_WHEEL.first && button <= BUTTON_WHEEL.last ? 'wheel' : 'clicks');
        break;
      }
      case RawTouchBegin:
        count('clicks');
        break;
      case RawMotion:
        count('moves');
        break;
    }
    return noEvent;
  };
  const mask = [RawKeyPress, RawButtonPress, RawMotion, RawTouchBegin];
  xinput.XISelectEvents(root, { deviceId: xinput.AllMasterDevices, mask });
}

/** @throws Error (rejects) when the server tells no raw events while somebody has grabbed keyboard and pointer */
export async function xinputOf(client: Client): Promise<XInput> {
  const xinput = await new Promise<XInput>((resolve, reject) => {
    client.require('xinput', (error, extension) => {
      if (error) reject(error);
      else resolve(extension);
    });
  });
  const { majorVersion = 0, minorVersion = 0 } = xinput.xi2 ?? {};
  if (majorVersion > 2 || (majorVersion === 2 && minorVersion >= 1)) return xinput;
  throw new Error('this X server tells no raw events while keyboard and pointer are grabbed');
}

/** How long nobody has touched anything at this screen; undefined where it does not know. */
function idleOf(client: Client, root: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    client.require('screen-saver', (missing, saver: ScreenSaver) => {
      if (missing) return resolve(undefined);
      saver.QueryInfo(root, (error, info) => {
        resolve(error ? undefined : info.idle);
        return true;
      });
    });
  });
}
