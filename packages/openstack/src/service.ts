import { randomUUID } from 'node:crypto';
import { Fault, isFault, type Clock, type Log } from '@anyseat/base';
import { Discovery, versionRoot } from './discovery.ts';
import { cloudFault } from './faults.ts';
import type { ServiceType } from './keystone/catalog.ts';
import type { Token, Tokens } from './keystone/tokens.ts';
import { chooseVersion, type Offered, type VersionWish } from './microversion.ts';
import { answerFault, jsonOf } from './wire/answerFault.ts';
import { deadlineIn, type Deadline } from './wire/deadline.ts';
import { Lane } from './wire/lane.ts';
import { repeatedly } from './wire/repeat.ts';
import type { Method, Wire, WireAnswer } from './wire/wire.ts';

/** One thing to ask of a service. */
export interface Call {
  readonly method: Method;
  /** Below the service's address, with a slash in front; parts made with `encodeURIComponent`. */
  readonly path: string;
  readonly query?: URLSearchParams | undefined;
  readonly body?: unknown;
  /** `create a server`: what is wanted, without ids or secrets; part of every fault. */
  readonly what: string;
  readonly version?: VersionWish;
  /** From the first thought to the last byte, repetitions and waiting included. */
  readonly deadlineMs?: number;
  /** Never sent a second time unless it surely was not taken the first time, and on a connection of its own. */
  readonly once?: boolean;
  /** Somebody at a seat waits for it: it does not stand in line behind the pools' calls. */
  readonly urgent?: boolean;
}

export interface ServiceAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an empty body. */
  readonly body: unknown;
}

/** How many calls at once: for looking, for changing, and for people who wait. */
export interface Lanes {
  readonly look: number;
  readonly change: number;
  readonly urgent: number;
}

export interface ServiceOptions {
  readonly type: ServiceType;
  /** Where the service is, by the catalog that came with this token. */
  readonly endpoint: (token: Token) => URL;
  readonly tokens: Tokens;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Log;
  readonly deadlineMs: number;
  readonly lanes: Lanes;
}

/** One service of a cloud (Nova, Neutron, Glance) as these credentials see it. */
export class Service {
  readonly type: ServiceType;
  readonly #options: ServiceOptions;
  readonly #lanes: Record<keyof Lanes, Lane>;
  readonly #discovery: Discovery;

  constructor(options: ServiceOptions) {
    this.type = options.type;
    this.#options = options;
    const { look, change, urgent } = options.lanes;
    this.#lanes = { look: new Lane(look), change: new Lane(change), urgent: new Lane(urgent) };
    this.#discovery = new Discovery({ ...options, service: options.type });
  }

