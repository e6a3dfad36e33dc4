import { Button, Notice } from '@anyseat/ui';
import { momentWords } from '@anyseat/words';
import type { Intent, Screen } from '../../common/bridge.ts';
import { Title } from '../Title.tsx';
import { toneOf } from '../tone.ts';
import { useWords } from '../words.ts';

export interface DesktopOpenProps {
  screen: Extract<Screen, { kind: 'onDesktop' }>;
  hubAway: boolean;
  /** It stands above the desktop, because somebody asked for it. */
  menu: boolean;
  send: (intent: Intent) => void;
}

/** Behind the desktop, or above it as a menu. Whoever sees it otherwise has lost the desktop from sight, or wants to go. */
export function DesktopOpen({ screen, hubAway, menu, send }: DesktopOpenProps) {
  const { t, say, reader } = useWords();
  const { notice } = screen;
  return (
    <section className="screen">
      <Title text={menu ? t('menuTitle') : t('desktopTitle')} takesFocus />
      <p className="lead">{hubAway ? t('noHubWorking') : menu ? t('menuText') : t('desktopText')}</p>
      {notice ? <Notice tone={toneOf(notice.code)} {...say(notice.code, notice.fields)} /> : null}
      <dl className="facts">
        <dt>{t('person')}</dt>
        <dd>{screen.person}</dd>
        <dt>{t('desktopName')}</dt>
        <dd>{screen.desktop}</dd>
        <dt>{t('openSince')}</dt>
        <dd>{momentWords(screen.since, reader.language, reader)}</dd>
      </dl>
      <div className="actions">
        <Button look="primary" onClick={() => send({ type: menu ? 'closeMenu' : 'backToDesktop' })}>
          {t('backToDesktop')}
        </Button>
        {menu ? <Button onClick={() => send({ type: 'backToDesktop' })}>{t('showAnew')}</Button> : null}
        <Button onClick={() => send({ type: 'logOff' })}>{t('logOff')}</Button>
        {screen.mayReplace ? (
          <Button onClick={() => send({ type: 'wantReplacement' })}>{t('replaceDesktop')}</Button>
        ) : null}
      </div>
    </section>
  );
}
