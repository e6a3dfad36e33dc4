import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault, isFault, type Clock, type Log } from '@anyseat/base';
import type { CloudCredentials } from '../credentials/credentials.ts';
import { cloudFault } from '../faults.ts';
import { answerFault, jsonOf } from '../wire/answerFault.ts';
import { deadlineIn, unlessAborted } from '../wire/deadline.ts';
import { repeatedly } from '../wire/repeat.ts';
import type { Wire, WireAnswer } from '../wire/wire.ts';
import { authRequest, identityUrl } from './authRequest.ts';
import { catalogSchema, type Catalog } from './catalog.ts';

/** A token, for whom it speaks, and where the services are. */
export interface Token {
  readonly value: string;
  /** By the monotonic clock: Keystone's clock and ours need not agree. */
  readonly refreshAt: number;
  /** From here on a caller waits for the next one. */
  readonly waitAt: number;
  readonly projectId: string;
  readonly userId: string;
  readonly roles: readonly string[];
  readonly catalog: Catalog;
}

/** keystoneauth asks for a new one 120 s before the end; Nova uses ours towards Neutron and Glance while it works, so earlier. */
const REFRESH_BEFORE_MS = 300_000;
/** So near the end a call could outlive it. */
const WAIT_BEFORE_MS = 60_000;
/** After a refusal Keystone is left alone for so long: an account may be locked after a few wrong passwords. */
const REFUSED_FOR_MS = 60_000;
/** While the old token still lives, a failed refresh is tried again after so long. */
const RETRY_REFRESH_MS = 10_000;

/**
 * One token at a time. Whoever needs one while none is there waits for the same answer. One that has less than 300 s to
 * live (half its life, for a Keystone that gives short ones) is replaced beside the work, so that no login waits for it and a
 * Keystone that is away for minutes harms nobody; one that is nearly over is waited for.
 */
export class Tokens {
  readonly #wire: Wire;
  readonly #credentials: CloudCredentials;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #deadlineMs: number;
  #token: Token | undefined;
  #flight: Promise<Token> | undefined;
  #refused: { fault: Fault; until: number } | undefined;
  #noRefreshBefore = 0;

  constructor(options: {
    wire: Wire;
    credentials: CloudCredentials;
    clock: Clock;
    log: Log;
    deadlineMs: number;
  }) {
    this.#wire = options.wire;
    this.#credentials = options.credentials;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#deadlineMs = options.deadlineMs;
  }

  /** @throws Fault `cloud-credentials`, `cloud-unreachable`, `cloud-busy`, `cloud-settings`; the signal's reason */
  async current(signal: AbortSignal): Promise<Token> {
    const now = this.#clock.monotonic();
    const token = this.#token;
    if (token && now < token.refreshAt) return token;
    if (token && now < token.waitAt) {
      this.#refresh(now);
      return token;
    }
    if (this.#refused && now < this.#refused.until) throw this.#refused.fault;
    return unlessAborted(this.#fly(), signal);
  }

  /** A service did not take this one. Those who were refused with the same token share the next. */
  drop(token: Token): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** Words that must not stand in a message. */
  secrets(): string[] {
    const { auth } = this.#credentials;
    const word = auth.kind === 'password' ? auth.password() : auth.secret();
    return this.#token ? [word, this.#token.value] : [word];
  }

  /** Beside the work: nobody waits, and nobody is harmed while the old one lives. */
  #refresh(now: number): void {
    if (this.#flight || now < this.#noRefreshBefore) return;
    this.#fly().catch((error: unknown) => {
      this.#noRefreshBefore = this.#clock.monotonic() + RETRY_REFRESH_MS;
      this.#log.warn({ cloud: this.#credentials.cloud, err: error }, 'the token could not be refreshed yet');
    });
  }

