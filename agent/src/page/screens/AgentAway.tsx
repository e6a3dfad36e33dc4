import { Title } from '../Title.tsx';
import { useWords } from '../words.ts';

/** The agent itself is away: for a moment at the start, or while it restarts. */
export function AgentAway() {
  const { t } = useWords();
  return (
    <section className="screen agent-away">
      <Title text={t('agentAway')} />
      <p className="lead">{t('agentAwayText')}</p>
    </section>
  );
}
