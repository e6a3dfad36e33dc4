import { Alert, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { consoleText, type ConsoleKey } from '@anyseat/words';
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
          <Title order={2} size="h4">
            {t('shutTitle')}
          </Title>
          <Text>{t('shutText')}</Text>
          <Code block>anyseat console link</Code>
          <Text>{t('shutTunnel')}</Text>
          <Code block>{`ssh -L ${location.port || '9641'}:127.0.0.1:9641 HUB`}</Code>
          <Button variant="light" onClick={onAgain}>
            {t('tryAgain')}
          </Button>
        </Stack>
      </Paper>
    </main>
  );
}
