import { useMemo, useState, type SyntheticEvent } from 'react';
import { Button, Group, Text, TextInput } from '@mantine/core';
import type { AuditAnswer, AuditView } from '@anyseat/protocol';
import { look, Refused } from '../api.ts';
import { useConsole, type Console } from '../context.ts';
import { csvOf } from '../parts/csvOf.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';

const PAGE = 500;

/** Every act of every operator and of the hub, newest first; the chain can be verified here. */
export function AuditPage({ subject }: { subject: string }) {
  const { t, language } = useConsole();
  const [before, setBefore] = useState<number>();
  const query = new URLSearchParams({
    limit: String(PAGE),
    ...(subject === '' ? {} : { subject }),
    ...(before === undefined ? {} : { before: String(before) }),
  });
  const { value, failed } = useLook<AuditAnswer>(`/audit?${query.toString()}`, ['audit']);
  const when = useMemo(
    () => new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }),
    [language],
  );
  const columns = useMemo(() => columnsOf({ t }, when), [t, when]);
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  const { rows } = value;
  return (
    <RowTable
      label={t('tabAudit')}
      columns={columns}
      rows={rows}
      keyOf={({ seq }) => String(seq)}
      beside={
        <Group gap="xs">
          <OfSubject subject={subject} />
          <Button
            size="compact-sm"
            variant="default"
            disabled={before === undefined}
            onClick={() => setBefore(undefined)}
          >
            {t('newest')}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={rows.length < PAGE}
            onClick={() => setBefore(rows.at(-1)?.seq)}
          >
            {t('older')}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            component="a"
            download="audit.csv"
            href={csvOf(
              ['seq', 'at', 'actor', 'act', 'subject', 'details'],
              rows.map((row) => [
                row.seq,
                new Date(row.at).toISOString(),
                row.actor,
                row.act,
                row.subject,
                JSON.stringify(row.details),
              ]),
            )}
          >
            {t('save')}
          </Button>
          <Verify />
        </Group>
      }
    />
  );
}

function OfSubject({ subject }: { subject: string }) {
  const { t } = useConsole();
  const [typed, setTyped] = useState(subject);
  const go = (event: SyntheticEvent) => {
    event.preventDefault();
    location.hash = addressOf('audit', typed.trim());
  };
  return (
    <form onSubmit={go}>
      <TextInput
        size="xs"
        aria-label={t('subject')}
        placeholder={t('subject')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </form>
  );
}

function Verify() {
  const { t } = useConsole();
  const [said, setSaid] = useState<{ text: string; bad: boolean }>();
  const [busy, setBusy] = useState(false);
  const verify = () => {
    setBusy(true);
    look<AuditAnswer>('/audit?limit=1&verify=true')
      .then(
        ({ verified }) =>
          setSaid(
            verified?.brokenAt === undefined
              ? { text: t('verified', { count: verified?.rows ?? 0 }), bad: false }
              : { text: t('verifyBroken', { count: verified.brokenAt }), bad: true },
          ),
        (error: unknown) =>
          setSaid({ text: error instanceof Refused ? error.message : String(error), bad: true }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button size="compact-sm" variant="default" loading={busy} onClick={verify}>
        {t('verify')}
      </Button>
      {said && (
        <Text size="sm" role="status" className={said.bad ? 'bad' : ''}>
          {said.text}
        </Text>
      )}
    </>
  );
}

function columnsOf({ t }: Pick<Console, 't'>, when: Intl.DateTimeFormat): Column<AuditView>[] {
  return [
    { head: '#', track: '5rem', right: true, text: ({ seq }) => seq },
    { head: t('at'), track: '11rem', text: ({ at }) => at, cell: ({ at }) => when.format(at) },
    { head: t('who'), track: 'minmax(9rem, 1fr)', text: ({ actor }) => actor },
    { head: t('act'), track: 'minmax(9rem, 1fr)', text: ({ act }) => act },
    {
      head: t('subject'),
      track: 'minmax(12rem, 1.2fr)',
      text: (row) => row.subject,
      cell: (row) => <a href={addressOf('audit', row.subject)}>{row.subject}</a>,
    },
    {
      head: t('details'),
      track: 'minmax(12rem, 3fr)',
      text: ({ details }) => JSON.stringify(details),
      cell: ({ details }) => (
        <code title={JSON.stringify(details, undefined, 1)}>{JSON.stringify(details)}</code>
      ),
    },
  ];
}
