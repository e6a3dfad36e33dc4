import { useEffect, useState } from 'react';
import { Alert, Button, Code, Divider, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { DoorAnswer } from '@anyseat/protocol';
import { consoleText, type ConsoleKey } from '@anyseat/words';
import { look } from './api.ts';
import { PasswordForm } from './PasswordForm.tsx';
import { Choices, type Choose } from './parts/Choices.tsx';

/** For whoever is not in: how to come in. */
export function Shut({
  why,
  choose,
  onAgain,
}: {
  why: ConsoleKey | undefined;
  choose: Choose;
  onAgain: () => void;
}) {
  const t = (key: ConsoleKey) => consoleText(key, choose.language);
  const takesPassword = useTakesPassword();
  return (
    <main className="shut">
      <Paper withBorder p="xl" radius="md" className="shut-card">
        <Stack>
          <Group justify="space-between" wrap="nowrap">
            <Title order={1} size="h2">
              {t('console')}
            </Title>
            <Choices choose={choose} t={t} />
          </Group>
          {why && (
            <Alert color="orange" role="alert">
              {t(why)}
            </Alert>
          )}
          {takesPassword && (
            <>
              <PasswordForm language={choose.language} onIn={onAgain} />
              <Divider label={t('shutOrLink')} />
            </>
          )}
          {!takesPassword && (
            <Title order={2} size="h4">
              {t('shutTitle')}
            </Title>
          )}
          <Text>{t('shutText')}</Text>
          <Code block>anyseat console link</Code>
          {!takesPassword && (
            <>
              <Text>{t('shutTunnel')}</Text>
              <Code block>{`ssh -L ${location.port || '9641'}:127.0.0.1:9641 HUB`}</Code>
              <Button variant="light" onClick={onAgain}>
                {t('tryAgain')}
              </Button>
            </>
          )}
        </Stack>
      </Paper>
    </main>
  );
}

/** Whether this hub lets people in by their own passwords; not before it has said so. */
function useTakesPassword(): boolean {
  const [takes, setTakes] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    look<DoorAnswer>('/door', gone.signal).then(
      ({ password }) => setTakes(password),
      () => undefined,
    );
    return () => gone.abort();
  }, []);
  return takes;
}
