import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Group, Stack, Text, Title } from '@mantine/core';
import type { ApplyAnswer, HistoryAnswer, RevisionView } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { useLook } from '../useLook.ts';
import type { RuleKind } from './kinds.ts';
import { Lines, Outcome, Wrong } from './Outcome.tsx';

/** Who changed what when, the newest first; an earlier state can be brought back. */
export function History({
  kind,
  name,
  stands,
  onChanged,
}: {
  kind: RuleKind;
  name: string;
  /** The revision that the page shows. */
  stands: number;
  onChanged: () => void;
}) {
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
              body={{ kind, name, revision: one.revision, seen: stands }}
              onDone={onChanged}
            >
              <Difference kind={kind} name={name} revision={one.revision} />
            </Act>
          )}
        </Revision>
      ))}
    </Stack>
  );
}

function Revision({ one, at, children }: { one: RevisionView; at: string; children: ReactNode }) {
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

/** What bringing it back would change, before it is done. */
function Difference({ kind, name, revision }: { kind: RuleKind; name: string; revision: number }) {
  const [answer, setAnswer] = useState<ApplyAnswer>();
  const [wrong, setWrong] = useState<Refused>();
  useEffect(() => {
    let isGone = false;
    act<ApplyAnswer>('/revert', { kind, name, revision, dryRun: true }).then(
      (would) => !isGone && setAnswer(would),
      (error: unknown) => !isGone && error instanceof Refused && setWrong(error),
    );
    return () => {
      isGone = true;
    };
  }, [kind, name, revision]);
  if (wrong) return <Wrong why={wrong} />;
  return answer ? <Outcome answer={answer} /> : null;
}
