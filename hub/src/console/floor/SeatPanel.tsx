import {
  Badge,
  CloseButton,
  Divider,
  Group,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
} from '@mantine/core';
import type { SeatAnswer, SessionView } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { stagesText } from '../parts/stagesText.ts';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';
import { BoxActs } from './BoxActs.tsx';
import { Explain } from './Explain.tsx';
import { colours, stateNames } from './states.ts';
import { SwapAct } from './SwapAct.tsx';

/** Everything about one seat, and what can be done there. */
export function SeatPanel({ name, onClose }: { name: string; onClose: () => void }) {
  const { t, span } = useConsole();
  const scheme = useComputedColorScheme('light');
  const now = useNow();
  const { value, failed, again } = useLook<SeatAnswer>(`/seats/${encodeURIComponent(name)}`, [
    'tcs',
    'sessions',
    'desktops',
    'resources',
  ]);
  const seat = value?.seat;
  return (
    <Stack gap="sm" className="seat">
      <Group justify="space-between" wrap="nowrap" align="start">
        <div>
          <Title order={2} size="h4">
            {seat?.label ?? name}
          </Title>
          <Text size="sm" c="dimmed">
            {[name, seat?.site, seat?.room].filter((one) => one !== undefined).join(' · ')}
          </Text>
        </div>
        <CloseButton aria-label={t('close')} onClick={onClose} />
      </Group>
      {failed && <Failed failed={failed} />}
      {!value && !failed && <Loading />}
      {value && seat && (
        <>
          <Group gap="xs">
            <span className="legend-colour" style={{ background: colours[scheme][seat.state] }} />
            <Text fw={600}>{t(stateNames[seat.state])}</Text>
            {seat.since !== undefined && (
              <Text c="dimmed" size="sm">
                {span(seat.since, now)}
              </Text>
            )}
          </Group>
          <WhoIsThere answer={value} onDone={again} />
          <Divider />
          <Box answer={value} />
          <BoxActs answer={value} onDone={again} />
          <Divider />
          <Explain seat={name} user={seat.user} />
          <Divider />
          <Past past={value.past} />
        </>
      )}
    </Stack>
  );
}

function WhoIsThere({ answer, onDone }: { answer: SeatAnswer; onDone: () => void }) {
  const { t, span } = useConsole();
  const now = useNow();
  const { seat, session, desktop, bindings } = answer;
  if (!session)
    return (
      <>
        <Text size="sm">{t('nobody')}</Text>
        {bindings.map((one) => (
          <Text key={one.desktop} size="sm" c="dimmed">
            {one.desktop} ← {one.kind} {one.key}
          </Text>
        ))}
      </>
    );
  return (
    <>
      <Facts
        facts={[
          [t('person'), `${session.displayName} (${session.user})`],
          [t('started'), span(session.startedAt, now)],
          [t('allocator'), session.allocator],
          [
            t('desktop'),
            desktop && <DesktopLink key="desktop" name={desktop.server ?? String(desktop.number)} />,
          ],
          [t('pool'), desktop?.pool],
          [t('host'), desktop?.host],
          [t('viewer'), session.viewer],
          [t('fault'), desktop?.fault],
          [t('stages'), stagesText(session.stages)],
        ]}
      />
      <Group gap="xs">
        {desktop && <SwapAct desktop={desktop} session={session.id} onDone={onDone} />}
        <Act
          label={t('endSession')}
          title={t('endSession')}
          text={t('endSessionText', {
            name: session.displayName,
            seat: seat.label,
            desktop: session.desktop ?? '–',
          })}
          needs="help"
          bad
          path={`/sessions/${encodeURIComponent(session.id)}/end`}
          onDone={onDone}
        />
        <a href={addressOf('audit', session.id)} className="link">
          {t('tabAudit')}
        </a>
      </Group>
    </>
  );
}

const DesktopLink = ({ name }: { name: string }) => <a href={addressOf('desktops', name)}>{name}</a>;

function Box({ answer: { tc, tags } }: { answer: SeatAnswer }) {
  const { t, span } = useConsole();
  const now = useNow();
  return (
    <>
      <Group justify="space-between">
        <Title order={3} size="h6">
          {t('thinClient')}
        </Title>
        {tc && <Badge color={tc.online ? 'teal.9' : 'gray.7'}>{t(tc.online ? 'online' : 'offline')}</Badge>}
      </Group>
      {tc ? (
        <Facts
          facts={[
            [t('fingerprint'), tc.fingerprint],
            [t('address'), tc.address],
            [t('model'), [tc.hostName, tc.model].filter(Boolean).join(' · ')],
            [t('version'), tc.agentVersion],
            [t('seen'), t('ago', { text: span(tc.lastSeenAt, now) })],
            [t('tags'), tagsText({ ...tags, ...tc.tags })],
          ]}
        />
      ) : (
        <Text size="sm" c="dimmed">
          {t('noTc')}
        </Text>
      )}
    </>
  );
}

const tagsText = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

function Past({ past }: { past: readonly SessionView[] }) {
  const { t, span } = useConsole();
  const now = useNow();
  return (
    <>
      <Title order={3} size="h6">
        {t('past')}
      </Title>
      {past.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('pastNone')}
        </Text>
      )}
      {past.map((one) => (
        <Text key={one.id} size="sm">
          {one.displayName}{' '}
          <Text
            span
            c="dimmed"
            size="sm"
          >{`${one.end ?? ''} · ${t('ago', { text: span(one.since, now) })}`}</Text>
        </Text>
      ))}
    </>
  );
}
