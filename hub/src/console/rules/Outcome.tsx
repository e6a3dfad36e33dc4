import { Alert, List, Stack, Text } from '@mantine/core';
import type { ApplyAnswer, ApiFailure, WhatifAnswer } from '@anyseat/protocol';
import type { Refused } from '../api.ts';
import { useConsole } from '../context.ts';

/** What an apply would change, resource by resource, and what of it is most likely a slip. */
export function Outcome({ answer }: { answer: ApplyAnswer }) {
  const { t } = useConsole();
  const { changes, notes = [] } = answer;
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>{t(changes.length === 0 ? 'ruleNothing' : 'ruleWould')}</Text>
      {changes.map(({ kind, name, action, lines }) => (
        <div key={`${kind}/${name}`}>
          <Text size="sm" fw={600}>
            {{ create: '+', change: '~', delete: '−' }[action]} {kind}/{name}
          </Text>
          <Lines lines={lines} />
        </div>
      ))}
      {notes.length > 0 && <Problems title={t('ruleNotes')} colour="yellow" problems={notes} />}
    </Stack>
  );
}

/** `floor: 3 → 5`, one a line. */
export function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <pre className="diff">
      {lines.map((line, i) => (
        <span key={i}>{`${line}\n`}</span>
      ))}
    </pre>
  );
}

export function Wrong({ why }: { why: Refused }) {
  const { t } = useConsole();
  return why.problems.length > 0 ? (
    <Problems title={t('ruleWrong')} colour="red" problems={why.problems} />
  ) : (
    <Alert color="red" role="alert" title={t('ruleWrong')}>
      {why.message}
    </Alert>
  );
}

type Problem = NonNullable<ApiFailure['error']['problems']>[number];

function Problems({
  title,
  colour,
  problems,
}: {
  title: string;
  colour: string;
  problems: readonly Problem[];
}) {
  return (
    <Alert color={colour} role="alert" title={title}>
      <List size="sm">
        {problems.map(({ where, path, text }) => (
          <List.Item key={`${where} ${path} ${text}`}>
            <code>{path || where}</code> {text}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Whose logins of the last days would have come to something else. */
export function Whatif({ answer }: { answer: WhatifAnswer }) {
  const { t } = useConsole();
  const { days, logins, changed, changes } = answer;
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>{t('whatifSum', { changed, logins, days })}</Text>
      {changes.map(({ from, to, logins: count, people }) => (
        <Text key={`${from} ${to}`} size="sm">
          {t('whatifLine', { from, to, count, people })}
        </Text>
      ))}
    </Stack>
  );
}
