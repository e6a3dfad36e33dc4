import { useEffect, useMemo, useState } from 'react';
import type { Bridge, PageState } from '../common/bridge.ts';
import { Frame } from './Frame.tsx';
import { MessageOver } from './MessageOver.tsx';
import { ScreenView } from './ScreenView.tsx';
import { wordsFor, WordsContext } from './words.ts';

/** Before the agent has said anything: a moment at the start, or after a restart. */
const NOTHING_YET: PageState = {
  language: 'zh-CN',
  hub: { phase: 'connecting' },
  place: {},
  clockOffsetMs: 0,
  box: { fingerprint: '', hostName: '', version: '' },
  screen: { kind: 'login' },
};

/** The page: the agent's last state, shown. */
export function App({ bridge }: { bridge: Bridge }) {
  const [{ state, heardAt }, setHeard] = useState({ state: NOTHING_YET, heardAt: 0 });
  const [agentAway, setAgentAway] = useState(true);
  const [lastUser, setLastUser] = useState('');
  useEffect(
    () =>
      bridge.listen((next) => {
        setAgentAway(next === undefined);
        if (!next) return;
        setHeard({ state: next, heardAt: Date.now() });
        // Whoever is at work does not want their name to stand here when they have gone.
        if (next.screen.kind === 'starting' || next.screen.kind === 'onDesktop') setLastUser('');
      }),
    [bridge],
  );
  const { language, place } = state;
  const timeZone = place.site?.timeZone;
  const words = useMemo(() => wordsFor(language, heardAt, timeZone), [language, heardAt, timeZone]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <WordsContext value={words}>
      <Frame state={state} agentAway={agentAway} send={bridge.send}>
        <ScreenView
          state={state}
          agentAway={agentAway}
          lastUser={lastUser}
          onUser={setLastUser}
          send={bridge.send}
        />
        {state.message && !agentAway ? (
          <MessageOver key={state.message.id} message={state.message} send={bridge.send} />
        ) : null}
      </Frame>
    </WordsContext>
  );
}
