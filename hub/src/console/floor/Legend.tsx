import { UnstyledButton, useComputedColorScheme } from '@mantine/core';
import type { FloorSeat, SeatState } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { colours, stateNames, states } from './states.ts';

/** How many seats are in each state; a press lets these alone stand out. */
export function Legend({
  seats,
  shown,
  onShow,
}: {
  seats: readonly FloorSeat[];
  shown: ReadonlySet<SeatState> | undefined;
  onShow: (shown: ReadonlySet<SeatState> | undefined) => void;
}) {
  const { t } = useConsole();
  const scheme = useComputedColorScheme('light');
  const counts = new Map<SeatState, number>();
  for (const { state } of seats) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <div className="legend">
      {states.map((state) => {
        const isShown = shown?.has(state) === true;
        return (
          <UnstyledButton
            key={state}
            className="legend-one"
            aria-pressed={isShown}
            data-none={(counts.get(state) ?? 0) === 0 || undefined}
            onClick={() => {
              const next = new Set(shown).symmetricDifference(new Set([state]));
              onShow(next.size === 0 ? undefined : next);
            }}
          >
            <span className="legend-colour" style={{ background: colours[scheme][state] }} />
            {t(stateNames[state])} <b>{counts.get(state) ?? 0}</b>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
