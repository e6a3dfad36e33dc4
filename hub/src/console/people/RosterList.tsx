import { useState } from 'react';
import {
  Button,
  FileButton,
  Group,
  Modal,
  Paper,
  Stack,
  Text,
  TextInput,
  Title,
  Tooltip,
} from '@mantine/core';
import type { ImportRosterAnswer, RosterView } from '@anyseat/protocol';
import { act, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { Facts } from '../parts/Facts.tsx';
import { roleNames } from '../roleNames.ts';
import { useLook } from '../useLook.ts';
import { packed } from './packed.ts';

const SHOWN = 5;

/** The shift plans: what they come to, whom nobody serves, and bringing another one. */
export function RosterList() {
  const { t } = useConsole();
  const { value: rosters, again } = useLook<RosterView[]>('/get/rosters', ['resources']);
  return (
    <section aria-label={t('rosters')}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {t('rosters')}
        </Title>
        <ImportRoster onDone={again} />
      </Group>
      {rosters?.length === 0 && <Text c="dimmed">{t('nothingHere')}</Text>}
      <Stack gap="xs">
        {rosters?.map((roster) => (
          <Roster key={roster.name} roster={roster} />
        ))}
      </Stack>
    </section>
  );
}

const sources = {
  written: 'rosterWritten',
  imported: 'rosterImported',
  url: 'rosterPulled',
  nowhere: 'rosterNone',
} as const;

function Roster({ roster }: { roster: RosterView }) {
  const { t } = useConsole();
  const { title, name, source, rows, people, firstDay, lastDay, coming, nowhere, nowhereWho, failure } =
    roster;
  const isWrong = nowhere > 0 || failure !== undefined;
  return (
    <Paper
      withBorder
      p="sm"
      radius="md"
      component="article"
      className={isWrong ? 'edge-warn' : ''}
      aria-label={name}
    >
      <Group justify="space-between">
        <Text fw={600}>
          {title} <Text span c="dimmed" size="sm">{`${name} · ${t(sources[source])}`}</Text>
        </Text>
        <Text size="sm">
          {t('rosterRows', { count: rows, people })}
          {firstDay !== undefined && ` · ${firstDay} – ${lastDay}`}
        </Text>
      </Group>
      <Text size="sm">{t('rosterComing', { count: coming })}</Text>
      {failure !== undefined && (
        <Text size="sm" className="bad">
          {t('rosterFailed')} <span lang="en">{failure}</span>
        </Text>
      )}
      {nowhere > 0 && (
        <>
          <Text size="sm" className="bad">
            {t('rosterNowhere', { count: nowhere })}
          </Text>
          <Facts
            facts={nowhereWho.slice(0, SHOWN).map(({ site, department, person, heads, why }) => [
              String(heads),
              <span key={why} lang="en">
                {`${[person, department, site].filter(Boolean).join(', ')}: ${why}`}
              </span>,
            ])}
          />
        </>
      )}
    </Paper>
  );
}

/** A file is checked whole by the hub first; what it changes is shown, and put in force when somebody says so. */
function ImportRoster({ onDone }: { onDone: () => void }) {
  const { t, may } = useConsole();
  const [file, setFile] = useState<File | null>(null);
  const allowed = may('operate');
  if (!allowed)
    return (
      <Tooltip label={t('needsRole', { role: t(roleNames.operate) })}>
        <Button size="compact-sm" variant="default" aria-disabled data-disabled>
          {t('rosterImport')}
        </Button>
      </Tooltip>
    );
  return (
    <>
      <FileButton
        accept=".csv,text/csv,text/plain"
        onChange={setFile}
        inputProps={{ 'aria-label': t('rosterImport') }}
      >
        {(props) => (
          <Button size="compact-sm" variant="default" {...props}>
            {t('rosterImport')}
          </Button>
        )}
      </FileButton>
      <Modal
        opened={file !== null}
        onClose={() => setFile(null)}
        title={t('rosterImport')}
        closeButtonProps={{ 'aria-label': t('close') }}
        size="lg"
        lockScroll={false}
        centered
      >
        {file && <Imported key={file.name} file={file} onDone={onDone} onClose={() => setFile(null)} />}
      </Modal>
    </>
  );
}

function Imported({ file, onDone, onClose }: { file: File; onDone: () => void; onClose: () => void }) {
  const { t, say } = useConsole();
  const [name, setName] = useState(() => nameOf(file.name));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [trial, setTrial] = useState<ImportRosterAnswer>();
  const send = async (dryRun: boolean) => {
    setBusy(true);
    setWrong(undefined);
    try {
      const order = { packed: await packed(file), file: file.name, dryRun };
      const answer = await act<ImportRosterAnswer>(`/rosters/${encodeURIComponent(name)}/import`, order);
      if (dryRun) return setTrial(answer);
      say({ text: t('rosterInForce', { name, count: answer.rows }) });
      onClose();
      return onDone();
    } catch (error) {
      setTrial(undefined);
      return setWrong(error instanceof Refused ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(trial === undefined).catch(() => undefined);
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label={t('rosterName')}
          description={file.name}
          value={name}
          maxLength={63}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setTrial(undefined);
          }}
        />
        {trial && (
          <div>
            <Text>{t('rosterRows', { count: trial.rows, people: trial.people })}</Text>
            <Text size="sm">
              {t('rosterChanges', {
                added: trial.added,
                gone: trial.gone,
                changed: trial.changed,
                count: trial.same,
              })}
            </Text>
            <pre className="changes">{trial.lines.join('\n')}</pre>
          </div>
        )}
        {wrong !== undefined && (
          <pre role="alert" className="changes bad" lang="en">
            {wrong}
          </pre>
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" color="blue.8" loading={busy} disabled={name === ''}>
            {t(trial ? 'rosterForce' : 'rosterCheck')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const nameOf = (file: string): string =>
  file
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '');
