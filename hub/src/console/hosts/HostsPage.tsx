import { useMemo } from 'react';
import type { HostView, PromisedView } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole, type Console } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { DrainAct } from './DrainAct.tsx';

/** The compute hosts: what is there of ours, what boots, what they have promised; draining them, and bringing them back. */
export function HostsPage() {
  const { t } = useConsole();
  const { value, failed, again } = useLook<HostView[]>('/get/hosts', ['desktops', 'alerts']);
  const columns = useMemo(() => columnsOf({ t }, again), [t, again]);
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  return (
    <RowTable
      label={t('tabHosts')}
      columns={columns}
      rows={value}
      keyOf={({ cloud, name }) => `${cloud} ${name}`}
    />
  );
}

const stateNames: Readonly<Record<string, ConsoleKey>> = {
  up: 'hostUp',
  down: 'hostDown',
  disabled: 'hostDisabled',
  unknown: 'hostUnknown',
  drained: 'hostDrained',
};
const stateOf = ({ state, drain }: HostView): string => (drain ? 'drained' : state);

/** In times what it has: 1.20 of 1.50. */
const timesOf = (room: PromisedView | undefined): number =>
  room === undefined || room.has <= 0 ? 0 : room.promised / room.has;

function promisedText({ t }: Pick<Console, 't'>, room: PromisedView | undefined): string {
  if (room === undefined) return '';
  return t('promisedOf', { text: timesOf(room).toFixed(2), most: room.ratio.toFixed(2) });
}

function columnsOf({ t }: Pick<Console, 't'>, again: () => void): Column<HostView>[] {
  const word = (host: HostView) => t(stateNames[stateOf(host)] ?? 'hostUnknown');
  return [
    {
      head: t('host'),
      track: 'minmax(8rem, 1fr)',
      text: ({ name }) => name,
      cell: ({ name }) => <a href={addressOf('desktops', name)}>{name}</a>,
    },
    { head: t('cloud'), track: '6rem', text: ({ cloud }) => cloud },
    {
      head: t('state'),
      track: '6rem',
      text: word,
      cell: (host) => <span className={stateOf(host) === 'down' ? 'bad' : ''}>{word(host)}</span>,
    },
    { head: t('tabDesktops'), track: '6rem', right: true, text: ({ desktops }) => desktops },
    { head: t('inUse'), track: '5rem', right: true, text: ({ inUse }) => inUse },
    {
      head: t('booting'),
      track: '5.5rem',
      right: true,
      text: ({ booting }) => booting,
      cell: ({ booting, allowed }) => t('bootingOf', { count: booting, most: allowed }),
    },
    {
      head: t('memoryPromised'),
      track: '8.5rem',
      right: true,
      text: ({ memoryMb }) => timesOf(memoryMb),
      cell: ({ memoryMb }) => promisedText({ t }, memoryMb),
    },
    {
      head: t('cpuPromised'),
      track: '8.5rem',
      right: true,
      text: ({ cpus }) => timesOf(cpus),
      cell: ({ cpus }) => promisedText({ t }, cpus),
    },
    {
      head: t('next'),
      track: 'minmax(8rem, 2fr)',
      text: ({ words }) => words,
      cell: ({ words }) => (
        <span title={words} lang="en">
          {words}
        </span>
      ),
    },
    {
      head: '',
      track: '6.5rem',
      text: () => undefined,
      cell: (host) =>
        host.drain || host.state === 'disabled' ? (
          <Act
            label={t('resumeHost')}
            title={`${t('resumeHost')}: ${host.name}`}
            text={t('resumeHostText', { host: host.name })}
            needs="operate"
            path={`/hosts/${encodeURIComponent(host.name)}/resume`}
            body={{ cloud: host.cloud }}
            onDone={again}
          />
        ) : (
          <DrainAct host={host} onDone={again} />
        ),
    },
  ];
}
