import { useEffect, useState } from 'react';
import type { ConsoleKey } from '@anyseat/words';

export const tabs = {
  floor: 'tabFloor',
  people: 'tabPeople',
  sessions: 'tabSessions',
  pools: 'tabPools',
  desktops: 'tabDesktops',
  tcs: 'tabTcs',
  rules: 'tabRules',
  hosts: 'tabHosts',
  alerts: 'tabAlerts',
  problems: 'tabProblems',
  audit: 'tabAudit',
} as const satisfies Record<string, ConsoleKey>;
export type Tab = keyof typeof tabs;

/** Where in the console somebody is: the part behind the #, so that Back goes back and a link leads somewhere. */
export interface Place {
  tab: Tab;
  /** What is being looked at there. */
  what: string;
}

export const addressOf = (tab: Tab, what = ''): string =>
  what === '' ? `#/${tab}` : `#/${tab}/${encodeURIComponent(what)}`;

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const onHash = () => {
      if (!location.hash.startsWith('#enter=')) setPlace(placeOf(location.hash));
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);
  return place;
}

function placeOf(hash: string): Place {
  const [tab = '', ...rest] = hash.replace(/^#\/?/, '').split('/');
  return Object.hasOwn(tabs, tab)
    ? { tab: tab as Tab, what: plain(rest.join('/')) }
    : { tab: 'floor', what: '' };
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
