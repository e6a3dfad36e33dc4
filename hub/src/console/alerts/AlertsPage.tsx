import { useMemo } from 'react';
import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { AlertView } from '@anyseat/protocol';
import { sayAlert, type ConsoleKey } from '@anyseat/words';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';
import { SilenceAct } from './SilenceAct.tsx';
import { TestChannels } from './TestChannels.tsx';

const MOST_PAST = 100;

/** What is not as it should be, the gravest first, with what to do about it; and what was so in the last week. */
export function AlertsPage() {
  const { t } = useConsole();
  const { value, failed, again } = useLook<AlertView[]>('/get/alerts', ['alerts']);
  const open = useMemo(
    () => (value ?? []).filter(({ state }) => state !== 'resolved').sort(byGravity),
    [value],
  );
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  const past = value.filter(({ state }) => state === 'resolved');
  return (
    <div className="scroll">
      <Stack p="md" maw={1100}>
        <Group justify="space-between">
          <Title order={1} size="h4">
            {t('alertsOpen')}
          </Title>
          <TestChannels />
        </Group>
        {open.length === 0 && <Text c="dimmed">{t('alertsNone')}</Text>}
        {open.map((alert) => (
          <OneAlert key={alert.id} alert={alert} onDone={again} />
        ))}
        <Title order={2} size="h4">
          {t('alertsPast')}
        </Title>
        {past.length === 0 && <Text c="dimmed">{t('nothingHere')}</Text>}
        {past.slice(0, MOST_PAST).map((alert) => (
          <PastAlert key={alert.id} alert={alert} />
        ))}
      </Stack>
    </div>
  );
}

const GRAVITY = ['error', 'warning', 'info'] as const;
const STATES = ['open', 'acknowledged', 'silenced', 'resolved'] as const;

/** What nobody looks after first, then the gravest, then the newest. */
const byGravity = (a: AlertView, b: AlertView): number =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
  GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity) ||
  b.openedAt - a.openedAt;

const severityNames = {
  error: 'severityError',
  warning: 'severityWarning',
  info: 'severityInfo',
} as const satisfies Record<AlertView['severity'], ConsoleKey>;
const colours = { error: 'red.9', warning: 'yellow.5', info: 'gray.7' } as const;

function OneAlert({ alert, onDone }: { alert: AlertView; onDone: () => void }) {
  const { t, language, span } = useConsole();
  const now = useNow();
  const { text, next } = sayAlert(alert.code, { language, now }, alert.fields);
  const path = `/alerts/${encodeURIComponent(alert.id)}`;
  const { state, severity } = alert;
  const edge = state !== 'open' ? '' : severity === 'error' ? 'edge-bad' : 'edge-warn';
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={text} className={edge}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <div className="grow">
          <Group gap="xs" mb={4}>
            <Badge color={colours[severity]} autoContrast>
              {t(severityNames[severity])}
            </Badge>
            <Text size="sm" c="dimmed">
              {alert.about}
            </Text>
          </Group>
          <Text fw={600}>{text}</Text>
          <Text size="sm">{next}</Text>
          <Facts
            facts={[
              [t('since'), t('ago', { text: span(alert.openedAt, now) })],
              [t('seenBy'), alert.acknowledgedBy],
              [
                t('silenced'),
                alert.silencedUntil === undefined
                  ? undefined
                  : [
                      t('silencedFor', { text: span(now, alert.silencedUntil) }),
                      alert.silencedBy,
                      alert.silenceReason,
                    ]
                      .filter(Boolean)
                      .join(' · '),
              ],
            ]}
          />
        </div>
        <Group gap="xs" wrap="nowrap">
          {alert.acknowledgedBy === undefined && (
            <Act
              label={t('acknowledge')}
              title={t('acknowledge')}
              text={t('acknowledgeText')}
              needs="operate"
              path={`${path}/acknowledge`}
              onDone={onDone}
            />
          )}
          {state === 'silenced' ? (
            <Act
              label={t('unsilence')}
              title={t('unsilence')}
              text={t('unsilenceText')}
              needs="operate"
              path={`${path}/silence`}
              body={{ hours: 0 }}
              onDone={onDone}
            />
          ) : (
            <SilenceAct path={`${path}/silence`} onDone={onDone} />
          )}
        </Group>
      </Group>
    </Paper>
  );
}

function PastAlert({ alert }: { alert: AlertView }) {
  const { t, language, span } = useConsole();
  const now = useNow();
  const { text } = sayAlert(alert.code, { language, now }, alert.fields);
  const over = alert.resolvedAt ?? now;
  return (
    <Group gap="sm" align="start" wrap="nowrap">
      <Badge color="gray.7" className="fixed">
        {t(severityNames[alert.severity])}
      </Badge>
      <Text size="sm">
        {text}{' '}
        <Text span c="dimmed">
          {t('wasFor', { text: span(alert.openedAt, over), past: span(over, now) })}
        </Text>
      </Text>
    </Group>
  );
}
