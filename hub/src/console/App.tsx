import { useCallback, useEffect, useState } from 'react';
import { MantineProvider, type MantineColorScheme } from '@mantine/core';
import type { WhoAnswer } from '@anyseat/protocol';
import { consoleText, languages, type ConsoleKey } from '@anyseat/words';
import { act, look, Refused } from './api.ts';
import { consoleFor, ConsoleContext } from './context.ts';
import { browsersLanguage, useKept } from './kept.ts';
import { Live } from './live.ts';
import { Notes, useNotes } from './parts/Notes.tsx';
import { Shell } from './Shell.tsx';
import { Shut } from './Shut.tsx';

type Door = { in: false; why: ConsoleKey | undefined } | { in: true; who: WhoAnswer };

const live = new Live();

/** The console: whoever has a session sees it, everybody else how to come by one. */
export function App() {
  const [door, setDoor] = useState<Door>();
  const [language, setLanguage] = useKept('language', languages, browsersLanguage());
  const [scheme, setScheme] = useKept<MantineColorScheme>('scheme', ['light', 'dark', 'auto'], 'auto');
  const { notes, say, drop } = useNotes();
  const enter = useCallback(async () => {
    const found = await comeIn();
    setDoor((before) => {
      if (found.in || before?.in !== true) return found;
      // A hub that is away puts nobody out.
      return found.why === 'shutAway' ? before : { in: false, why: found.why ?? 'shutOver' };
    });
  }, []);
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- not before the hub has answered
    void enter().catch(() => undefined);
    // A link that is pasted into a page that is open changes the part after the # alone.
    const onHash = () => {
      if (location.hash.startsWith('#enter=')) void enter().catch(() => undefined);
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [enter]);
  const isIn = door?.in === true;
  useEffect(() => {
    if (!isIn) return undefined;
    const line = live.open(() => void enter().catch(() => undefined));
    return () => line[Symbol.dispose]();
  }, [isIn, enter]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = consoleText('console', language);
  }, [language]);
  const choose = { language, setLanguage, scheme, setScheme };
  return (
    <MantineProvider forceColorScheme={schemeOf(scheme)} withGlobalClasses={false} withCssVariables={false}>
      {door?.in && (
        <ConsoleContext value={consoleFor(door.who, live, language, say)}>
          <Shell choose={choose} onLeave={() => setDoor({ in: false, why: undefined })} />
          <Notes notes={notes} drop={drop} />
        </ConsoleContext>
      )}
      {door && !door.in && (
        <Shut why={door.why} choose={choose} onAgain={() => void enter().catch(() => undefined)} />
      )}
    </MantineProvider>
  );
}

const schemeOf = (scheme: MantineColorScheme): 'light' | 'dark' =>
  scheme !== 'auto' ? scheme : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

/** By the code behind the #, if there is one, which is taken off the address at once; then by the session. */
async function comeIn(): Promise<Door> {
  const code = /^#enter=([\w-]+)$/.exec(location.hash)?.[1];
  let why: ConsoleKey | undefined;
  if (code !== undefined) {
    history.replaceState(null, '', location.pathname);
    try {
      await act('/enter', { code });
    } catch (error) {
      why = error instanceof Refused && error.status > 0 ? 'shutUsed' : 'shutAway';
    }
  }
  try {
    return { in: true, who: await look<WhoAnswer>('/me') };
  } catch (error) {
    const isAway = error instanceof Refused && error.status !== 401;
    return { in: false, why: why ?? (isAway ? 'shutAway' : undefined) };
  }
}
