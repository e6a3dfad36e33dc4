import { Button } from '@anyseat/ui';
import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';
import { useEscape } from './Progress.tsx';

export interface ReplacingProps {
  desktop: string;
  hubAway: boolean;
  onYes: () => void;
  /** The same one at every rendering. */
  onNo: () => void;
}

/** Whether somebody means it, who said that their desktop is broken. Escape is no. */
export function Replacing({ desktop, hubAway, onYes, onNo }: ReplacingProps) {
  const { t } = useWords();
  useEscape(onNo);
  return (
    <section className="screen question">
      <Title text={t('replaceTitle', { desktop })} takesFocus />
      <p className="lead">{t('replaceText')}</p>
      <p role="status">{hubAway ? t('noHubWorking') : t('replaceLeft')}</p>
      <div className="actions">
        <Button look="primary" onClick={onYes}>
          {t('replaceYes')}
        </Button>
        <Button onClick={onNo}>{t('replaceNo')}</Button>
      </div>
    </section>
  );
}
