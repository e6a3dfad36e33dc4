import { useEffect, useState } from 'react';
import { List } from '@mantine/core';
import type { DesktopView, SwapAnswer } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';

interface SwapProps {
  desktop: DesktopView;
  session: string;
  onDone: () => void;
}

/** Another desktop for whoever sits there; what that comes to is asked of the hub before. */
export function SwapAct({ desktop, session, onDone }: SwapProps) {
  const { t } = useConsole();
  const body = {
    of: `desktop/${desktop.server ?? desktop.number}`,
    expect: { desktop: desktop.id, session },
  };
  return (
    <Act
      label={t('swap')}
      title={t('swap')}
      text={t('swapText')}
      wants={{ field: 'reason', label: t('reason'), most: 256 }}
      needs="help"
      bad
      path="/swap"
      body={body}
      onDone={onDone}
    >
      <Consequences of={body.of} expected={body.expect} />
    </Act>
  );
}

function Consequences({ of, expected }: { of: string; expected: { desktop: string; session: string } }) {
  const [lines, setLines] = useState<readonly string[]>([]);
  const { desktop, session } = expected;
  useEffect(() => {
    const gone = new AbortController();
    const show = (text: readonly string[]) => {
      if (!gone.signal.aborted) setLines(text);
    };
    act<SwapAnswer>('/swap', { of, expect: { desktop, session }, dryRun: true }).then(
      (answer) => show([answer.text].flat()),
      (error: unknown) => show([error instanceof Refused ? error.message : String(error)]),
    );
    return () => gone.abort();
  }, [of, desktop, session]);
  return (
    <List size="sm" lang="en">
      {lines.map((line) => (
        <List.Item key={line}>{line}</List.Item>
      ))}
    </List>
  );
}
