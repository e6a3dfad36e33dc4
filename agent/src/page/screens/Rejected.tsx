import { Notice } from '@anyseat/ui';
import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';

/** The hub does not serve this box, or is not the hub: no form, since it would lead nowhere. */
export function Rejected({ code }: { code: string }) {
  const { t, say } = useWords();
  return (
    <section className="screen">
      <Title text={t('rejectedTitle')} takesFocus />
      <Notice tone="alarm" {...say(code)} />
    </section>
  );
}
