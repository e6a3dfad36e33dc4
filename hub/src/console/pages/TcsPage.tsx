import { useMemo } from 'react';
import { Group, Paper, Text, Title } from '@mantine/core';
import type { SeatView, TcView } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole, type Console } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';
import { PlacedAct } from './PlacedAct.tsx';

const stateNames: Readonly<Record<string, ConsoleKey>> = {
  pending: 'pending',
  enrolled: 'enrolled',
  retired: 'retired',
};

/** The boxes: those that wait for approval first, then all of them. */
export function TcsPage() {
  const { t, span } = useConsole();
  const now = useNow();
  const { value, failed, again } = useLook<TcView[]>('/get/tcs', ['tcs', 'resources']);
  const seats = useLook<SeatView[]>('/get/seats', ['tcs', 'resources']).value;
  const free = useMemo(
    () => (seats ?? []).filter(({ tc }) => tc === undefined).map(({ name }) => name),
    [seats],
  );
  const columns = useMemo(() => columnsOf({ t, span }, now, again, free), [t, span, now, again, free]);
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  const pending = value.filter(({ state }) => state === 'pending');
  return (
    <div className="stack">
      {pending.length > 0 && (
        <section className="pending" aria-label={t('pendingTitle')}>
          <Title order={2} size="h5">
            {t('pendingTitle')} <Text span c="dimmed">{`(${pending.length})`}</Text>
          </Title>
          <div className="pending-list">
            {pending.map((one) => (
              <Paper key={one.fingerprint} withBorder p="sm" radius="md">
                <code className="print">{one.fingerprint}</code>
                <Text size="sm" c="dimmed">
                  {[one.hostName, one.model, one.address].filter(Boolean).join(' · ')} ·{' '}
                  {t('ago', { text: span(one.lastSeenAt, now) })}
                </Text>
                <PlacedAct tc={one} seats={free} kind="approve" onDone={again} />
              </Paper>
            ))}
          </div>
        </section>
      )}
      <RowTable
        label={t('tabTcs')}
        columns={columns}
        rows={value.filter(({ state }) => state !== 'pending')}
        keyOf={({ id }) => id}
      />
    </div>
  );
}

function columnsOf(
  { t, span }: Pick<Console, 't' | 'span'>,
  now: number,
  again: () => void,
  free: readonly string[],
): Column<TcView>[] {
  return [
    {
      head: t('fingerprint'),
      track: '13rem',
      text: ({ fingerprint }) => fingerprint,
      cell: (one) => <code>{one.fingerprint}</code>,
    },
    {
      head: t('seat'),
      track: 'minmax(7rem, 1fr)',
      text: ({ seat }) => seat,
      cell: ({ seat }) => seat !== undefined && <a href={addressOf('floor', seat)}>{seat}</a>,
    },
    {
      head: t('state'),
      track: '9rem',
      text: ({ state, online }) =>
        [t(stateNames[state] ?? 'pending'), state === 'enrolled' ? t(online ? 'online' : 'offline') : '']
          .filter(Boolean)
          .join(' · '),
    },
    { head: t('thinClient'), track: 'minmax(7rem, 1fr)', text: ({ hostName }) => hostName },
    { head: t('model'), track: 'minmax(7rem, 1fr)', text: ({ model }) => model },
    { head: t('address'), track: 'minmax(8rem, 1fr)', text: ({ address }) => address },
    { head: t('version'), track: '6rem', text: ({ agentVersion }) => agentVersion },
    {
      head: t('seen'),
      track: '6rem',
      text: (one) => one.lastSeenAt,
      cell: (one) => span(one.lastSeenAt, now),
    },
    {
      head: '',
      track: '11rem',
      text: () => undefined,
      cell: (one) =>
        one.state === 'enrolled' && (
          <Group gap={4} wrap="nowrap">
            <PlacedAct tc={one} seats={free} kind="place" onDone={again} />
            <Act
              label={t('retireTc')}
              title={t('retireTc')}
              text={t('retireTcText', { print: one.fingerprint, seat: one.seat ?? '–' })}
              needs="operate"
              bad
              path={`/tcs/${encodeURIComponent(one.fingerprint)}/retire`}
              onDone={again}
            />
          </Group>
        ),
    },
  ];
}
