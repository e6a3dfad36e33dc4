import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { newSecret, SECOND } from '@anyseat/base';
import { decodeToTc, helloPayload, PROTOCOL_VERSION, type FromTc, type ToTc } from '@anyseat/protocol';
import { inOrder } from '../../../agent/src/common/inOrder.ts';
import { welcomeOf } from '../../../agent/src/common/linkState.ts';
import {
  firstSeat,
  keptOf,
  reportOf,
  tickAt,
  type Effect,
  type Saying,
  type Seat,
  type SeatEvent,
} from '../../../agent/src/common/seat.ts';
import { askOf, runOf } from '../../../agent/src/common/sessionState.ts';
import { step } from '../../../agent/src/common/step.ts';
import type { Dice } from './dice.ts';
import type { Line } from './line.ts';
import { network, type Life } from './network.ts';
import type { Viewer } from './screens.ts';
import { MachineClock } from './virtualTime.ts';

const DIAL_AGAIN_MS = [500, 4000] as const;
const SILENT_AFTER_MS = 40 * SECOND;
const VIEWER_STARTS_MS = [200, 2500] as const;
/** Before the 32 bytes of an Ed25519 seed (RFC 8410). */
const PKCS8_HEAD = '302e020100300506032b657004220420';

export interface ThinClientDeps {
  dice: Dice;
  /** The hub that answers at its address now. */
  hub: () => Life | undefined;
  onChange: (what: string) => void;
  /** It says how long nobody has touched anything; where nobody asks for that, it costs too much. */
  countsInput: boolean;
}

/** The viewer that is on the screen. */
interface Showing {
  run: string;
  person: string;
  server: string | undefined;
  viewer: Viewer | undefined;
}

/**
 * A thin client: the agent's own decisions (`agent/src/common`), with a line and a viewer of this world around them. It
 * does what `agent/src/node/core.ts` does, as far as the hub can tell.
 */
export class ThinClient {
  readonly name: string;
  readonly clock: MachineClock;
  readonly #deps: ThinClientDeps;
  readonly #key: KeyObject;
  readonly #publicKey: string;
  #token: string | undefined;
  seat: Seat;
  #line: Line | undefined;
  #heardAt = 0;
  #password: { requestId: string; text: string } | undefined;
  #lastReport = '';
  #tick: Disposable | undefined;
  #showing: Showing | undefined;
  readonly #inOrder = inOrder<SeatEvent>((event) => this.#deal(event));
  /** Counts the starts of the box: what an earlier one began is over. */
  #start = 0;
  #isOn = false;
  cableOut = false;
  /** World's time at which something was last touched here, and before that when it had not been for a while. */
  #touchedAt = 0;
  #touchedFrom = 0;
  #touchedBefore = 0;
  /** Warnings of the end of a session that stand on the screen, or stood there last: since when, world's time. */
  warned: { session: string; since: number } | undefined;
  /** The server that was last seen here. */
  lastShown: string | undefined;
  /** The picture that was here last died with the agent. */
  lostWithAgent = false;

