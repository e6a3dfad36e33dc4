import { useMemo, useState } from 'react';
import { SegmentedControl } from '@mantine/core';
import type { SessionView } from '@anyseat/protocol';
import { useConsole, type Console } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { seconds, stagesText, wholeOf } from '../parts/stagesText.ts';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';

/** Who is logged in where, and what their login took; and the sessions that are over. */
export function SessionsPage({ filter }: { filter: string }) {
  const { t, span, stateOf } = useConsole();
  const now = useNow();
  const [which, setWhich] = useState<'live' | 'past'>('live');
  const { value, failed, again } = useLook<SessionView[]>('/get/sessions', ['sessions', 'tcs']);
  const columns = useMemo(
    () => columnsOf({ t, span, stateOf }, now, again, which),
    [t, span, stateOf, now, again, which],
  );
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  return (
    <RowTable
      key={filter}
      label={t('tabSessions')}
      columns={columns}
      rows={value.filter(({ state }) => (state === 'ended') === (which === 'past'))}
      keyOf={({ id }) => id}
      typed={filter}
      beside={
        <SegmentedControl
          size="sm"
          value={which}
          onChange={(to) => setWhich(to === 'past' ? 'past' : 'live')}
          data={[
            { value: 'live', label: t('liveOnly') },
            { value: 'past', label: t('pastOnly') },
          ]}
        />
      }
    />
  );
}

function columnsOf(
  { t, span, stateOf }: Pick<Console, 't' | 'span' | 'stateOf'>,
  now: number,
  again: () => void,
  which: 'live' | 'past',
): Column<SessionView>[] {
  return [
    { head: t('person'), track: 'minmax(7rem, 1fr)', text: ({ displayName }) => displayName },
    { head: t('user'), track: 'minmax(7rem, 1fr)', text: ({ user }) => user },
    {
      head: t('seat'),
      track: 'minmax(7rem, 1fr)',
      text: ({ seat }) => seat,
      cell: ({ seat }) => <a href={addressOf('floor', seat)}>{seat}</a>,
    },
    { head: t('site'), track: 'minmax(6rem, .8fr)', text: ({ site }) => site },
    {
      head: t('state'),
      track: '8rem',
      text: ({ state, end, online }) =>
        end ?? [stateOf('session', state), online ? '' : t('offline')].filter(Boolean).join(' · '),
    },
    {
      head: t('since'),
      track: '5.5rem',
      text: ({ since }) => since,
      cell: ({ since }) => span(since, now),
    },
    { head: t('desktop'), track: 'minmax(8rem, 1fr)', text: ({ desktop }) => desktop },
    { head: t('allocator'), track: 'minmax(6rem, .8fr)', text: ({ allocator }) => allocator },
    {
      head: t('stages'),
      track: '7rem',
      right: true,
      text: ({ stages }) => wholeOf(stages),
      cell: ({ stages }) => (
        <span title={stagesText(stages)}>{wholeOf(stages) === 0 ? '' : seconds(wholeOf(stages))}</span>
      ),
    },
    { head: t('viewer'), track: '8rem', text: ({ viewer }) => viewer },
    ...(which === 'past'
      ? []
      : [
          {
            head: '',
            track: '8.5rem',
            text: () => undefined,
            cell: (one: SessionView) => (
              <Act
                label={t('endSession')}
                title={t('endSession')}
                text={t('endSessionText', {
                  name: one.displayName,
                  seat: one.seat,
                  desktop: one.desktop ?? '–',
                })}
                needs="help"
                bad
                path={`/sessions/${encodeURIComponent(one.id)}/end`}
                onDone={again}
              />
            ),
          },
        ]),
  ];
}
