import { useMemo } from 'react';
import { Group, Stack, Text, Title } from '@mantine/core';
import type { HistoryAnswer, RevisionView } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { useLook } from '../useLook.ts';
import type { RuleKind } from './kinds.ts';
import { Lines } from './Outcome.tsx';

/** Who changed what when, the newest first; an earlier state can be brought back. */
export function History({ kind, name, onChanged }: { kind: RuleKind; name: string; onChanged: () => void }) {
  const { t, language } = useConsole();
  const { value } = useLook<HistoryAnswer>(`/history?kind=${kind}&name=${encodeURIComponent(name)}`, [
    'resources',
  ]);
  const when = useMemo(
    () => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }),
    [language],
  );
  const revisions = value?.revisions ?? [];
  return (
    <Stack gap="sm" component="section" aria-label={t('ruleHistory')}>
      <Title order={2} size="h4">
        {t('ruleHistory')}
      </Title>
      {revisions.map((one, i) => (
        <Revision key={one.revision} one={one} at={when.format(one.at)}>
          {i > 0 && !one.deleted && (
            <Act
              label={t('ruleBack')}
              title={`${t('ruleBack')}: ${name} ${one.revision}`}
              text={t('ruleBackText', { name, count: one.revision })}
              needs="administer"
              path="/revert"
              body={{ kind, name, revision: one.revision }}
              onDone={onChanged}
            />
          )}
        </Revision>
      ))}
    </Stack>
  );
}

function Revision({ one, at, children }: { one: RevisionView; at: string; children: React.ReactNode }) {
  const { t } = useConsole();
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {t('ruleBy', { count: one.revision, at, who: one.author })}
        </Text>
        {one.deleted && <Text size="sm">{t('ruleGone')}</Text>}
        {children}
      </Group>
      <Lines lines={one.lines} />
    </div>
  );
}
