import type { ReactNode } from 'react';
import { Choice } from '@anyseat/ui';
import { languageNames, languages } from '@anyseat/words';
import type { Intent, PageState } from '../common/bridge.ts';
import { Clock } from './Clock.tsx';
import { useWords } from './words.ts';

export interface FrameProps {
  state: PageState;
  agentAway: boolean;
  send: (intent: Intent) => void;
  children: ReactNode;
}

/** What stands around every screen: where we are and what time it is on one side; on the other the screen itself. */
export function Frame({ state, agentAway, send, children }: FrameProps) {
  const { t } = useWords();
  const { place, box, language } = state;
  return (
    <div className="frame">
      <aside className="side">
        <Rings />
        <p className="brand">
          <Mark />
          Anyseat
        </p>
        <Clock offsetMs={state.clockOffsetMs} timeZone={place.site?.timeZone} />
        <div className="place">
          <p className="place-site">{place.site?.title}</p>
          {place.seat ? <p className="place-seat">{t('seat', { label: place.seat })}</p> : null}
        </div>
      </aside>
      <div className="main">
        <header className="top">
          <Choice
            label={t('language')}
            options={languages.map((value) => ({ value, text: languageNames[value], lang: value }))}
            value={language}
            onChoose={(value) => send({ type: 'setLanguage', language: value })}
          />
        </header>
        <main className="stage">{children}</main>
        <footer className="bottom">
          <HubLight phase={agentAway ? 'connecting' : state.hub.phase} />
          <p className="box">
            {box.hostName ? `${t('box')} ${box.hostName}` : ''}
            {box.address ? ` · ${box.address}` : ''}
            {box.fingerprint ? <span className="box-fingerprint"> {box.fingerprint}</span> : null}
            {box.version ? ` · ${t('version')} ${box.version}` : ''}
          </p>
        </footer>
      </div>
    </div>
  );
}

function HubLight({ phase }: { phase: PageState['hub']['phase'] }) {
  const { t } = useWords();
  const text = { online: t('hubOnline'), connecting: t('hubConnecting'), offline: t('hubAway') }[phase];
  return (
    <p className={`light light-${phase}`} role="status">
      <span className="light-dot" aria-hidden="true" />
      {text}
    </p>
  );
}

/** A seat at a desk, seen from above. */
function Mark() {
  return (
    <svg
      className="brand-mark"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      aria-hidden="true"
    >
      <path d="M4 9V6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5V9" strokeLinecap="round" />
      <rect x="6.5" y="10" width="11" height="9.5" rx="3.4" fill="currentColor" stroke="none" />
    </svg>
  );
}

/** Quiet rings, as of a voice. */
function Rings() {
  return (
    <svg className="rings" viewBox="0 0 400 400" fill="none" stroke="currentColor" aria-hidden="true">
      {[40, 80, 122, 166, 212, 260, 310].map((r) => (
        <circle key={r} cx="330" cy="350" r={r} />
      ))}
    </svg>
  );
}
