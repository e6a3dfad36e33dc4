import { useEffect, useState } from 'react';
import { Button } from '@anyseat/ui';
import { countdown } from '@anyseat/words';
import type { Intent, Screen } from '../../common/bridge.ts';
import { Title } from '../Title.tsx';
import { useNow } from '../useNow.ts';
import { useWords } from '../words.ts';

export interface WarnedProps {
  screen: Extract<Screen, { kind: 'warned' }>;
  send: (intent: Intent) => void;
}

/** Whoever was typing when this came above their desktop has not read it yet. */
const TYPED_MS = 1500;

/** Above the desktop: what is about to happen to it, and how long that is away. */
export function Warned({ screen, send }: WarnedProps) {
  const { t, say } = useWords();
  const [mayGo, setMayGo] = useState(false);
  const left = screen.until - useNow();
  useEffect(() => {
    const timer = setTimeout(() => setMayGo(true), TYPED_MS);
    return () => clearTimeout(timer);
  }, []);
  // Of a seat that nobody touches any touch is the answer; else only a key that says so.
  const isIdle = screen.notice.code.startsWith('idle-');
  useEffect(() => {
    if (!mayGo) return undefined;
    const onKey = ({ key }: KeyboardEvent) => {
      if (isIdle || key === 'Enter' || key === 'Escape') send({ type: 'noted' });
    };
    // A browser tells of a move that was none when its window comes up below the pointer.
    const onMove = ({ movementX, movementY }: PointerEvent) => {
      if (isIdle && (movementX !== 0 || movementY !== 0)) send({ type: 'noted' });
    };
    addEventListener('keydown', onKey);
    addEventListener('pointermove', onMove);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('pointermove', onMove);
    };
  }, [mayGo, isIdle, send]);
  const { text, next } = say(screen.notice.code, screen.notice.fields);
  return (
    <section className="screen">
      <Title text={t('warnedTitle')} takesFocus />
      <p className="lead" role="alert">
        {text}
      </p>
      <p>{next}</p>
      <p className="kept">
        <span>{t('timeLeft')}</span>
        <strong className="kept-left" role="timer">
          {countdown(left)}
        </strong>
      </p>
      <div className="actions">
        <Button look="primary" disabled={!mayGo} onClick={() => send({ type: 'noted' })}>
          {t('backToDesktop')}
        </Button>
      </div>
    </section>
  );
}
