import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';

/** An approved box that stands nowhere yet. */
export function NoSeat() {
  const { t } = useWords();
  return (
    <section className="screen">
      <Title text={t('noSeatTitle')} takesFocus />
      <p className="lead">{t('noSeatText')}</p>
    </section>
  );
}
