import { useCallback, useRef, useState } from 'react';
import type { FloorAnswer, FloorSeat } from '@anyseat/protocol';
import { look, Refused } from '../api.ts';
import { useLooking } from '../useLook.ts';

export interface FloorSeen {
  sites: FloorAnswer['sites'];
  seats: readonly FloorSeat[];
  /** Another one when seats came or went, so that the map is laid out anew. */
  era: number;
}

/** All seats, kept up by what changed. */
export function useFloor(): { floor: FloorSeen | undefined; failed: Refused | undefined } {
  const [floor, setFloor] = useState<FloorSeen>();
  const [failed, setFailed] = useState<Refused>();
  const kept = useRef({ mark: '', era: 0, seats: new Map<string, FloorSeat>() });
  const take = useCallback(async (signal: AbortSignal) => {
    const own = kept.current;
    try {
      const answer = await look<FloorAnswer>(`/floor?since=${encodeURIComponent(own.mark)}`, signal);
      if (signal.aborted) return;
      setFailed(undefined);
      const isNews = answer.whole || answer.seats.length > 0;
      if (answer.whole) {
        own.seats = new Map();
        own.era += 1;
      }
      own.mark = answer.mark;
      for (const seat of answer.seats) own.seats.set(seat.name, seat);
      if (isNews) setFloor({ sites: answer.sites, seats: [...own.seats.values()], era: own.era });
    } catch (error) {
      if (!signal.aborted && error instanceof Refused) setFailed(error);
    }
  }, []);
  useLooking(take, ['tcs', 'sessions', 'desktops', 'resources']);
  return { floor, failed };
}
