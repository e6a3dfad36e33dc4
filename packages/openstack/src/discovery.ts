import type { Clock } from '@anyseat/base';
import { cloudFault } from './faults.ts';
import { offeredIn, type Offered } from './microversion.ts';
import { jsonOf } from './wire/answerFault.ts';
import { deadlineIn, unlessAborted } from './wire/deadline.ts';
import type { Wire } from './wire/wire.ts';

/** What a service's endpoint offers, asked for once and kept until somebody says that it is no longer so. */
export class Discovery {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #service: string;
  readonly #deadlineMs: number;
  #known: { base: string; range: Promise<Offered | undefined> } | undefined;

  constructor(options: { wire: Wire; clock: Clock; service: string; deadlineMs: number }) {
    this.#wire = options.wire;
    this.#clock = options.clock;
    this.#service = options.service;
    this.#deadlineMs = options.deadlineMs;
  }

  /** @throws Fault `cloud-unreachable`, never sent as far as the caller's own request goes */
  range(base: URL, signal: AbortSignal): Promise<Offered | undefined> {
    if (this.#known?.base !== base.href) {
      const range = this.#ask(base);
      const known = { base: base.href, range };
      this.#known = known;
      // What failed is asked for again by the next call.
      range.catch(() => {
        if (this.#known === known) this.#known = undefined;
      });
    }
    return unlessAborted(this.#known.range, signal);
  }

  forget(): void {
    this.#known = undefined;
  }

  /** Without a token: version documents are public. */
  async #ask(base: URL): Promise<Offered | undefined> {
    const what = 'learn its versions';
    using deadline = deadlineIn(this.#deadlineMs, this.#clock);
    const fields = { service: this.#service, what, sent: false };
    let answer;
    try {
      answer = await this.#wire.exchange(
        { method: 'GET', url: base, headers: { accept: 'application/json' } },
        deadline.signal,
      );
    } catch (error) {
      throw cloudFault('cloud-unreachable', `${this.#service}: no answer to: ${what}`, {
        cause: error,
        fields,
      });
    }
    // 300 is a list of several versions.
    if (answer.status !== 200 && answer.status !== 300) {
      const passing = answer.status >= 500 || answer.status === 429;
      throw cloudFault(
        passing ? 'cloud-unreachable' : 'cloud-settings',
        `${this.#service}: could not ${what}: ${answer.status}` +
          (passing ? '' : `; is ${base.origin}${base.pathname} its address?`),
        { fields: { ...fields, status: answer.status } },
      );
    }
    const offered = offeredIn(jsonOf(answer.text));
    if (offered !== 'unreadable') return offered;
    throw cloudFault(
      'cloud-unreachable',
      `${this.#service}: the answer is not OpenStack's (no version document) to: ${what}`,
      { fields },
    );
  }
}

/** `…/v2.1/`: catalogs may put the project's id behind it, which is no place of version documents. */
export function versionRoot(endpoint: URL, projectId: string): URL {
  const url = new URL(endpoint);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const last = parts.at(-1);
  if (last === projectId || last === `AUTH_${projectId}`) parts.pop();
  url.pathname = `${['', ...parts].join('/')}/`;
  return url;
}