  /**
   * Asks, and gives a 2xx answer. GET, HEAD and DELETE are repeated on a broken connection, 429, 502, 503 and 504; anything on
   * 429, and when it surely never arrived. A 401 gets a new token and is replayed once (it is refused before any work is
   * done), a 406 asks the endpoint anew for its versions and is replayed once.
   *
   * @throws Fault as `faults.ts` has them; the signal's reason when the caller gave up (a `once` that was on its way then
   * is a fault with `sent: true`: it may have been taken).
   */
  async call(call: Call, signal?: AbortSignal): Promise<ServiceAnswer> {
    const { clock, deadlineMs } = this.#options;
    using deadline = deadlineIn(call.deadlineMs ?? deadlineMs, clock, signal);
    const way: Way = { sent: false };
    try {
      return await repeatedly(() => this.#replaying(call, deadline, way), {
        clock,
        deadline,
        may: (fault) => mayRepeat(call, fault),
      });
    } catch (error) {
      if (isFault(error)) throw withContext(error, this.type, call.what);
      if (!deadline.late && !(call.once && way.sent)) throw error;
      throw cloudFault(
        'cloud-unreachable',
        `${this.type}: ${deadline.late ? 'no answer in time' : 'gave up waiting for an answer'} to: ${call.what}`,
        {
          cause: error,
          fields: { service: this.type, what: call.what, sent: way.sent, late: deadline.late },
        },
      );
    }
  }

  /** The project and user that these credentials are. */
  async whoami(signal?: AbortSignal): Promise<Pick<Token, 'projectId' | 'userId' | 'roles'>> {
    using deadline = deadlineIn(this.#options.deadlineMs, this.#options.clock, signal);
    return await this.#options.tokens.current(deadline.signal);
  }

  /** Where the service is for these credentials. */
  async address(signal?: AbortSignal): Promise<URL> {
    using deadline = deadlineIn(this.#options.deadlineMs, this.#options.clock, signal);
    return this.#at(await this.#options.tokens.current(deadline.signal));
  }

  /** The microversions this endpoint offers. */
  async offered(signal?: AbortSignal): Promise<Offered | undefined> {
    using deadline = deadlineIn(this.#options.deadlineMs, this.#options.clock, signal);
    return await this.#range(await this.#options.tokens.current(deadline.signal), deadline.signal);
  }

  async #replaying(call: Call, deadline: Deadline, way: Way): Promise<ServiceAnswer> {
    const { tokens, clock } = this.#options;
    const replayed = { token: false, version: false };
    for (;;) {
      const token = await tokens.current(deadline.signal);
      const globalRequestId = `req-${randomUUID()}`;
      const answer = await this.#send(call, token, globalRequestId, deadline.signal, way);
      if (answer.status >= 200 && answer.status < 300) return success(this.type, call, answer);
      if (answer.status === 401) tokens.drop(token);
      if (answer.status === 406) this.#discovery.forget();
      if (answer.status === 401 && !replayed.token) replayed.token = true;
      else if (answer.status === 406 && call.version && !replayed.version) replayed.version = true;
      else {
        const asked = { service: this.type, what: call.what, globalRequestId };
        throw answerFault(answer, { ...asked, secrets: tokens.secrets(), now: clock.now() });
      }
    }
  }

  async #send(
    call: Call,
    token: Token,
    globalRequestId: string,
    signal: AbortSignal,
    way: Way,
  ): Promise<WireAnswer> {
    const { wire, clock, log } = this.#options;
    const version = call.version && chooseVersion(call.version, await this.#range(token, signal), this.type);
    const url = this.#at(token);
    url.pathname = url.pathname.replace(/\/$/, '') + call.path;
    if (call.query) url.search = call.query.toString();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      accept: 'application/json',
      'x-auth-token': token.value,
      'x-openstack-request-id': globalRequestId,
      ...(version === undefined ? {} : { 'openstack-api-version': `${this.type} ${version}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return this.#lanes[laneOf(call)].run(async () => {
      const startedAt = clock.monotonic();
      way.sent = true;
      try {
        const answer = await wire.exchange(
          { method: call.method, url, headers, body, fresh: call.once },
          signal,
        );
        const requestId = answer.headers['x-openstack-request-id'];
        const tookMs = Math.round(clock.monotonic() - startedAt);
        const { status } = answer;
        log.debug({ service: this.type, what: call.what, status, tookMs, requestId }, 'the cloud answered');
        way.sent = false;
        return answer;
      } catch (error) {
        if (isFault(error) && error.fields['sent'] === false) way.sent = false;
        throw error;
      }
    }, signal);
  }

  async #range(token: Token, signal: AbortSignal): Promise<Offered | undefined> {
    const root = versionRoot(this.#at(token), token.projectId);
    try {
      return await this.#discovery.range(root, signal);
    } catch (error) {
      if (isFault(error, 'cloud-settings')) this.#options.tokens.drop(token);
      throw error;
    }
  }

  /** By the token's catalog. One that leads nowhere is not kept for the token's life: the next call gets it anew. */
  #at(token: Token): URL {
    try {
      return this.#options.endpoint(token);
    } catch (error) {
      this.#options.tokens.drop(token);
      throw error;
    }
  }
}

/** Whether a request is on its way, with no answer yet. */
interface Way {
  sent: boolean;
}

const laneOf = (call: Call): keyof Lanes =>
  call.urgent ? 'urgent' : call.method === 'GET' || call.method === 'HEAD' ? 'look' : 'change';

function success(service: string, call: Call, answer: WireAnswer): ServiceAnswer {
  const { status, headers, text } = answer;
  if (text.trim() === '') return { status, headers, body: undefined };
  const body = jsonOf(text);
  if (body === undefined) throw garbled(service, call.what, 'not JSON');
  return { status, headers, body };
}

/** A body that is not what the API reference says. Later it may be: a proxy's page, an answer cut short. */
export const garbled = (service: string, what: string, why: string): Fault =>
  cloudFault('cloud-unreachable', `${service}: the answer is not OpenStack's (${why}) to: ${what}`, {
    fields: { service, what, sent: true, garbled: true },
  });

/** What the wire says does not know what was wanted. */
const withContext = (fault: Fault, service: string, what: string): Fault =>
  fault.fields['service'] === undefined
    ? new Fault(fault.code, fault.retry, `${service}: could not ${what}: ${fault.message}`, {
        cause: fault.cause,
        fields: { service, what, ...fault.fields },
      })
    : fault;

function mayRepeat(call: Call, fault: Fault): boolean {
  const { service, status, sent } = fault.fields;
  // Tokens are asked for with repetitions of their own.
  if (service === 'identity' || fault.retry !== 'transient') return false;
  if (sent === false || status === 429) return true;
  if (call.once || call.method === 'POST' || call.method === 'PUT') return false;
  return status === undefined || status === 502 || status === 503 || status === 504;
}
