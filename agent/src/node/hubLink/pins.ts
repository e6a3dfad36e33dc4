import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Log } from '@anyseat/base';
import { ownFolder, readIfThere, trySecretFile } from '../atomicFile.ts';

const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;
const MOST_PINS = 8;

/** `sha256/…` of a certificate's public key (SPKI), as HPKP wrote it (RFC 7469 2.4). */
export function pinOf(certificate: Buffer): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/**
 * The keys that the hub may show. They start as the settings say; each welcome brings the next ones, which are kept in
 * the state folder, so that the hub's key can be changed without touching ten thousand boxes. Changed settings win over
 * what was learnt.
 */
export class Pins {
  readonly #configured: readonly string[];
  readonly #path: string;
  readonly #log: Log;
  #accepted: readonly string[];

  constructor(configured: readonly string[], stateDir: string, log: Log) {
    this.#log = log;
    this.#configured = configured;
    this.#path = join(ownFolder(stateDir), 'pins.json');
    this.#accepted = this.#learnt() ?? configured;
  }

  /** Without pins the certificate is checked in the usual way. */
  get used(): boolean {
    return this.#configured.length > 0;
  }

  accepts(pin: string): boolean {
    return this.#accepted.includes(pin);
  }

  /**
   * What the hub will show from now on, said on a connection that showed `shown`. That one always stays, so that a hub
   * with a mistake in its settings cannot lock its agents out.
   */
  learn(pins: readonly string[], shown: string): void {
    if (!this.used) return;
    const good = pins.filter((pin) => PIN.test(pin)).slice(0, MOST_PINS - 1);
    if (good.length === 0) return;
    const next = [...new Set([shown, ...good])];
    if (next.length === this.#accepted.length && next.every((pin) => this.accepts(pin))) return;
    this.#accepted = next;
    trySecretFile(this.#path, `${JSON.stringify({ configured: this.#configured, pins: next })}\n`, this.#log);
  }

  #learnt(): string[] | undefined {
    try {
      const kept: unknown = JSON.parse(readIfThere(this.#path) ?? 'null');
      if (typeof kept !== 'object' || kept === null || !('configured' in kept) || !('pins' in kept))
        return undefined;
      if (JSON.stringify(kept.configured) !== JSON.stringify(this.#configured)) return undefined;
      const pins = Array.isArray(kept.pins) ? kept.pins.filter((pin) => PIN.test(String(pin))) : [];
      return pins.length > 0 ? (pins as string[]) : undefined;
    } catch {
      // Half a file or rubbish: the settings are still right.
      return undefined;
    }
  }
}
