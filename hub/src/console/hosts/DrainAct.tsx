import { useEffect, useState } from 'react';
import { Checkbox, Stack, Text } from '@mantine/core';
import type { DrainAnswer, HostView } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';

interface Wishes {
  movePeople: boolean;
  moveBound: boolean;
}

/** A host is emptied; what that comes to is asked of the hub before, with each wish. */
export function DrainAct({ host, onDone }: { host: HostView; onDone: () => void }) {
  const { t } = useConsole();
  const [wishes, setWishes] = useState<Wishes>({ movePeople: false, moveBound: false });
  const path = `/hosts/${encodeURIComponent(host.name)}/drain`;
  const box = (key: keyof Wishes, label: string) => (
    <Checkbox
      label={label}
      checked={wishes[key]}
      onChange={(event) => setWishes({ ...wishes, [key]: event.currentTarget.checked })}
    />
  );
  return (
    <Act
      label={t('drainHost')}
      title={`${t('drainHost')}: ${host.name}`}
      text={t('drainHostText')}
      wants={{ field: 'reason', label: t('reason'), most: 200 }}
      needs="operate"
      bad
      path={path}
      body={{ cloud: host.cloud, ...wishes }}
      onDone={onDone}
    >
      <Stack gap="xs">
        {box('movePeople', t('movePeople'))}
        {box('moveBound', t('moveBound'))}
        <Consequences path={path} cloud={host.cloud} {...wishes} />
      </Stack>
    </Act>
  );
}

function Consequences({ path, cloud, movePeople, moveBound }: Wishes & { path: string; cloud: string }) {
  const [text, setText] = useState('');
  useEffect(() => {
    const gone = new AbortController();
    const show = (said: string) => {
      if (!gone.signal.aborted) setText(said);
    };
    act<DrainAnswer>(path, { cloud, movePeople, moveBound, reason: 'a trial', dryRun: true }).then(
      (answer) => show(answer.text),
      (error: unknown) => show(error instanceof Refused ? error.message : String(error)),
    );
    return () => gone.abort();
  }, [path, cloud, movePeople, moveBound]);
  return (
    <Text size="sm" lang="en" role="status">
      {text}
    </Text>
  );
}
