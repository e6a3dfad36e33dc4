import { Fault, isFault, type Log } from '@anyseat/base';
import {
  compareVersions,
  isNoSuchServer,
  lookUpConsole,
  microversion,
  openConsole,
  showServer,
  type ConsoleKind,
  type ConsoleTarget,
  type Session,
} from '@anyseat/openstack';
import type { CloudEndpoint } from '../cloud.ts';
import { isDenied } from './portFault.ts';
import { cloudServer } from './serverState.ts';

const DIRECT_SINCE = microversion('2.99');

/**
 * Where a server's display is: a console is opened as the member, and its token looked up by whoever may. That is the member,
 * where a policy lets it, else the admin.
 */
export class Consoles {
  readonly #member: Session;
  readonly #admin: Session | undefined;
  readonly #wantsTls: boolean;
  readonly #log: Log;
  #memberMayLook = true;
  #directRefused = false;

  constructor(options: { member: Session; admin: Session | undefined; wantsTls: boolean; log: Log }) {
    this.#member = options.member;
    this.#admin = options.admin;
    this.#wantsTls = options.wantsTls;
    this.#log = options.log;
  }

  async endpoint(id: string, signal: AbortSignal | undefined): Promise<CloudEndpoint> {
    const found = await this.#resolve(id, signal).catch(async (error: unknown) => {
      throw (await this.#isOff(id, error, signal)) ?? consoleFault(error);
    });
    // Tokens are drawn by chance; another server's would be another person's desktop.
    if (found.serverId !== id) throw noConsole('the cloud gave the console of another server');
    if (found.port === undefined && found.tlsPort === undefined)
      throw noConsole('the server has no display port yet');
    return { host: found.host, port: found.port, tlsPort: found.tlsPort };
  }

  /** Whether tokens can be looked up with what we have: an unknown one is answered by 404, or refused before that. */
  async mayLookUp(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#lookUp('00000000-0000-0000-0000-000000000000', 'spice-html5', signal);
      return true;
    } catch (error) {
      if (isFault(error, 'cloud-not-found')) return true;
      if (isDenied(error)) return false;
      throw error;
    }
  }

  /** Whether the cloud tells TLS ports (Nova of 2025.1). */
  async tellsTls(signal: AbortSignal | undefined): Promise<boolean> {
    const offered = await this.#member.compute.offered(signal);
    return offered !== undefined && compareVersions(offered.max, DIRECT_SINCE) >= 0;
  }

  /**
   * Nova trips over a server that is off, and over one that is being deleted (500, seen on Zed with libvirt): its state tells
   * these from a Nova that is in trouble itself.
   */
  async #isOff(id: string, error: unknown, signal: AbortSignal | undefined): Promise<Fault | undefined> {
    if (!isFault(error) || error.fields['status'] !== 500) return undefined;
    const record = await showServer(this.#member.compute, id, signal).catch(() => undefined);
    if (record === undefined) return undefined;
    const state = record === 'gone' ? 'gone' : cloudServer(record).state;
    return state === 'running' ? undefined : noConsole(`the server has no display: it is ${state}`, error);
  }

  async #resolve(id: string, signal: AbortSignal | undefined): Promise<ConsoleTarget> {
    if (this.#wantsTls && !this.#directRefused && (await this.tellsTls(signal))) {
      try {
        return await this.#through(id, 'spice-direct', signal);
      } catch (error) {
        if (!isFault(error) || error.fields['status'] !== 400) throw error;
        this.#directRefused = true;
        this.#log.warn({ err: error }, 'the cloud is new enough for TLS ports and does not give them');
      }
    }
    return this.#through(id, 'spice-html5', signal);
  }

  async #through(id: string, kind: ConsoleKind, signal: AbortSignal | undefined): Promise<ConsoleTarget> {
    return this.#lookUp(await openConsole(this.#member.compute, id, kind, signal), kind, signal);
  }

  async #lookUp(token: string, kind: ConsoleKind, signal: AbortSignal | undefined): Promise<ConsoleTarget> {
    if (this.#memberMayLook || !this.#admin) {
      try {
        return await lookUpConsole(this.#member.compute, token, kind, signal);
      } catch (error) {
        if (!this.#admin || !isDenied(error)) throw error;
        this.#memberMayLook = false;
      }
    }
    return lookUpConsole(this.#admin.compute, token, kind, signal);
  }
}

const noConsole = (text: string, cause?: unknown): Fault =>
  new Fault('cloud-no-console', 'transient', text, {
    cause,
    fields: isFault(cause) ? cause.fields : {},
  });

/**
 * While a server is in no state for a console Nova answers 409, of one that is gone 404, and of a token that is already over 404.
 * 400 and 501 are a host without SPICE: an operator has to set `[spice]enabled`.
 */
function consoleFault(error: unknown): unknown {
  if (isFault(error, 'cloud-conflict')) return noConsole('the server is in no state for a console', error);
  if (isNoSuchServer(error) || isFault(error, 'cloud-not-found'))
    return noConsole('there is no such server, or its console is already over', error);
  if (isFault(error) && (error.fields['status'] === 400 || error.fields['status'] === 501)) {
    return new Fault(
      'cloud-settings',
      'terminal',
      `${error.message}. Set [spice] enabled = true on the compute hosts, and [vnc] enabled = false`,
      { cause: error, fields: error.fields },
    );
  }
  return error;
}
