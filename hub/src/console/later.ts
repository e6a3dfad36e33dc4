import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/**
 * A page that is fetched when it is first looked at. Its file is gone when the hub was upgraded meanwhile: then the whole console
 * is loaded anew, which shows the same place again.
 */
export const later = <Props>(
  fetched: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> =>
  lazy(() =>
    fetched().then(
      (page) => ({ default: page }),
      () => {
        location.reload();
        return new Promise<never>(() => undefined);
      },
    ),
  );
