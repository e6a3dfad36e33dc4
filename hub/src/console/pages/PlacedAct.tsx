import { useState } from 'react';
import { Autocomplete } from '@mantine/core';
import type { TcView } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';

/** More make the list slow, and nobody reads them. */
const MOST = 50;

/** Letting a box in, or moving one: both name the seat where it stands. */
export function PlacedAct({
  tc,
  seats,
  kind,
  onDone,
}: {
  tc: TcView;
  /** Where no box stands. */
  seats: readonly string[];
  kind: 'approve' | 'place';
  onDone: () => void;
}) {
  const { t } = useConsole();
  const [seat, setSeat] = useState('');
  const chosen = seat.trim() === '' ? undefined : seat.trim();
  const isApproval = kind === 'approve';
  return (
    <Act
      label={t(isApproval ? 'approve' : 'placeTc')}
      title={t(isApproval ? 'approve' : 'placeTc')}
      text={t(isApproval ? 'approveText' : 'placeTcText', { print: tc.fingerprint })}
      needs="operate"
      path={`/tcs/${encodeURIComponent(tc.fingerprint)}/${kind}`}
      body={isApproval ? (chosen === undefined ? {} : { seat: chosen }) : { seat: chosen ?? null }}
      onDone={onDone}
    >
      <Autocomplete
        data-autofocus
        label={t('approveSeat')}
        placeholder={t('approveLater')}
        value={seat}
        onChange={setSeat}
        data={[...seats]}
        limit={MOST}
        comboboxProps={{ withinPortal: false }}
        maxDropdownHeight={240}
      />
    </Act>
  );
}
