import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/** Loaded anew no more often than this, ms: a file that stays away is not waited for by loading for ever. */
const AGAIN = 60_000;
const KEY = 'anyseat-loaded-anew';

/**
 * A page that is fetched when it is first looked at. Its file is gone when the hub was upgraded meanwhile: then the whole console
 * is loaded anew, once the hub answers, and shows the same place again.
 */
export const later = <Props>(
  fetched: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> =>
  lazy(async () => {
    try {
      return { default: await fetched() };
    } catch (error) {
      if (Date.now() - Number(sessionStorage.getItem(KEY)) < AGAIN) throw error;
      while (
        !(await fetch('./').then(
          ({ ok }) => ok,
          () => false,
        ))
      )
        await new Promise((resolve) => window.setTimeout(resolve, 2000));
      sessionStorage.setItem(KEY, String(Date.now()));
      location.reload();
      return await new Promise<never>(() => undefined);
    }
  });
