import { Alert, Loader } from '@mantine/core';
import type { Refused } from '../api.ts';
import { useConsole } from '../context.ts';

export function Loading() {
  const { t } = useConsole();
  return (
    <div className="loading">
      <Loader size="sm" aria-label={t('loading')} />
    </div>
  );
}

export function Failed({ failed }: { failed: Refused }) {
  const { t } = useConsole();
  return (
    <Alert color="red" m="md" title={t('couldNot')} role="alert">
      {failed.message}
    </Alert>
  );
}
