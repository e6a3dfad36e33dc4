import { useState, type ReactNode } from 'react';
import { Button, Group, Modal, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import type { OperatorRole } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { roleNames } from '../roleNames.ts';

interface ActProps {
  label: string;
  title: string;
  /** What comes of it, before it is done. */
  text: string;
  needs: OperatorRole;
  /** Somebody loses something. */
  bad?: boolean;
  /** Words that have to be given; they go into the body, as this field. */
  wants?: { field: string; label: string; most: number };
  path: string;
  body?: Readonly<Record<string, unknown>>;
  /** More to decide, between the text and the buttons. */
  children?: ReactNode;
  onDone: () => void;
}

/** A button for an act, which shows what comes of it and is asked once more. Without the role it says which one is needed. */
export function Act(props: ActProps) {
  const { t, may } = useConsole();
  const [isOpen, setOpen] = useState(false);
  const allowed = may(props.needs);
  return (
    <>
      <Tooltip label={t('needsRole', { role: t(roleNames[props.needs]) })} disabled={allowed}>
        <Button
          size="compact-sm"
          variant="default"
          className={props.bad ? 'bad' : ''}
          aria-disabled={!allowed}
          data-disabled={allowed ? undefined : true}
          onClick={(event) => {
            event.stopPropagation();
            if (allowed) setOpen(true);
          }}
        >
          {props.label}
        </Button>
      </Tooltip>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={props.title}
        closeButtonProps={{ 'aria-label': t('close') }}
        lockScroll={false}
        centered
      >
        {isOpen && <Asked {...props} onClose={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

function Asked({
  label,
  text,
  bad,
  wants,
  path,
  body,
  children,
  onDone,
  onClose,
}: ActProps & { onClose: () => void }) {
  const { t, say } = useConsole();
  const [words, setWords] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const doIt = () => {
    setBusy(true);
    act<{ text?: string | string[] }>(path, {
      ...body,
      ...(wants ? { [wants.field]: words.trim() } : {}),
    }).then(
      (answer) => {
        say({ text: [answer.text ?? t('did', { what: label })].flat().join(' ') });
        onClose();
        onDone();
      },
      (error: unknown) => {
        setBusy(false);
        setWrong(error instanceof Refused ? error.message : String(error));
      },
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doIt();
      }}
    >
      <Stack>
        <Text>{text}</Text>
        {children}
        {wants && (
          <TextInput
            data-autofocus
            label={wants.label}
            value={words}
            maxLength={wants.most}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        )}
        {wrong !== undefined && (
          <Text role="alert" className="bad" size="sm">
            {`${t('didNot')}: ${wrong}`}
          </Text>
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button
            type="submit"
            color={bad ? 'red.8' : 'blue.8'}
            loading={busy}
            disabled={wants !== undefined && words.trim() === ''}
          >
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
