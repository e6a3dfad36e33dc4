import { useDeferredValue, useMemo, useState } from 'react';
import { Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import type { FloorSeat, SeatState } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { addressOf } from '../place.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { FloorMap } from './FloorMap.tsx';
import { findSeats } from './findSeats.ts';
import { Legend } from './Legend.tsx';
import { SeatList } from './SeatList.tsx';
import { SeatPanel } from './SeatPanel.tsx';
import { darkSites, type DarkSites } from './darkSites.ts';
import { SiteAlerts } from './SiteAlerts.tsx';
import { stateNames, urgent } from './states.ts';
import { useFloor, type FloorSeen } from './useFloor.ts';

/** The whole floor at a glance, and beside it what needs a look, what was searched for, or the one seat that was chosen. */
export function FloorPage({ chosen }: { chosen: string }) {
  const { t } = useConsole();
  const { floor, failed } = useFloor();
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState<ReadonlySet<SeatState>>();
  const wanted = useDeferredValue(typed);
  const hits = useMemo(() => findSeats(floor?.seats ?? [], wanted), [floor, wanted]);
  const found = useMemo(
    () => (wanted.trim() === '' ? undefined : new Set(hits.map(({ name }) => name))),
    [hits, wanted],
  );
  const notes = useNotesOfSites(floor);
  const dark = useMemo(() => darkSites(floor?.seats ?? []), [floor]);
  const worst = useMemo(() => worstOf(floor?.seats ?? [], dark), [floor, dark]);
  if (!floor) return failed ? <Failed failed={failed} /> : <Loading />;
  if (floor.seats.length === 0) return <NoSeats />;
  const choose = (seat: string | undefined) => {
    location.hash = addressOf('floor', seat ?? '');
  };
  return (
    <div className="floor">
      <div className="floor-main">
        <Group gap="sm" className="floor-head" wrap="nowrap">
          <TextInput
            className="floor-search"
            size="sm"
            type="search"
            aria-label={t('search')}
            placeholder={t('searchFloor')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && hits[0]) choose(hits[0].name);
              if (event.key === 'Escape') setTyped('');
            }}
          />
          <Legend seats={floor.seats} shown={shown} onShow={setShown} />
        </Group>
        <FloorMap
          floor={floor}
          shown={shown}
          found={found}
          notes={notes}
          chosen={chosen === '' ? undefined : chosen}
          onChoose={choose}
        />
      </div>
      <aside className="floor-side">
        {chosen !== '' ? (
          <SeatPanel key={chosen} name={chosen} onClose={() => choose(undefined)} />
        ) : found ? (
          <SeatList title={t('search')} seats={hits} none={t('searchNothing')} sites={floor.sites} />
        ) : (
          <>
            <SiteAlerts dark={dark} sites={floor.sites} />
            <SeatList title={t('worst')} seats={worst} none={t('allWell')} sites={floor.sites} />
          </>
        )}
      </aside>
    </div>
  );
}

const order: readonly SeatState[] = ['fault', 'silent', 'waiting'];

/** The worst first, of those the longest first. A site that fell silent is one thing to look at, not so many seats. */
const worstOf = (seats: readonly FloorSeat[], dark: DarkSites): FloorSeat[] =>
  seats
    .filter(({ state, site }) => urgent.has(state) && !(state === 'silent' && dark.has(site)))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.since ?? 0) - (b.since ?? 0));

/** Of each site, in a line: how many work, and what is wrong. */
function useNotesOfSites(floor: FloorSeen | undefined): ReadonlyMap<string, string> {
  const { t } = useConsole();
  return useMemo(() => {
    const counts = new Map<string, Map<SeatState, number>>();
    for (const { site, state } of floor?.seats ?? []) {
      const own = counts.get(site) ?? new Map<SeatState, number>();
      counts.set(site, own.set(state, (own.get(state) ?? 0) + 1));
    }
    const told: SeatState[] = [...order, 'working', 'idle', 'free'];
    return new Map(
      [...counts].map(([site, own]) => {
        const parts = told.flatMap((state) => {
          const count = own.get(state) ?? 0;
          return count === 0 ? [] : [`${t(stateNames[state])} ${count}`];
        });
        return [site, parts.join(' · ')];
      }),
    );
  }, [floor, t]);
}

function NoSeats() {
  const { t } = useConsole();
  return (
    <Stack p="xl" maw={640} mx="auto" mt="xl">
      <Title order={1} size="h3">
        {t('noSeats')}
      </Title>
      <Text>{t('noSeatsText')}</Text>
      <Code block>anyseat apply -f site.yaml</Code>
    </Stack>
  );
}
