import { Button } from '@anyseat/ui';
import type { Notice } from '../../common/sessionState.ts';
import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';
import { useEscape } from './Progress.tsx';

export interface QuestionProps {
  question: Notice;
  onYes: () => void;
  /** The same one at every rendering. */
  onNo: () => void;
}

/** Somebody logs in here who works at another seat: whether their desktop is to come here. Escape is no. */
export function Question({ question, onYes, onNo }: QuestionProps) {
  const { t, say } = useWords();
  useEscape(onNo);
  const { text, next } = say(question.code, question.fields);
  return (
    <section className="screen question">
      <Title text={t('questionTitle')} takesFocus />
      <p className="lead">{text}</p>
      <p role="status">{next}</p>
      <div className="actions">
        <Button look="primary" onClick={onYes}>
          {t('moveHere')}
        </Button>
        <Button onClick={onNo}>{t('cancel')}</Button>
      </div>
    </section>
  );
}
