import { useMemo, useState } from 'react';
import type { DesktopView } from '@anyseat/protocol';
import { useConsole, type Console } from '../context.ts';
import { BulkActs } from '../desktops/BulkActs.tsx';
import { TimeLine } from '../desktops/TimeLine.tsx';
import { Act } from '../parts/Act.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';

const nameOf = ({ server, number }: DesktopView): string => server ?? String(number);

/** All desktops, with what is wrong with each in the cloud's words. */
export function DesktopsPage({ filter }: { filter: string }) {
  const { t, span, stateOf } = useConsole();
  const now = useNow();
  const { value, failed, again } = useLook<DesktopView[]>('/get/desktops', ['desktops', 'sessions']);
  const columns = useMemo(() => columnsOf({ t, span, stateOf }, now, again), [t, span, stateOf, now, again]);
  const [keys, choose] = useState<ReadonlySet<string>>(new Set());
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  return (
    <RowTable
      key={filter}
      label={t('tabDesktops')}
      columns={columns}
      rows={value.filter(({ state }) => state !== 'gone')}
      chosen={{ keys, choose }}
      beside={
        <BulkActs
          chosen={value.filter(({ id }) => keys.has(id))}
          onDone={() => {
            choose(new Set());
            again();
          }}
        />
      }
      keyOf={({ id }) => id}
      typed={filter}
    />
  );
}

const isBad = (state: string): boolean => state === 'broken' || state === 'quarantined' || state === 'unsure';

function columnsOf(
  { t, span, stateOf }: Pick<Console, 't' | 'span' | 'stateOf'>,
  now: number,
  again: () => void,
): Column<DesktopView>[] {
  return [
    {
      head: t('desktop'),
      track: 'minmax(9rem, 1.2fr)',
      text: nameOf,
      cell: (one) => <TimeLine desktop={one} name={nameOf(one)} />,
    },
    { head: t('pool'), track: 'minmax(6rem, .8fr)', text: ({ pool }) => pool },
    {
      head: t('state'),
      track: '7rem',
      text: ({ state }) => stateOf('desktop', state),
      cell: ({ state }) => <span className={isBad(state) ? 'bad' : ''}>{stateOf('desktop', state)}</span>,
    },
    {
      head: t('since'),
      track: '5.5rem',
      text: ({ since }) => since,
      cell: ({ since }) => span(since, now),
    },
    { head: t('user'), track: 'minmax(6rem, .8fr)', text: ({ user }) => user },
    { head: t('host'), track: 'minmax(6rem, .8fr)', text: ({ host }) => host },
    { head: t('address'), track: 'minmax(8rem, .8fr)', text: ({ endpoint }) => endpoint },
    {
      head: t('fault'),
      track: 'minmax(8rem, 2fr)',
      text: ({ fault }) => fault,
      cell: ({ fault }) => <span title={fault}>{fault}</span>,
    },
    {
      head: '',
      track: '6rem',
      text: () => undefined,
      cell: (one) => (
        <Act
          label={t('retireDesktop')}
          title={`${t('retireDesktop')}: ${nameOf(one)}`}
          text={t('retireDesktopText', { desktop: nameOf(one) })}
          needs="operate"
          bad
          path={`/desktops/${encodeURIComponent(one.id)}/retire`}
          onDone={again}
        />
      ),
    },
  ];
}
