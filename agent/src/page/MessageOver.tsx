import { useEffect, useRef, useState } from 'react';
import { Button } from '@anyseat/ui';
import type { Intent, PageState } from '../common/bridge.ts';
import { useWords } from './words.ts';

export interface MessageOverProps {
  message: NonNullable<PageState['message']>;
  send: (intent: Intent) => void;
}

/** Whoever was typing when this came has not read it yet. */
const TYPED_MS = 1500;

/** A message of an operator, above whatever the page shows; what is half typed below it stays as it is. */
export function MessageOver({ message, send }: MessageOverProps) {
  const { t } = useWords();
  const asks = message.asks !== undefined;
  const dialog = useRef<HTMLDialogElement>(null);
  const [mayGo, setMayGo] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    const timer = setTimeout(() => setMayGo(true), TYPED_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!mayGo) return;
    // Whoever is asked something does not say yes by a key that was meant for something else.
    const buttons = dialog.current?.querySelectorAll('button') ?? [];
    buttons[asks ? 1 : 0]?.focus();
  }, [mayGo, asks]);
  return (
    <dialog
      ref={dialog}
      className="message"
      aria-labelledby="message-title"
      aria-describedby="message-text"
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="message-title">{t(asks ? 'screenshotTitle' : 'messageTitle')}</h2>
      <p id="message-text" className="message-text">
        {asks ? t('screenshotText') : message.text}
      </p>
      <div className="actions">
        <Button
          look="primary"
          disabled={!mayGo}
          onClick={() => send({ type: 'readMessage', id: message.id })}
        >
          {t(asks ? 'screenshotYes' : 'messageRead')}
        </Button>
        {asks ? (
          <Button onClick={() => send({ type: 'denyMessage', id: message.id })}>{t('screenshotNo')}</Button>
        ) : null}
      </div>
    </dialog>
  );
}
