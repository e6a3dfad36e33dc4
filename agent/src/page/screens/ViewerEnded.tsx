import { useEffect, useRef } from 'react';
import { Button, Notice } from '@anyseat/ui';
import { countdown } from '@anyseat/words';
import type { Intent, Screen } from '../../common/bridge.ts';
import { Title } from '../Title.tsx';
import { toneOf } from '../tone.ts';
import { useNow } from '../useNow.ts';
import { useWords } from '../words.ts';

export interface ViewerEndedProps {
  screen: Extract<Screen, { kind: 'viewerEnded' }>;
  hubAway: boolean;
  send: (intent: Intent) => void;
}

/** The picture is gone, the desktop is not: why, for how long, and the way back. */
export function ViewerEnded({ screen, hubAway, send }: ViewerEndedProps) {
  const { t, say } = useWords();
  const { end, notice, keptUntil } = screen;
  const back = useRef<HTMLButtonElement>(null);
  // Enter leads back to work. Log off is never under a key that was meant for something else.
  useEffect(() => back.current?.focus(), []);
  const said = notice ? say(notice.code, notice.fields) : say(end);
  return (
    <section className="screen">
      <Title text={t('endedTitle')} />
      <Notice tone={notice ? toneOf(notice.code) : 'warn'} {...said} />
      {keptUntil === undefined ? null : <Kept until={keptUntil} />}
      {hubAway ? <p className="lead">{t('noHubWorking')}</p> : null}
      <div className="actions">
        <Button look="primary" ref={back} onClick={() => send({ type: 'backToDesktop' })}>
          {t('backToDesktop')}
        </Button>
        <Button onClick={() => send({ type: 'logOff' })}>{t('logOff')}</Button>
        {screen.mayReplace ? (
          <Button onClick={() => send({ type: 'wantReplacement' })}>{t('replaceDesktop')}</Button>
        ) : null}
      </div>
    </section>
  );
}

function Kept({ until }: { until: number }) {
  const { t } = useWords();
  const left = until - useNow();
  if (left <= 0) return <p className="lead">{t('keptOver')}</p>;
  return (
    <p className="kept">
      <span>{t('keptFor')}</span>
      <strong className="kept-left" role="timer">
        {countdown(left)}
      </strong>
    </p>
  );
}
