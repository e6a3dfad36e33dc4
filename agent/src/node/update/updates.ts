import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  compareVersions,
  Fault,
  isFault,
  messageOf,
  type Clock,
  type Log,
  type ReleaseManifest,
  type SignedManifest,
} from '@anyseat/base';
import type { TcCommand, UpdateReport } from '@anyseat/protocol';
import { fetchRelease, type FetchDeps } from './fetchRelease.ts';
import type { Slots } from './slots.ts';

export type UpdateCommand = Extract<TcCommand, { do: 'update' }>;

export interface UpdatesDeps {
  slots: Slots;
  /** The version that runs. */
  running: string;
  /** It is on trial: nothing else is begun. */
  onTrial: boolean;
  dial: FetchDeps['dial'];
  /** Nobody is logged in here. */
  isFree: () => boolean;
  /** Ends this program in order; what starts it again chooses the release. */
  end: () => void;
  clock: Clock;
  log: Log;
}

type Standing = Omit<UpdateReport, 'type' | 'epoch' | 'running' | 'arch'>;

/** Time for the answer to leave. */
const LEAVES_IN_MS = 300;
const DEBIAN: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const ARCH = DEBIAN[process.arch] ?? process.arch;
const NODE = Number(process.versions.node.split('.')[0]);

/**
 * Another release of this very program: what the hub offers is checked against the keys of this box before a byte is fetched,
 * laid beside what runs, and started when the hub says so and nobody is logged in. Until the new one has proved itself
 * (`launch`), nothing is given up. Whatever goes wrong, the box goes on with what it has, and says why.
 */
export class Updates implements AsyncDisposable {
  readonly #deps: UpdatesDeps;
  readonly #stop = new AbortController();
  #standing: Standing;
  #send: ((report: Omit<UpdateReport, 'type' | 'epoch'>) => void) | undefined;
  #fetching: { version: string; over: Promise<void> } | undefined;
  #leaving: Disposable | undefined;

  constructor(deps: UpdatesDeps) {
    this.#deps = deps;
    this.#standing = this.#atStart();
  }

  /** How it stands is said with this from now on, and at once; undefined: nobody listens. */
  tell(send: ((report: Omit<UpdateReport, 'type' | 'epoch'>) => void) | undefined): void {
    this.#send = send;
    this.#say();
  }

