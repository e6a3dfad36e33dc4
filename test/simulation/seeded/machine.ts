import crypto from 'node:crypto';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { Dice } from './dice.ts';
import type { VirtualTime } from './virtualTime.ts';

/** What of this machine a world would see, and must not: its timers and its randomness. */
let dice = new Dice(0);
let time: VirtualTime | undefined;

const realImmediate = globalThis.setImmediate;

/** All that needed no time has happened: promises, ticks, and what they set going. */
export const settled = (): Promise<void> => new Promise((resolve) => void realImmediate(resolve));

const later = (ms: number, fn: () => void): void => {
  if (!time) throw new Error('a timer of no world');
  time.at(ms, fn);
};

/** Turns of the event loop that anything waited for: no store commits outside of one, but for one that opens. */
export let turns = 0;

/** A commit of the store waits for the end of its turn, and takes its time; so things come in between. */
const TURN_MS = 3;

/** A disk: 100 of 400 GiB are in use. */
const ROOMY = {
  type: 0,
  bsize: 4096,
  blocks: 104_857_600,
  bfree: 78_643_200,
  bavail: 78_643_200,
  files: 1,
  ffree: 1,
};

/** Puts the world's time and chance in the place of the machine's, for the whole process and once. */
export function replaceMachine(): void {
  globalThis.setImmediate = ((fn: (...args: unknown[]) => void, ...args: unknown[]) =>
    later(dice.between(0, TURN_MS), () => {
      turns++;
      fn(...args);
    })) as unknown as typeof setImmediate;
  AbortSignal.timeout = (ms) => {
    const late = new AbortController();
    later(ms, () => late.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
    return late.signal;
  };
  Math.random = () => dice.fraction();
  const randomBytes = (n: number) => {
    const bytes = Buffer.alloc(n);
    dice.bytes(bytes);
    return bytes;
  };
  const replaced = {
    randomBytes,
    randomFillSync: (into: Uint8Array) => {
      dice.bytes(into);
      return into;
    },
    randomUUID: () => {
      const hex = randomBytes(16).toString('hex');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
        '-',
      );
    },
  };
  Object.assign(crypto, replaced);
  timersPromises.setImmediate = (<T>(value: T) =>
    new Promise<T>(
      (resolve) => void setImmediate(() => resolve(value)),
    )) as typeof timersPromises.setImmediate;
  // A thread of the machine's would answer when it likes. There is room on the disk, always as much; and what a backup begins with.
  fsPromises.statfs = (() =>
    new Promise((resolve) => later(TURN_MS, () => resolve(ROOMY)))) as unknown as typeof fsPromises.statfs;
  fs.access = ((_path: unknown, done: () => void) =>
    later(TURN_MS, () => done())) as unknown as typeof fs.access;
  syncBuiltinESMExports();
}

/** From now on this world's. */
export function beginWorld(worldsTime: VirtualTime, seed: number): void {
  time = worldsTime;
  dice = new Dice(seed, 'machine');
}
