import { useRef, useState } from 'react';
import { Button, Group, List, Modal, Progress, Stack, Text, TextInput } from '@mantine/core';
import type { DesktopView } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';

interface BulkProps {
  chosen: readonly DesktopView[];
  onDone: () => void;
}

/** What can be done to many, with those that it can be done to. */
interface Kind {
  label: ConsoleKey;
  text: ConsoleKey;
  /** It is kept with a reason. */
  wantsReason?: boolean;
  fits: (desktop: DesktopView) => boolean;
  ask: (desktop: DesktopView, reason: string) => Promise<unknown>;
}

const pathOf = ({ id }: DesktopView) => `/desktops/${encodeURIComponent(id)}`;
const nameOf = ({ server, number }: DesktopView): string => server ?? String(number);

const kinds: readonly Kind[] = [
  {
    label: 'swap',
    text: 'bulkSwapText',
    wantsReason: true,
    fits: ({ state }) => ['leased', 'bound', 'ready', 'booting', 'broken'].includes(state),
    ask: (one, reason) =>
      act('/swap', {
        of: `desktop/${nameOf(one)}`,
        reason,
        expect: { desktop: one.id, ...(one.session === undefined ? {} : { session: one.session }) },
      }),
  },
  {
    label: 'releaseDesktop',
    text: 'bulkReleaseText',
    fits: ({ state }) => state === 'quarantined',
    ask: (one) => act(`${pathOf(one)}/release`),
  },
  {
    label: 'retireDesktop',
    text: 'bulkRetireText',
    fits: ({ session }) => session === undefined,
    ask: (one) => act(`${pathOf(one)}/retire`),
  },
];

/** Buttons for what is done to all that are chosen, one after the other; what it comes to is said before. */
export function BulkActs({ chosen, onDone }: BulkProps) {
  const { t, may } = useConsole();
  const [kind, setKind] = useState<Kind>();
  if (chosen.length === 0 || !may('operate')) return null;
  return (
    <Group gap="xs">
      <Text size="sm">{t('chosenRows', { count: chosen.length })}</Text>
      {kinds.map((one) => (
        <Button
          key={one.label}
          size="compact-sm"
          variant="default"
          className="bad"
          onClick={() => setKind(one)}
        >
          {t(one.label)}
        </Button>
      ))}
      <Modal
        opened={kind !== undefined}
        onClose={() => setKind(undefined)}
        title={kind && t(kind.label)}
        closeButtonProps={{ 'aria-label': t('close') }}
        lockScroll={false}
        centered
      >
        {kind && (
          <Asked
            kind={kind}
            chosen={chosen}
            onClose={() => {
              setKind(undefined);
              onDone();
            }}
          />
        )}
      </Modal>
    </Group>
  );
}

interface Failure {
  name: string;
  text: string;
}

function Asked({
  kind,
  chosen,
  onClose,
}: {
  kind: Kind;
  chosen: readonly DesktopView[];
  onClose: () => void;
}) {
  const { t } = useConsole();
  const [reason, setReason] = useState('');
  const [done, setDone] = useState<number>();
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const stop = useRef(false);
  // As it was when the buttons were pressed: what is done changes the list.
  const [fitting] = useState(() => chosen.filter(kind.fits));
  const people = fitting.filter(({ user }) => user !== undefined).length;
  const doAll = async () => {
    for (const [i, one] of fitting.entries()) {
      setDone(i);
      if (stop.current) return;
      await kind.ask(one, reason.trim()).catch((error: unknown) => {
        const text = error instanceof Refused ? error.message : String(error);
        setFailures((before) => [...before, { name: nameOf(one), text }]);
      });
    }
    setDone(fitting.length);
  };
  const isOver = done === fitting.length;
  return (
    <Stack>
      <Text>{t(kind.text, { count: fitting.length, people })}</Text>
      {fitting.length < chosen.length && (
        <Text size="sm" c="dimmed">
          {t('bulkLeft', { count: chosen.length - fitting.length })}
        </Text>
      )}
      {kind.wantsReason && (
        <TextInput
          data-autofocus
          label={t('reason')}
          value={reason}
          maxLength={200}
          disabled={done !== undefined}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {done !== undefined && (
        <>
          <Progress value={(100 * done) / Math.max(1, fitting.length)} aria-hidden />
          <Text role="status" size="sm">
            {t('bulkDone', { count: done - failures.length, most: fitting.length })}
          </Text>
        </>
      )}
      <List size="sm" lang="en">
        {failures.map(({ name, text }) => (
          <List.Item key={name} className="bad">{`${name}: ${text}`}</List.Item>
        ))}
      </List>
      <Group justify="end">
        <Button
          variant="default"
          onClick={() => {
            stop.current = true;
            onClose();
          }}
        >
          {t(done === undefined ? 'cancel' : 'close')}
        </Button>
        {!isOver && (
          <Button
            color="red.8"
            loading={done !== undefined}
            disabled={(kind.wantsReason && reason.trim() === '') || fitting.length === 0}
            onClick={() => void doAll().catch(() => undefined)}
          >
            {t(kind.label)}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