  constructor(name: string, deps: ThinClientDeps) {
    this.name = name;
    this.#deps = deps;
    this.clock = new MachineClock(network.around.time);
    const seed = Buffer.alloc(32);
    deps.dice.bytes(seed);
    const der = Buffer.concat([Buffer.from(PKCS8_HEAD, 'hex'), seed]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.#publicKey = createPublicKey(this.#key).export({ type: 'spki', format: 'der' }).toString('base64');
    this.seat = firstSeat({ logoffs: [] }, this.#world());
  }

  /** @param token for the first meeting with the hub */
  switchOn(token?: string): void {
    if (token !== undefined) this.#token = token;
    this.#isOn = true;
    this.#start++;
    this.seat = firstSeat({ logoffs: [] }, this.#world());
    this.#dial();
    this.#watchLine(this.#start);
  }

  /** The power is gone: what was on the screen, and what the agent knew. */
  switchOff(): void {
    this.#stop();
    this.#line?.cut();
    this.#line = undefined;
    this.#isOn = false;
  }

  /** The agent is killed and started again: what it kept is in memory, its viewer has died with it. */
  restartAgent(): void {
    const kept = keptOf(this.seat);
    this.lostWithAgent = this.showing !== undefined;
    this.#stop();
    this.#line?.close();
    this.#line = undefined;
    this.seat = firstSeat(kept, this.#world());
    this.#setTick();
    this.#dial();
    this.#watchLine(this.#start);
  }

  #stop(): void {
    this.#start++;
    this.#tick?.[Symbol.dispose]();
    this.#password = undefined;
    this.#lastReport = '';
    this.#endViewer();
  }

  /** The line goes dead without a word. */
  pullCable(): void {
    this.cableOut = true;
    this.#line?.cut();
  }

  plugIn(): void {
    this.cableOut = false;
  }

  /** The connection is reset. */
  breakLine(): void {
    this.#line?.close();
  }

  logIn(user: string, password: string): string | undefined {
    if (!this.#isOn || this.seat.session.kind !== 'login') return undefined;
    const requestId = newSecret();
    this.#password = { requestId, text: password };
    this.happen({ kind: 'intent', intent: { type: 'login', user, requestId } });
    return requestId;
  }

  intend(type: 'cancel' | 'backToDesktop' | 'logOff' | 'wantReplacement' | 'confirm'): void {
    this.happen({ kind: 'intent', intent: { type } });
  }

  /** The person closes the window. */
  closeViewer(): void {
    const run = this.#showing?.run;
    this.#endViewer();
    if (run !== undefined)
      this.happen({ kind: 'viewer', run, news: { state: 'ended', end: 'closed-by-person' } });
  }

  /** Somebody uses keyboard or mouse. */
  touch(): void {
    const { now } = network.around.time;
    if (now - this.#touchedAt > 2 * SECOND) {
      this.#touchedBefore = this.#touchedAt;
      this.#touchedFrom = now;
    }
    this.#touchedAt = now;
  }

  /** When something was last touched, by what can have been heard of it so long ago. */
  touchedBefore(agoMs: number): number {
    return network.around.time.now - this.#touchedFrom < agoMs ? this.#touchedBefore : this.#touchedAt;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get online(): boolean {
    return welcomeOf(this.seat.link) !== undefined;
  }

  /** The server before which somebody sits here, with the picture on the screen. */
  get showing(): { server: string; person: string } | undefined {
    const { server, person, viewer } = this.#showing ?? {};
    return server === undefined || person === undefined || !viewer ? undefined : { server, person };
  }

  happen(event: SeatEvent): void {
    if (this.#isOn) this.#inOrder(event);
  }

  #deal(event: SeatEvent): void {
    const before = this.seat.session.kind;
    const { seat, effects } = step(this.seat, event, this.#world());
    this.seat = seat;
    if (before !== seat.session.kind) {
      const notice = 'notice' in seat.session ? ` (${seat.session.notice?.code ?? ''})` : '';
      this.#deps.onChange(`${before} → ${seat.session.kind}${notice}`);
    }
    if (this.#showing && this.#showing.run !== runOf(seat.session)) this.#endViewer();
    for (const effect of effects) {
      if (effect.do === 'open') this.#open(effect);
      else this.#say(this.#whole(effect.frame));
    }
    if (askOf(seat.session)?.requestId !== this.#password?.requestId) this.#password = undefined;
    this.#report();
    this.#setTick();
  }

  #whole(frame: Saying): FromTc {
    if (frame.type === 'login') {
      const password = this.#password?.requestId === frame.requestId ? this.#password.text : '';
      this.#password = undefined;
      return { ...frame, password, language: 'en' };
    }
    if (frame.type === 'changePassword') throw new Error('nobody here changes a password');
    return frame.type === 'resume' || frame.type === 'replace' ? { ...frame, language: 'en' } : frame;
  }

  #say(frame: FromTc): void {
    this.#line?.toHub(JSON.stringify(frame));
  }

  #report(): void {
    const epoch = welcomeOf(this.seat.link)?.epoch;
    const state = reportOf(this.seat);
    if (epoch === undefined || state === undefined) return;
    const report: FromTc = { type: 'viewer', epoch, ...state };
    const text = JSON.stringify(report);
    if (text === this.#lastReport) return;
    this.#lastReport = text;
    this.#say(report);
  }

  #setTick(): void {
    this.#tick?.[Symbol.dispose]();
    const at = tickAt(this.seat);
    if (at === undefined) return;
    this.#tick = this.#inThisStart(at - this.clock.monotonic(), () => this.happen({ kind: 'tick' }));
  }

  #inThisStart(ms: number, fn: () => void): Disposable {
    const start = this.#start;
    return this.clock.after(ms, () => {
      if (this.#isOn && start === this.#start) fn();
    });
  }

  #world() {
    return {
      now: this.clock.now(),
      monotonic: this.clock.monotonic(),
      newId: newSecret,
      random: Math.random,
    };
  }

  // The line.

  #dial(): void {
    this.happen({ kind: 'link', news: { kind: 'dialing' } });
    const line: { own?: Line | undefined } = {};
    const start = this.#start;
    const isCurrent = () => this.#line === line.own && start === this.#start;
    const end = {
      text: (text: string) => {
        if (!isCurrent()) return;
        this.#heardAt = this.clock.monotonic();
        this.#onText(text);
      },
      pinged: () => {
        if (isCurrent()) this.#heardAt = this.clock.monotonic();
      },
      closed: () => {
        if (isCurrent()) this.#lost('closed');
      },
    };
    this.#heardAt = this.clock.monotonic();
    line.own = this.cableOut ? undefined : network.dial(this.#deps.hub(), end);
    this.#line = line.own;
    if (!line.own) this.#lost('unreachable');
  }

  #lost(trouble: 'closed' | 'unreachable' | 'silent'): void {
    this.#line = undefined;
    const inMs = this.#deps.dice.between(...DIAL_AGAIN_MS);
    this.happen({ kind: 'link', news: { kind: 'lost', trouble, retryAt: this.clock.now() + inMs } });
    this.#inThisStart(inMs, () => this.#dial());
  }

  #watchLine(start: number): void {
    this.clock.after(5 * SECOND, () => {
      if (start !== this.#start || !this.#isOn) return;
      if (this.#line && this.clock.monotonic() - this.#heardAt > SILENT_AFTER_MS) {
        this.#line.cut();
        this.#lost('silent');
      }
      this.#watchLine(start);
    });
  }

  #onText(text: string): void {
    const decoded = decodeToTc(text);
    if (!decoded.ok) throw new Error(`the hub sent a bad frame: ${decoded.text}`);
    this.#onFrame(decoded.frame);
  }

  #onFrame(frame: ToTc): void {
    if (frame.type === 'challenge') return this.#prove(frame);
    if (frame.type === 'welcome') {
      this.#token = undefined;
      this.#lastReport = '';
      if (this.#deps.countsInput) this.#countInput(frame.epoch, frame.reportEveryMs);
      return this.happen({ kind: 'link', news: { kind: 'welcome', welcome: frame } });
    }
    if (frame.type === 'pending')
      return this.happen({ kind: 'link', news: { kind: 'pending', fingerprint: frame.fingerprint } });
    if (frame.type === 'rejected') {
      // The token was used up by a meeting whose answer was lost.
      this.#token = undefined;
      return this.happen({ kind: 'link', news: { kind: 'rejected', code: frame.code } });
    }
    // Operators of this world ask nothing of boxes.
    if (frame.type === 'command') return;
    if (frame.type === 'attached') this.#lastReport = '';
    if (frame.type === 'warning') this.#onWarning(frame);
    this.happen({ kind: 'frame', frame });
  }

  #onWarning({ sessionId: session, warning }: Extract<ToTc, { type: 'warning' }>): void {
    const { now } = network.around.time;
    if (!warning) this.warned = undefined;
    else if (this.warned?.session !== session) this.warned = { session, since: now };
  }

