import { useState } from 'react';
import { NativeSelect } from '@mantine/core';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';

const HOURS = [1, 4, 8, 24, 72, 168];

/** Nobody is told of an alert for so long, nor of the next of its kind. */
export function SilenceAct({ path, onDone }: { path: string; onDone: () => void }) {
  const { t } = useConsole();
  const [hours, setHours] = useState(8);
  return (
    <Act
      label={t('silence')}
      title={t('silence')}
      text={t('silenceText')}
      needs="operate"
      bad
      wants={{ field: 'reason', label: t('reason'), most: 256 }}
      path={path}
      body={{ hours }}
      onDone={onDone}
    >
      <NativeSelect
        label={t('silenceFor')}
        value={String(hours)}
        onChange={(event) => setHours(Number(event.currentTarget.value))}
        data={HOURS.map((one) => ({ value: String(one), label: t('hours', { count: one }) }))}
      />
    </Act>
  );
}
