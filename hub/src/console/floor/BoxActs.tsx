import { Group } from '@mantine/core';
import type { SeatAnswer } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';

/** What can be done to the box at a seat, and to whoever sits there. */
export function BoxActs({ answer, onDone }: { answer: SeatAnswer; onDone: () => void }) {
  const { t } = useConsole();
  const { seat, tc, session } = answer;
  if (!tc) return null;
  const to = (act: string) => `/tcs/${encodeURIComponent(tc.fingerprint)}/${act}`;
  const place = { seat: seat.label };
  if (!tc.online)
    return (
      <Group gap="xs">
        <Act
          label={t('wake')}
          title={t('wake')}
          text={t('wakeText', place)}
          needs="operate"
          path={to('wake')}
          onDone={onDone}
        />
      </Group>
    );
  const inUse = session === undefined ? '' : t('takesDesktop', { name: session.displayName });
  return (
    <Group gap="xs">
      <Act
        label={t('message')}
        title={t('message')}
        text={t('messageText', place)}
        wants={{ field: 'text', label: t('messageWords'), most: 1000 }}
        needs="help"
        path={to('message')}
        onDone={onDone}
      />
      {session && (
        <Act
          label={t('lock')}
          title={t('lock')}
          text={t('lockText', { name: session.displayName })}
          needs="help"
          bad
          path={to('lock')}
          onDone={onDone}
        />
      )}
      <Act
        label={t('restartAgent')}
        title={t('restartAgent')}
        text={t('restartAgentText', place)}
        needs="operate"
        path={to('power')}
        body={{ do: 'restartAgent' }}
        onDone={onDone}
      />
      <Act
        label={t('reboot')}
        title={t('reboot')}
        text={[t('rebootText', place), inUse].join(' ')}
        needs="operate"
        bad
        path={to('power')}
        body={{ do: 'reboot', anyway: session !== undefined }}
        onDone={onDone}
      />
      <Act
        label={t('shutDown')}
        title={t('shutDown')}
        text={[t('shutDownText', place), inUse].join(' ')}
        needs="operate"
        bad
        path={to('power')}
        body={{ do: 'shutDown', anyway: session !== undefined }}
        onDone={onDone}
      />
    </Group>
  );
}
