import { useMemo, useState } from 'react';
import { Modal, Text, UnstyledButton } from '@mantine/core';
import type { AuditAnswer, AuditView, DesktopView } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';

const MOST = 200;

/** The name of a desktop; pressed, everything that ever happened to it. */
export function TimeLine({ desktop, name }: { desktop: DesktopView; name: string }) {
  const { t } = useConsole();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton className="time-link" onClick={() => setOpen(true)} title={t('timeLine')}>
        {name}
      </UnstyledButton>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`${t('timeLine')}: ${name}`}
        closeButtonProps={{ 'aria-label': t('close') }}
        lockScroll={false}
        size="lg"
        centered
      >
        {isOpen && <Happened desktop={desktop.id} />}
      </Modal>
    </>
  );
}

function Happened({ desktop }: { desktop: string }) {
  const { t, language, stateOf } = useConsole();
  const query = new URLSearchParams({ limit: String(MOST), subject: desktop });
  const { value, failed } = useLook<AuditAnswer>(`/audit?${query.toString()}`, ['audit']);
  const when = useMemo(
    () => new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }),
    [language],
  );
  if (!value) return failed ? <Failed failed={failed} /> : <Loading />;
  if (value.rows.length === 0) return <Text c="dimmed">{t('nothingHere')}</Text>;
  return (
    <>
      <ol className="time-line">
        {value.rows.map((row) => (
          <li key={row.seq}>
            <Text size="sm" c="dimmed">
              {when.format(row.at)} · {row.actor}
            </Text>
            <Text size="sm">{stateOf('desktop', `event-${row.act.replace(/^desktop\./, '')}`)}</Text>
            {aboutOf(row) !== '' && (
              <Text size="sm" c="dimmed" lang="en">
                {aboutOf(row)}
              </Text>
            )}
          </li>
        ))}
      </ol>
      <a className="link" href={addressOf('audit', desktop)}>
        {t('tabAudit')}
      </a>
    </>
  );
}

/** What else is known of it: why, for whom, where. */
function aboutOf({ details }: AuditView): string {
  const words = ['fault', 'text', 'reason', 'seat', 'session', 'to', 'server']
    .map((name) => details[name])
    .filter((value) => typeof value === 'string' && value !== '');
  return words.join(' · ');
}
