import { useState, type SyntheticEvent } from 'react';
import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { ExplainAnswer, ExplainedClause } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';

/** What somebody would get at this seat, and why: rule by rule. */
export function Explain({ seat, user }: { seat: string; user: string | undefined }) {
  const { t, may } = useConsole();
  const [name, setName] = useState(user ?? '');
  const [answer, setAnswer] = useState<ExplainAnswer>();
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    act<ExplainAnswer>('/explain', { user: name.trim(), seat })
      .then(
        (found) => {
          setAnswer(found);
          setWrong(undefined);
        },
        (error: unknown) => {
          setAnswer(undefined);
          setWrong(error instanceof Refused ? error.message : String(error));
        },
      )
      .finally(() => setBusy(false));
  };
  if (!may('help')) return null;
  return (
    <Stack gap="xs">
      <form onSubmit={ask}>
        <Group gap="xs" align="end" wrap="nowrap">
          <TextInput
            size="xs"
            className="grow"
            label={t('explainUser')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" variant="default" loading={busy} disabled={name.trim() === ''}>
            {t('explain')}
          </Button>
        </Group>
      </form>
      {wrong !== undefined && (
        <Text size="sm" role="alert" className="bad">
          {wrong}
        </Text>
      )}
      {answer && <Explained answer={answer} />}
    </Stack>
  );
}

function Explained({ answer }: { answer: ExplainAnswer }) {
  const { t } = useConsole();
  return (
    <Stack gap="xs" className="explained">
      <Text size="sm" fw={600}>
        {answer.person.displayName}: {whatTheyGet(answer, t)}
      </Text>
      {answer.allocators.map((one) => (
        <div key={one.allocator}>
          <Group gap={6}>
            <Text size="sm" fw={one.allocator === answer.chosen ? 700 : 400}>
              {one.allocator} ({one.priority})
            </Text>
            <Badge size="xs" color={one.matches ? 'teal.9' : 'gray.7'}>
              {t(one.allocator === answer.chosen ? 'chosen' : one.matches ? 'holds' : 'fails')}
            </Badge>
          </Group>
          <Clauses clauses={one.clauses} />
        </div>
      ))}
      <Text size="xs" c="dimmed">
        {t('groups')}: {answer.person.groups.join(' · ') || '–'}
      </Text>
    </Stack>
  );
}

function Clauses({ clauses }: { clauses: readonly ExplainedClause[] }) {
  const { t } = useConsole();
  return (
    <ul className="clauses">
      {clauses.map((clause) => (
        <li key={`${clause.clause} ${clause.wanted}`}>
          <Text size="xs">
            {clause.holds ? '✓' : '✗'} {clause.clause}:{' '}
            {t('wantedSaw', { wanted: clause.wanted, saw: clause.saw })}
          </Text>
          {clause.parts && <Clauses clauses={clause.parts} />}
        </li>
      ))}
    </ul>
  );
}

function whatTheyGet({ desktop }: ExplainAnswer, t: ReturnType<typeof useConsole>['t']): string {
  if (!desktop) return t('explainNone');
  switch (desktop.because) {
    case 'queue':
      return t('explainQueue', { count: desktop.place });
    case 'elsewhere':
      return t('explainElsewhere', { seat: desktop.seat });
    case 'session':
    case 'binding':
    case 'ready':
      return t('explainGets', { desktop: desktop.desktop.server ?? String(desktop.desktop.number) });
    default:
      return desktop satisfies never;
  }
}
