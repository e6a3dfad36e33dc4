import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';

/** A box that nobody knows yet: its fingerprint, large enough to be read out over the telephone. */
export function Approval({ fingerprint }: { fingerprint: string }) {
  const { t } = useWords();
  return (
    <section className="screen">
      <Title text={t('approvalTitle')} takesFocus />
      <p className="lead">{t('approvalText')}</p>
      <Fingerprint text={fingerprint} />
    </section>
  );
}

function Fingerprint({ text }: { text: string }) {
  const { t } = useWords();
  return (
    <figure className="fingerprint">
      <figcaption>{t('fingerprint')}</figcaption>
      <p className="fingerprint-groups" role="img" aria-label={text}>
        {text.split('-').map((group) => (
          <span key={group} aria-hidden="true">
            {group}
          </span>
        ))}
      </p>
    </figure>
  );
}
