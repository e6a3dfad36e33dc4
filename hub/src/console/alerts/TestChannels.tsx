import { useState } from 'react';
import { Button, Modal, Stack, Text, Tooltip } from '@mantine/core';
import type { AlertTestAnswer } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { roleNames } from '../roleNames.ts';

/** Sends a letter by every channel, and says what came of each. */
export function TestChannels() {
  const { t, may } = useConsole();
  const [answer, setAnswer] = useState<AlertTestAnswer | string>();
  const [busy, setBusy] = useState(false);
  const allowed = may('operate');
  const test = () => {
    setBusy(true);
    act<AlertTestAnswer>('/alerts/test')
      .then(setAnswer, (error: unknown) =>
        setAnswer(error instanceof Refused ? error.message : String(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Tooltip label={t('needsRole', { role: t(roleNames.operate) })} disabled={allowed}>
        <Button
          size="compact-sm"
          variant="default"
          loading={busy}
          aria-disabled={!allowed}
          data-disabled={allowed ? undefined : true}
          onClick={() => {
            if (allowed) test();
          }}
        >
          {t('alertTest')}
        </Button>
      </Tooltip>
      <Modal
        opened={answer !== undefined}
        onClose={() => setAnswer(undefined)}
        title={t('alertTest')}
        closeButtonProps={{ 'aria-label': t('close') }}
        lockScroll={false}
        centered
      >
        {answer !== undefined && <Outcome answer={answer} />}
      </Modal>
    </>
  );
}

function Outcome({ answer }: { answer: AlertTestAnswer | string }) {
  const { t } = useConsole();
  if (typeof answer === 'string') return <Text className="bad">{`${t('didNot')}: ${answer}`}</Text>;
  if (answer.channels.length === 0) return <Text>{t('channelsNone')}</Text>;
  return (
    <Stack gap="xs">
      {answer.channels.map(({ channel, kind, to, ok, text, tookMs }) => (
        <div key={channel}>
          <Text fw={600}>
            {channel}{' '}
            <Text span c="dimmed" size="sm">
              {`${kind} · ${to}`}
            </Text>
          </Text>
          <Text size="sm" className={ok ? '' : 'bad'}>
            {ok ? t('channelTook', { count: tookMs }) : text}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
