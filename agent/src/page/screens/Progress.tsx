import { useEffect } from 'react';
import { Button, Steps } from '@anyseat/ui';
import type { PageKey } from '@anyseat/words';
import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';

export type Stage = 'hub' | 'directory' | 'allocator' | 'desktop' | 'proof' | 'viewer';

export interface ProgressProps {
  stage: Stage;
  user: string;
  /** On the way back to a desktop that is theirs already. */
  returning: boolean;
  /** To another one than before. */
  replacing?: boolean | undefined;
  /** Absent when it is too late for that. */
  onCancel?: () => void;
  /** The desktop is broken, says its person, whom the picture does not come for. */
  onBroken?: (() => void) | undefined;
}

const login: readonly [Stage, PageKey][] = [
  ['hub', 'stepHub'],
  ['directory', 'stepDirectory'],
  ['allocator', 'stepAllocator'],
  ['desktop', 'stepDesktop'],
  ['proof', 'stepProof'],
  ['viewer', 'stepViewer'],
];
const wayBack: readonly [Stage, PageKey][] = [
  ['hub', 'stepSession'],
  ['proof', 'stepProof'],
  ['viewer', 'stepViewer'],
];

/** The steps between Enter and the desktop, each lighting up. */
export function Progress({ stage, user, returning, replacing, onCancel, onBroken }: ProgressProps) {
  const { t } = useWords();
  const steps = returning ? wayBack : login;
  const active = Math.max(
    0,
    steps.findIndex(([name]) => name === stage),
  );
  useEscape(onCancel);
  return (
    <section className="screen progress">
      <Title
        text={t(replacing ? 'replacingTitle' : returning ? 'returningTitle' : 'loggingInTitle')}
        takesFocus
      />
      <p className="lead">{t('loggingInAs', { user })}</p>
      <div className="progress-steps" role="status">
        <Steps
          steps={steps.map(([, key]) => t(key))}
          active={active}
          words={{ done: t('stepDone'), active: t('stepActive'), todo: t('stepTodo') }}
        />
      </div>
      <div className="actions">
        {onCancel ? <Button onClick={onCancel}>{t('cancel')}</Button> : null}
        {onBroken ? <Button onClick={onBroken}>{t('replaceDesktop')}</Button> : null}
      </div>
    </section>
  );
}

/** Escape does what Cancel does. */
export function useEscape(onEscape: (() => void) | undefined): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onEscape?.();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onEscape]);
}
