import type { Socket } from 'node:net';
import { newSecret, SECOND, type Clock, type Log } from '@anyseat/base';
import type { FromTc, TcCommandName } from '@anyseat/protocol';
import type { Language } from '@anyseat/words';
import type { Intent, PageState } from '../common/bridge.ts';
import { inOrder } from '../common/inOrder.ts';
import { welcomeOf, type LinkNews } from '../common/linkState.ts';
import { pageOf } from '../common/pageState.ts';
import {
  firstSeat,
  keptOf,
  reportOf,
  tickAt,
  type AnswerFrame,
  type Effect,
  type Saying,
  type Seat,
  type SeatEvent,
  type World,
} from '../common/seat.ts';
import { askOf, runOf, sessionOf } from '../common/sessionState.ts';
import { step } from '../common/step.ts';
import { warningAbove } from '../common/warning.ts';
import { wayTo, type AgentConfig } from './config.ts';
import { EnrolmentToken } from './enrolment.ts';
import { checkTrust, dial, type Trust } from './hubLink/dial.ts';
import { HubLink } from './hubLink/hubLink.ts';
import type { LinkTimes } from './hubLink/conversation.ts';
import { Pins } from './hubLink/pins.ts';
import { HubClock } from './hubClock.ts';
import { openIdentity } from './identity.ts';
import { KeptFile } from './keptFile.ts';
import { Commands, type BoxControl } from './commands/commands.ts';
import { MessageBoard } from './commands/messageBoard.ts';
import type { Health } from './health/health.ts';
import { HealthReporter } from './healthReporter.ts';
import type { Input } from './input/input.ts';
import { describeMachine, ownAddress } from './machine.ts';
import { PlaceFile } from './place.ts';
import { seatNow, SeatReporter } from './seatReporter.ts';
import type { Updates } from './update/updates.ts';
import { ViewerSlot } from './viewerSlot.ts';
import type { Viewer } from './viewer/viewer.ts';

const LOOK_AT_CLOCK_MS = 10 * SECOND;

export interface CoreOptions {
  config: Pick<AgentConfig, 'hub' | 'stateDir' | 'runDir' | 'language'>;
  viewer: Viewer;
  clock: Clock;
  log: Log;
  version: string;
  /** Resolves when the page is on the screen, or will not be: the viewer comes after it, and so above it. */
  pageUp?: Promise<void>;
  /** Hears what the hub says of people and sessions, before anything is done about it: for robots, which measure it. */
  hear?: (frame: AnswerFrame) => void;
  /** The page is to stand above the desktop, until what this returns is disposed. */
  bringPage?: () => Disposable;
  /** What tells that people at this box touch something; without it the hub is told nothing of that. */
  input?: Input | undefined;
  /** Hears whoever wants the page above their desktop, until what it returns is disposed. */
  menuKey?: (onMenu: () => void) => Disposable;
  /** What carries out commands of the hub, and what the settings refuse of them; without it the box does none. */
  box?: BoxControl;
  refuse?: readonly TcCommandName[];
  /** False: nobody is asked before their screen is shown to operators. */
  asksFirst?: boolean;
  /** What brings another release of this program; without it the hub is told nothing of that. */
  updates?: Updates | undefined;
  /** The hub has answered, whatever it said. */
  onReached?: () => void;
  /** What knows how this box is; without it the hub is told nothing of that. */
  health?: Health;
  /** Smaller for tests. */
  linkTimes?: Partial<LinkTimes>;
}

/**
 * The agent without its face: the only place that holds its state. Events come in from the hub, the viewer, the clock
 * and the page; `step` decides; what follows is done here. The page is a view and can be missing (robots, tests).
 */
