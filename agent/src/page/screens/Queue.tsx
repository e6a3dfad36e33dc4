import { Button } from '@anyseat/ui';
import { waitWords } from '@anyseat/words';
import { Title } from '../Title.tsx';
import { useNow } from '../useNow.ts';
import { useWords } from '../words.ts';
import { useEscape } from './Progress.tsx';

export interface QueueProps {
  place: number;
  waitUntil: number | undefined;
  hubAway: boolean;
  onCancel: () => void;
}

/** An honest queue: the place, and how long it will take as far as anybody knows. */
export function Queue({ place, waitUntil, hubAway, onCancel }: QueueProps) {
  const { t, reader } = useWords();
  const now = useNow();
  useEscape(onCancel);
  return (
    <section className="screen queue">
      <Title text={t('queuedTitle')} takesFocus />
      <p className="lead">{hubAway ? t('noHubWaiting') : t('queuedText')}</p>
      <div role="status">
        <dl className="queue-figures">
          <div>
            <dt>{t('placeLabel')}</dt>
            <dd className="queue-place">{place}</dd>
          </div>
          <div>
            <dt>{t('waitLabel')}</dt>
            <dd className="queue-wait">
              {waitUntil === undefined
                ? t('waitUnknown')
                : waitWords(Math.max(0, waitUntil - now), reader.language)}
            </dd>
            {place === 1 ? <dd className="queue-next">{t('placeNext')}</dd> : null}
          </div>
        </dl>
      </div>
      <div className="actions">
        <Button onClick={onCancel}>{t('cancel')}</Button>
      </div>
    </section>
  );
}