  /**
   * Resolves when what the hub wants is under way.
   * @throws Fault with a sentence for operators: nothing was changed
   */
  async command({ version, offer }: UpdateCommand): Promise<void> {
    if (this.#deps.onTrial && this.#deps.slots.state.trial)
      throw refused('update-busy', 'the release that runs has to prove itself first');
    if (!offer) return this.#switchTo(version);
    const { ticket } = offer;
    const signed: SignedManifest = { text: offer.manifest, signature: offer.signature };
    if (this.#fetching?.version === version) return;
    if (this.#fetching) throw refused('update-busy', `release ${this.#fetching.version} is being fetched`);
    if (this.#leaving) throw refused('update-busy', 'another release is about to be started');
    try {
      const manifest = this.#acceptable(signed, version);
      if (this.#standing.state === 'ready' && this.#standing.version === version) return this.#say();
      this.#set({ state: 'fetching', version });
      const over = this.#fetch(manifest, signed, ticket).finally(() => (this.#fetching = undefined));
      this.#fetching = { version, over };
    } catch (error) {
      this.#set({ state: 'failed', version, text: messageOf(error).slice(0, 300) });
      throw error;
    }
  }

  /** The release that runs has shown what it has to. */
  proved(): void {
    if (this.#standing.state === 'trial' && !this.#leaving) this.#set({ state: 'idle' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send = undefined;
    this.#leaving?.[Symbol.dispose]();
    this.#stop.abort(new Error('the agent stops'));
    await this.#fetching?.over;
  }

  /** What an earlier run of this program left: a release that is ready, or word of one that came to nothing. */
  #atStart(): Standing {
    const { slots, running } = this.#deps;
    const { last, trial } = slots.state;
    if (trial) return { state: 'trial', version: trial.version };
    const back = last?.state === 'rolledBack' ? last : undefined;
    try {
      const { version } = slots.inSlot(slots.spare);
      if (version !== back?.version && compareVersions(version, running) > 0)
        return { state: 'ready', version };
    } catch {
      // Nothing is there, or nothing good: as if nothing had been fetched.
    }
    return back ? { state: 'rolledBack', version: back.version, text: back.text } : { state: 'idle' };
  }

  /** Checked before anything is fetched, or written. @throws Fault */
  #acceptable(signed: SignedManifest, version: string): ReleaseManifest {
    const { slots, running } = this.#deps;
    const manifest = slots.trusted(signed);
    if (manifest.version !== version)
      throw refused('release-other-version', `it was offered as ${version} and is ${manifest.version}`);
    if (manifest.arch !== 'all' && manifest.arch !== ARCH)
      throw refused('release-other-arch', `it is made for ${manifest.arch}, and this box is ${ARCH}`);
    if (manifest.node !== NODE)
      throw refused(
        'release-other-node',
        `it is made for Node.js ${manifest.node}, and ${NODE} is here: a newer package comes first`,
      );
    const newer = compareVersions(version, running);
    if (newer === 0) throw refused('release-runs', `${version} runs here`);
    if (newer < 0) throw refused('release-older', `it is older than ${running}, which runs here`);
    return manifest;
  }

  async #fetch(manifest: ReleaseManifest, signed: SignedManifest, ticket: string): Promise<void> {
    const { slots, dial, clock, log } = this.#deps;
    const { version, bytes, unpackedBytes, sha256 } = manifest;
    const file = join(slots.home, 'fetched');
    const part = `${file}.${sha256.slice(0, 16)}`;
    try {
      this.#forgetOthers(part);
      slots.mustHold(bytes + unpackedBytes);
      const payload = await fetchRelease(part, manifest, ticket, { dial, clock }, this.#stop.signal);
      try {
        slots.install(signed, payload);
      } finally {
        // Whole, and no good if it could not be installed: the next attempt begins anew.
        rmSync(part, { force: true });
      }
      log.info({ version }, 'a release is ready');
      this.#set({ state: 'ready', version });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const text = sentenceOf(error);
      log.warn({ version, why: messageOf(error) }, 'a release was not taken');
      const again = isFault(error) && error.retry === 'transient';
      this.#set({ state: 'failed', version, text: text.slice(0, 300), again });
    }
  }

  /** What was begun of another release is not finished any more. */
  #forgetOthers(part: string): void {
    const { slots } = this.#deps;
    for (const name of slots.begun()) if (join(slots.home, name) !== part) rmSync(join(slots.home, name));
  }

  #switchTo(version: string): void {
    const { slots, isFree, end, clock, log } = this.#deps;
    if (this.#leaving) return;
    if (this.#standing.state !== 'ready' || this.#standing.version !== version)
      throw refused('release-not-ready', `release ${version} does not lie here ready`);
    if (!isFree()) throw refused('seat-in-use', 'somebody is logged in');
    const slot = slots.spare;
    slots.inSlot(slot);
    const before = slots.state;
    slots.write({ ...before, trial: { slot, version, starts: 0 } });
    this.#set({ state: 'trial', version });
    this.#leaving = clock.after(LEAVES_IN_MS, () => {
      if (isFree()) return end();
      // Somebody was quicker.
      this.#leaving = undefined;
      try {
        slots.write(before);
        this.#set({ state: 'ready', version });
      } catch (error) {
        log.error({ why: messageOf(error) }, 'a release could not be put off; it is tried at the next start');
      }
    });
  }

  #set(standing: Standing): void {
    this.#standing = standing;
    this.#say();
  }

  #say(): void {
    this.#send?.({ running: this.#deps.running, arch: ARCH, ...this.#standing });
  }
}

const refused = (code: string, text: string): Fault => new Fault(code, 'refused', text);

/** What a full or broken disk says is no sentence. */
function sentenceOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EROFS') return 'the disk cannot be written';
  return messageOf(error);
}
