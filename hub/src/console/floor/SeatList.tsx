import { Text, Title, useComputedColorScheme } from '@mantine/core';
import type { FloorAnswer, FloorSeat } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { addressOf } from '../place.ts';
import { useNow } from '../useNow.ts';
import { colours, stateNames } from './states.ts';

const MOST = 60;

/** Seats as a list: what needs a look, or what a search found. */
export function SeatList({
  title,
  seats,
  none,
  sites,
}: {
  title: string;
  seats: readonly FloorSeat[];
  none: string;
  sites: FloorAnswer['sites'];
}) {
  const { t, span } = useConsole();
  const scheme = useComputedColorScheme('light');
  const now = useNow();
  const siteOf = (name: string) => sites.find((one) => one.name === name)?.title ?? name;
  return (
    <section className="seats">
      <Title order={2} size="h5">
        {title} {seats.length > 0 && <Text span c="dimmed">{`(${seats.length})`}</Text>}
      </Title>
      {seats.length === 0 && (
        <Text c="dimmed" size="sm" mt="xs">
          {none}
        </Text>
      )}
      <ul>
        {seats.slice(0, MOST).map((seat) => (
          <li key={seat.name}>
            <a href={addressOf('floor', seat.name)} className="seat-line">
              <span className="legend-colour" style={{ background: colours[scheme][seat.state] }} />
              <span>
                <b>{seat.label}</b> {seat.displayName ?? ''}
                <Text size="xs" c="dimmed">
                  {siteOf(seat.site)} · {t(stateNames[seat.state])}
                  {seat.since !== undefined && ` · ${span(seat.since, now)}`}
                </Text>
              </span>
            </a>
          </li>
        ))}
      </ul>
      {seats.length > MOST && (
        <Text size="sm" c="dimmed">
          {t('searchMore', { count: seats.length - MOST })}
        </Text>
      )}
    </section>
  );
}