export class Core implements AsyncDisposable {
  readonly #options: CoreOptions;
  readonly #kept: KeptFile;
  readonly #place: PlaceFile;
  readonly #token: EnrolmentToken;
  readonly #trust: Trust;
  readonly #slot: ViewerSlot;
  readonly #link: HubLink;
  readonly #listeners = new Set<(page: PageState) => void>();
  readonly #box: PageState['box'];
  #seat: Seat;
  #language: Language;
  readonly #hubClock: HubClock;
  #clockWatch: Disposable | undefined;
  #awaySince: number | undefined;
  /** From the keyboard to the socket; nowhere else, and no longer. */
  #password: { requestId: string; text: string; newText?: string } | undefined;
  #page: PageState;
  #pageText: string;
  #lastReport = '';
  readonly #commands: Commands | undefined;
  readonly #board = new MessageBoard(() => this.#onBoard());
  readonly #reporter: SeatReporter | undefined;
  readonly #healthReporter: HealthReporter | undefined;
  #tick: Disposable | undefined;
  #pageAbove: Disposable | undefined;
  #menuKey: Disposable | undefined;
  #menu = false;
  readonly #happen = inOrder<SeatEvent>((event) => this.#deal(event));
  #closing = false;

  /** @throws Fault `identity-unreadable` or `ca-file-unreadable` (terminal), or an error of the file system when its folders cannot be used. */
  constructor(options: CoreOptions) {
    const { config, viewer, clock, log } = options;
    this.#options = options;
    const identity = openIdentity(config.stateDir);
    checkTrust(config.hub.caFile);
    const machine = describeMachine();
    this.#box = { fingerprint: identity.fingerprint, hostName: machine.hostName, version: options.version };
    this.#kept = new KeptFile(config.runDir, log);
    this.#place = new PlaceFile(config.stateDir, log);
    this.#token = new EnrolmentToken(config.hub.tokenFile, config.stateDir, log);
    const way = wayTo(config.hub);
    this.#trust = { pins: new Pins(config.hub.pins, config.stateDir, log), ...way.trust };
    this.#language = config.language;
    this.#hubClock = new HubClock(clock);
    this.#awaySince = clock.now();
    this.#seat = firstSeat(this.#kept.read(), this.#world());
    this.#slot = new ViewerSlot(
      viewer,
      log,
      (run, news) => this.#happen({ kind: 'viewer', run, news }),
      options.pageUp,
    );
    this.#page = this.#look();
    this.#pageText = JSON.stringify(this.#page);
    log.info({ fingerprint: identity.fingerprint, hub: config.hub.url }, 'the agent starts');
    this.#link = new HubLink({
      url: way.url,
      fallbacks: way.fallbacks,
      mayMove: () => !isAsking(this.#seat),
      trust: this.#trust,
      identity,
      clock,
      log,
      introduce: () => ({
        agentVersion: options.version,
        machine,
        ...(this.#token.token === undefined ? {} : { token: this.#token.token }),
      }),
      onNews: (news) => this.#onNews(news),
      onFrame: (frame) => {
        options.hear?.(frame);
        // The hub looks at this session from a new connection: it is told once more how the viewer is.
        if (frame.type === 'attached') this.#lastReport = '';
        this.#happen({ kind: 'frame', frame });
      },
      onCommand: (frame) => this.#commands?.onCommand(frame),
      times: { ...way.times, ...options.linkTimes },
    });
    this.#commands = options.box && this.#newCommands(options.box);
    const { input } = options;
    if (input) this.#reporter = new SeatReporter({ input, clock, send: (frame) => this.#link.send(frame) });
    this.#healthReporter = options.health && this.#newHealthReporter(options.health);
    // A session that was kept has a question with a deadline.
    this.#setTick();
    this.#watchClock();
  }

  /** What the page shows now. */
  get page(): PageState {
    return this.#page;
  }

  /** Calls back at every change of the page, until disposed. */
  onPage(listener: (page: PageState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** The line to the hub, for whoever wonders whether it is this box that is cut off. */
  get hubLine(): Pick<HubLink, 'ping' | 'heardAt'> {
    return this.#link;
  }

  /** Another connection to the hub, for what is too large for frames; checked as the first one is. */
  async dialHub(signal: AbortSignal): Promise<Socket> {
    return (await dial(new URL(this.#link.url), this.#trust, signal)).socket;
  }

  /** Nobody is logged in here, or about to be. */
  get isFree(): boolean {
    return this.#seat.session.kind === 'login';
  }

  /** What the person wants. */
  intend(intent: Intent): void {
    if (intent.type === 'setLanguage') {
      this.#language = intent.language;
      this.#publish();
    } else if (intent.type === 'login') this.#login(intent.user.trim(), intent.password);
    else if (intent.type === 'changePassword') this.#changePassword(intent);
    else if (intent.type === 'readMessage') this.#board.read(intent.id);
    else if (intent.type === 'denyMessage') this.#board.deny(intent.id);
    else if (intent.type === 'closeMenu') this.#setMenu(false);
    else this.#happen({ kind: 'intent', intent });
  }

  /** Lets the hub go and takes the viewer off the screen. The session stays: the next start picks it up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#tick?.[Symbol.dispose]();
    this.#clockWatch?.[Symbol.dispose]();
    this.#reporter?.[Symbol.dispose]();
    this.#healthReporter?.[Symbol.dispose]();
    this.#pageAbove?.[Symbol.dispose]();
    this.#menuKey?.[Symbol.dispose]();
    await this.#slot[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
    this.#password = undefined;
  }

  #newCommands(box: BoxControl): Commands {
    return new Commands({
      box,
      clock: this.#options.clock,
      asksFirst: () => this.#options.asksFirst !== false && sessionOf(this.#seat.session) !== undefined,
      board: this.#board,
      updates: this.#options.updates,
      refuse: this.#options.refuse ?? [],
      log: this.#options.log,
      send: (outcome) => {
        const epoch = welcomeOf(this.#seat.link)?.epoch;
        if (epoch !== undefined) this.#link.send({ type: 'outcome', epoch, ...outcome });
      },
    });
  }

  #newHealthReporter(health: Health): HealthReporter {
    const { clock, log } = this.#options;
    return new HealthReporter({
      health,
      clock,
      log,
      roundTrip: () => this.#link.roundTrip(),
      clockOffsetMs: () => this.#hubClock.offsetMs,
      send: (frame) => this.#link.send(frame),
    });
  }

  #login(user: string, text: string): void {
    if (user === '' || text === '' || this.#seat.session.kind !== 'login') return;
    const requestId = newSecret();
    this.#password = { requestId, text };
    this.#happen({ kind: 'intent', intent: { type: 'login', user, requestId } });
  }

  #changePassword(intent: Extract<Intent, { type: 'changePassword' }>): void {
    const { password, newPassword } = intent;
    const user = intent.user.trim();
    if (user === '' || password === '' || newPassword === '') return;
    if (this.#seat.session.kind !== 'newPassword') return;
    const requestId = newSecret();
    this.#password = { requestId, text: password, newText: newPassword };
    this.#happen({ kind: 'intent', intent: { type: 'changePassword', user, requestId } });
  }

  #onNews(news: LinkNews): void {
    const { clock } = this.#options;
    if (news.kind === 'welcome' || news.kind === 'pending' || news.kind === 'rejected') {
      this.#awaySince = undefined;
      this.#token.spent();
      this.#options.onReached?.();
    } else this.#awaySince ??= clock.now();
    if (news.kind === 'welcome') {
      this.#hubClock.set(news.welcome.hubTime);
      this.#place.learn(news.welcome);
    }
    this.#happen({ kind: 'link', news });
    this.#tellOfUpdates();
  }

  #tellOfUpdates(): void {
    const epoch = welcomeOf(this.#seat.link)?.epoch;
    this.#options.updates?.tell(
      epoch === undefined ? undefined : (report) => this.#link.send({ type: 'update', epoch, ...report }),
    );
  }

  /** What must survive us is on the disk before anything is done about it. */
  #deal(event: SeatEvent): void {
    if (this.#closing) return;
    const { log } = this.#options;
    const before = this.#seat.session.kind;
    const { seat, effects } = step(this.#seat, event, this.#world());
    this.#seat = seat;
    if (before !== seat.session.kind) log.info({ from: before, to: seat.session.kind }, 'the seat');
    this.#kept.write(keptOf(seat));
    this.#slot.allow(runOf(seat.session));
    for (const effect of effects) this.#perform(effect);
    if (askOf(seat.session)?.requestId !== this.#password?.requestId) this.#password = undefined;
    this.#report();
    this.#reporter?.follow(seatNow(seat));
    this.#healthReporter?.follow(welcomeOf(seat.link));
    this.#setTick();
    this.#hearMenuKey();
    this.#publish();
    this.#raisePage();
  }

  #onBoard(): void {
    if (this.#closing) return;
    this.#publish();
    this.#raisePage();
  }

  /** Only over a desktop is there anything to go back to. */
  #hearMenuKey(): void {
    if (this.#seat.session.kind === 'onDesktop') {
      this.#menuKey ??= this.#options.menuKey?.(() => this.#setMenu(true));
      return;
    }
    this.#menuKey?.[Symbol.dispose]();
    this.#menuKey = undefined;
    this.#menu = false;
  }

  #setMenu(open: boolean): void {
    if (this.#closing || this.#menu === open || this.#seat.session.kind !== 'onDesktop') return;
    this.#menu = open;
    this.#publish();
    this.#raisePage();
  }

  #raisePage(): void {
    const { session } = this.#seat;
    const message = session.kind === 'onDesktop' && this.#board.current !== undefined;
    if (message || this.#menu || warningAbove(this.#seat) !== undefined)
      this.#pageAbove ??= this.#options.bringPage?.();
    else {
      this.#pageAbove?.[Symbol.dispose]();
      this.#pageAbove = undefined;
    }
  }

  #perform(effect: Effect): void {
    if (effect.do === 'open') this.#slot.open(effect);
    else this.#link.send(this.#whole(effect.frame));
  }

  #whole(frame: Saying): FromTc {
    if (frame.type === 'login' || frame.type === 'changePassword') {
      const { requestId, user } = frame;
      const typed = this.#password?.requestId === requestId ? this.#password : undefined;
      this.#password = undefined;
      const said = { requestId, user, password: typed?.text ?? '', language: this.#language };
      if (frame.type === 'login') return { type: 'login', ...said };
      return { type: 'changePassword', ...said, newPassword: typed?.newText ?? '' };
    }
    return frame.type === 'resume' || frame.type === 'replace'
      ? { ...frame, language: this.#language }
      : frame;
  }

  #report(): void {
    const epoch = welcomeOf(this.#seat.link)?.epoch;
    const state = reportOf(this.#seat);
    if (epoch === undefined || state === undefined) return;
    const report: FromTc = { type: 'viewer', epoch, ...state };
    const text = JSON.stringify(report);
    if (text === this.#lastReport) return;
    this.#lastReport = text;
    this.#link.send(report);
  }

  #setTick(): void {
    this.#tick?.[Symbol.dispose]();
    const at = tickAt(this.#seat);
    if (at === undefined) return;
    const inMs = Math.max(0, at - this.#options.clock.monotonic());
    this.#tick = this.#options.clock.after(inMs, () => this.#happen({ kind: 'tick' }));
  }

  #look(): PageState {
    return pageOf(this.#seat, {
      language: this.#language,
      place: this.#place.place,
      clockOffsetMs: this.#hubClock.offsetMs,
      box: { ...this.#box, address: ownAddress() },
      awaySince: this.#awaySince,
      ...(this.#board.current ? { message: this.#board.current } : {}),
      ...(this.#menu ? { menu: true } : {}),
    });
  }

  #world(): World {
    const { clock } = this.#options;
    return { now: clock.now(), monotonic: clock.monotonic(), newId: newSecret, random: Math.random };
  }

  /** Our own clock may have jumped. */
  #watchClock(): void {
    this.#publish();
    this.#clockWatch = this.#options.clock.after(LOOK_AT_CLOCK_MS, () => this.#watchClock());
  }

  #publish(): void {
    this.#page = this.#look();
    const text = JSON.stringify(this.#page);
    if (text === this.#pageText) return;
    this.#pageText = text;
    for (const listener of this.#listeners) listener(this.#page);
  }
}

/** An answer is on its way over the connection that stands. */
const isAsking = ({ session, attaching }: Seat): boolean =>
  attaching !== undefined || session.kind === 'changingPassword' || askOf(session) !== undefined;
