import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ProblemView, StatusAnswer, Warning } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Loading } from '../parts/Looks.tsx';
import { useNow } from '../useNow.ts';

/** What the hub stands on, what it warns of, and what does not come right by itself: with what happens next. */
export function ProblemsPage({
  status,
  problems,
}: {
  status: StatusAnswer | undefined;
  problems: ProblemView[] | undefined;
}) {
  const { t } = useConsole();
  if (!status || !problems) return <Loading />;
  return (
    <div className="scroll">
      <Stack p="md" maw={1100}>
        <Title order={1} className="unseen">
          {t('tabProblems')}
        </Title>
        <Parts status={status} />
        <Title order={2} size="h4">
          {t('troubles')}
        </Title>
        {problems.length === 0 && <Text c="dimmed">{t('noTroubles')}</Text>}
        {problems.map((problem) => (
          <Problem key={`${problem.kind} ${problem.cloud} ${problem.what}`} problem={problem} />
        ))}
        <Title order={2} size="h4">
          {t('warnings')}
        </Title>
        {status.warnings.length === 0 && <Text c="dimmed">{t('noWarnings')}</Text>}
        {status.warnings.map((warning) => (
          <WarningLine key={`${warning.code} ${warning.text}`} warning={warning} />
        ))}
      </Stack>
    </div>
  );
}

function Parts({ status }: { status: StatusAnswer }) {
  const { t } = useConsole();
  const all = [{ name: t('store'), ...status.store }, ...status.directories, ...status.clouds];
  return (
    <section aria-label={t('parts')}>
      <Title order={2} size="h4" mb="xs">
        {t('parts')}
      </Title>
      <div className="parts">
        {all.map(({ name, ok, text }) => (
          <Paper key={name} withBorder p="sm" radius="md">
            <Group gap="xs" justify="space-between">
              <Text fw={600}>{name}</Text>
              <Badge color={ok ? 'teal.9' : 'red.9'}>{t(ok ? 'well' : 'unwell')}</Badge>
            </Group>
            <Text size="sm" lang="en">
              {text}
            </Text>
          </Paper>
        ))}
      </div>
    </section>
  );
}

function Problem({ problem }: { problem: ProblemView }) {
  const { t, span } = useConsole();
  const now = useNow();
  const waits = problem.kind === 'vanished' || problem.kind === 'strays-many';
  return (
    <Paper withBorder p="md" radius="md" component="section" className={waits ? 'edge-bad' : 'edge-warn'}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <div className="grow">
          <Text fw={600}>
            {problem.what} <Text span c="dimmed" size="sm">{`${problem.kind} · ${problem.cloud}`}</Text>
          </Text>
          <Text size="sm" lang="en">
            {problem.text}
          </Text>
          <Facts
            facts={[
              [
                t('next'),
                <span key="next" lang="en">
                  {problem.next}
                </span>,
              ],
              [t('since'), t('ago', { text: span(problem.since, now) })],
              [t('tries'), problem.tries],
            ]}
          />
        </div>
        {waits && (
          <Act
            label={t('acceptProblem')}
            title={problem.what}
            text={t('acceptProblemText', { what: `${problem.what}: ${problem.text}` })}
            needs="operate"
            bad
            path="/problems/accept"
            body={{ kind: problem.kind, cloud: problem.cloud }}
            onDone={() => undefined}
          />
        )}
      </Group>
    </Paper>
  );
}

const colours = { error: 'red.9', warning: 'yellow.5', info: 'gray.7' } as const;

function WarningLine({ warning: { code, severity, text } }: { warning: Warning }) {
  return (
    <Group gap="sm" align="start" wrap="nowrap">
      <Badge color={colours[severity]} autoContrast className="fixed">
        {code}
      </Badge>
      <Text size="sm" lang="en">
        {text}
      </Text>
    </Group>
  );
}