  #fly(): Promise<Token> {
    this.#flight ??= this.#ask().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #ask(): Promise<Token> {
    using deadline = deadlineIn(this.#deadlineMs, this.#clock);
    try {
      // Asking again is safe: what Keystone refused is not asked again.
      const token = await repeatedly(() => this.#once(deadline.signal), {
        clock: this.#clock,
        deadline,
        may: (fault) => fault.retry === 'transient',
      });
      this.#token = token;
      this.#refused = undefined;
      this.#log.debug({ cloud: this.#credentials.cloud, project: token.projectId }, 'a token was issued');
      return token;
    } catch (error) {
      const fault = asKeystones(error);
      if (fault.code === 'cloud-credentials')
        this.#refused = { fault, until: this.#clock.monotonic() + REFUSED_FOR_MS };
      throw fault;
    }
  }

  async #once(signal: AbortSignal): Promise<Token> {
    const url = identityUrl(this.#credentials.authUrl);
    url.pathname += '/auth/tokens';
    const globalRequestId = `req-${randomUUID()}`;
    const answer = await this.#wire.exchange(
      {
        method: 'POST',
        url,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'x-openstack-request-id': globalRequestId,
        },
        body: JSON.stringify(authRequest(this.#credentials.auth)),
      },
      signal,
    );
    if (answer.status === 201) return tokenOf(answer, this.#clock);
    const fault = answerFault(answer, {
      service: 'identity',
      what: 'get a token',
      globalRequestId,
      secrets: this.secrets(),
      now: this.#clock.now(),
    });
    // An unknown application credential is a 404, a body that makes no sense to Keystone a 400.
    const refused = ['cloud-not-found', 'cloud-refused-order', 'cloud-forbidden'].includes(fault.code);
    throw refused ? cloudFault('cloud-credentials', fault.message, { fields: fault.fields }) : fault;
  }
}

/** With the mark of Keystone: the request that wants the token has not been sent. */
function asKeystones(error: unknown): Fault {
  const service = 'identity';
  if (!isFault(error))
    return cloudFault('cloud-unreachable', 'identity: no answer in time to: get a token', {
      cause: error,
      fields: { service, sent: false },
    });
  const { code, retry, message, cause, fields } = error;
  const words = fields['service'] === undefined ? `identity: could not get a token: ${message}` : message;
  return new Fault(code, retry, words, { cause, fields: { ...fields, service, sent: false } });
}

const tokenBody = z.object({
  token: z.object({
    expires_at: z.string(),
    issued_at: z.string().optional(),
    project: z.object({ id: z.string() }).optional(),
    user: z.object({ id: z.string() }),
    roles: z.array(z.object({ name: z.string() })).default([]),
    catalog: catalogSchema.default([]),
  }),
});

function tokenOf(answer: WireAnswer, clock: Clock): Token {
  const value = answer.headers['x-subject-token'];
  const body = tokenBody.safeParse(jsonOf(answer.text));
  if (!value || !body.success) {
    throw cloudFault('cloud-unreachable', `${answer.url.host} answers, but not as Keystone does`);
  }
  const { token } = body.data;
  if (!token.project) {
    throw cloudFault('cloud-credentials', 'the token is for no project; set project_name in clouds.yaml');
  }
  const issuedAt = token.issued_at === undefined ? clock.now() : Date.parse(token.issued_at);
  const lifeMs = Math.max(Date.parse(token.expires_at) - issuedAt, 0);
  if (Number.isNaN(lifeMs))
    throw cloudFault('cloud-unreachable', `${answer.url.host} gives a token without an end`);
  const now = clock.monotonic();
  return {
    value,
    refreshAt: now + lifeMs - Math.min(REFRESH_BEFORE_MS, lifeMs / 2),
    waitAt: now + lifeMs - Math.min(WAIT_BEFORE_MS, lifeMs / 5),
    projectId: token.project.id,
    userId: token.user.id,
    roles: token.roles.map((role) => role.name),
    catalog: token.catalog,
  };
}