  /** As `agent/src/node/seatReporter.ts`: only while a desktop is on the screen, and on this connection. */
  #countInput(epoch: number, everyMs: number): void {
    this.#inThisStart(everyMs, () => {
      if (welcomeOf(this.seat.link)?.epoch !== epoch) return;
      const { session } = this.seat;
      const idleMs = Math.round(network.around.time.now - this.#touchedAt);
      const counts = { keys: idleMs < everyMs ? 9 : 0, clicks: 0, wheel: 0, moves: 0 };
      if (session.kind === 'onDesktop')
        this.#say({
          type: 'activity',
          epoch,
          sessionId: session.session.id,
          overMs: everyMs,
          ...counts,
          idleMs,
        });
      this.#countInput(epoch, everyMs);
    });
  }

  #prove({ hubId, nonce }: Extract<ToTc, { type: 'challenge' }>): void {
    const payload = helloPayload(hubId, nonce, 'plain', PROTOCOL_VERSION);
    this.#say({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      agentVersion: 'simulated',
      publicKey: this.#publicKey,
      signature: sign(null, Buffer.from(payload), this.#key).toString('base64'),
      ...(this.#token === undefined ? {} : { token: this.#token }),
    });
  }

  // The viewer.

  #open({ run, display, session }: Extract<Effect, { do: 'open' }>): void {
    this.#endViewer();
    const person = session.person.user;
    const showing: Showing = { run, person, server: undefined, viewer: undefined };
    this.#showing = showing;
    const isCurrent = () => this.#showing === showing;
    const { dice, onChange } = this.#deps;
    this.#inThisStart(dice.between(10, 100), () => {
      if (isCurrent()) this.happen({ kind: 'viewer', run, news: { state: 'connecting' } });
    });
    const takes = Math.round(dice.between(...VIEWER_STARTS_MS));
    this.#inThisStart(takes, () => {
      if (!isCurrent()) return;
      const viewer: Viewer = {
        seat: this.name,
        person,
        lost: (end) => {
          if (!isCurrent()) return;
          onChange(`the viewer of ${person} ended: ${end}`);
          this.#showing = undefined;
          this.happen({ kind: 'viewer', run, news: { state: 'ended', end } });
        },
      };
      const host = display.kind === 'spice' ? display.host : '';
      const guest = network.around.screens.seatLinks(host, viewer, session.desktop.name);
      if (!guest) {
        this.#showing = undefined;
        this.happen({ kind: 'viewer', run, news: { state: 'ended', end: 'unreachable' } });
        return;
      }
      showing.server = guest.id;
      this.lastShown = guest.id;
      showing.viewer = viewer;
      this.lostWithAgent = false;
      onChange(`${person} sees ${guest.name}`);
      this.happen({ kind: 'viewer', run, news: { state: 'connected', tookMs: takes } });
    });
  }

  #endViewer(): void {
    const showing = this.#showing;
    this.#showing = undefined;
    if (showing?.viewer && showing.server !== undefined)
      network.around.screens.left(showing.server, showing.viewer);
  }
}
