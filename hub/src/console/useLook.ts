import { useCallback, useEffect, useRef, useState } from 'react';
import type { HintKind } from '@anyseat/protocol';
import { look, Refused } from './api.ts';
import { useConsole } from './context.ts';

/** Hints come in bursts; between two looks there is at least this. */
const REST_MS = 1000;
/** Without any hint, now and then all the same: a missed one costs a delay, nothing else. */
const SLOWLY_MS = 30_000;

export interface Looked<T> {
  value: T | undefined;
  failed: Refused | undefined;
  again: () => void;
}

/** What the hub answers at `path`, looked at again when a hint is about one of `kinds`. */
export function useLook<T>(path: string, kinds: readonly HintKind[]): Looked<T> {
  const [value, setValue] = useState<{ path: string; value: T }>();
  const [failed, setFailed] = useState<Refused>();
  const take = useCallback(
    async (signal: AbortSignal) => {
      try {
        const found = await look<T>(path, signal);
        if (signal.aborted) return;
        setValue({ path, value: found });
        setFailed(undefined);
      } catch (error) {
        if (!signal.aborted && error instanceof Refused) setFailed(error);
      }
    },
    [path],
  );
  const again = useLooking(take, kinds);
  return { value: value?.path === path ? value.value : undefined, failed, again };
}

/** Calls `take` at once, then after hints of these kinds, one at a time, with a rest between. @returns what asks for one more */
export function useLooking(
  take: (signal: AbortSignal) => Promise<void>,
  kinds: readonly HintKind[],
): () => void {
  const { live } = useConsole();
  const wanted = useRef<() => void>(() => undefined);
  const names = kinds.join();
  useEffect(() => {
    const stop = new AbortController();
    const about = new Set<string>(names.split(','));
    let state: 'resting' | 'idle' | 'looking' = 'idle';
    let more = false;
    let timer = 0;
    const lookNow = (): void => {
      window.clearTimeout(timer);
      more = false;
      state = 'looking';
      const rest = () => {
        if (stop.signal.aborted) return;
        state = 'resting';
        timer = window.setTimeout(rested, REST_MS);
      };
      take(stop.signal).then(rest, rest);
    };
    const rested = () => {
      state = 'idle';
      if (more) lookNow();
      else timer = window.setTimeout(lookNow, SLOWLY_MS);
    };
    const ask = () => {
      if (state === 'idle') lookNow();
      else more = true;
    };
    wanted.current = ask;
    const deaf = live.listen((told) => {
      if (told === 'all' || told.some((kind) => about.has(kind))) ask();
    });
    lookNow();
    return () => {
      deaf();
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [take, names, live]);
  return useCallback(() => wanted.current(), []);
}
