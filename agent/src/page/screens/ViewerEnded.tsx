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
  const { end, notice, keptUntil, comesBack } = screen;
  const back = useRef<HTMLButtonElement>(null);
  const isComing = comesBack === 'now';
  // Enter leads back to work. Log off is never under a key that was meant for something else.
  useEffect(() => {
    if (!isComing) back.current?.focus();
  }, [isComing]);
  const said = notice ? say(notice.code, notice.fields) : say(end);
  return (
    <section className="screen">
      <Title text={t('endedTitle')} />
      <Notice tone={notice ? toneOf(notice.code) : 'warn'} {...said} />
      {comesBack === undefined ? null : <ComesBack when={comesBack} />}
      {keptUntil === undefined || isComing ? null : <Kept until={keptUntil} />}
      {hubAway && comesBack !== 'withHub' ? <p className="lead">{t('noHubWorking')}</p> : null}
      <div className="actions">
        <Button look="primary" ref={back} disabled={isComing} onClick={() => send({ type: 'backToDesktop' })}>
          {t(typeof comesBack === 'number' ? 'backNow' : 'backToDesktop')}
        </Button>
        <Button onClick={() => send({ type: 'logOff' })}>{t('logOff')}</Button>
        {screen.mayReplace ? (
          <Button onClick={() => send({ type: 'wantReplacement' })}>{t('replaceDesktop')}</Button>
        ) : null}
      </div>
    </section>
  );
}

/** The seat's own way back, with the seconds until it begins. */
function ComesBack({ when }: { when: NonNullable<ViewerEndedProps['screen']['comesBack']> }) {
  const { t } = useWords();
  if (typeof when === 'number') return <ComesBackAt at={when} />;
  return <Dots text={t(when === 'now' ? 'comesBackNow' : 'comesBackWithHub')} />;
}

function ComesBackAt({ at }: { at: number }) {
  const { t } = useWords();
  const left = at - useNow();
  if (left <= 0) return <Dots text={t('comesBackNow')} />;
  return (
    <p className="kept">
      <span>{t('comesBackIn')}</span>
      <strong className="kept-left" role="timer">
        {countdown(left)}
      </strong>
    </p>
  );
}

function Dots({ text }: { text: string }) {
  return (
    <div className="waiting" role="status">
      <span className="waiting-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <p className="waiting-title">{text}</p>
    </div>
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
