import { Alert } from '@mantine/core';
import type { FloorAnswer } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import type { DarkSites } from './darkSites.ts';

/** A dead site is one alert, before all seats. */
export function SiteAlerts({ dark, sites }: { dark: DarkSites; sites: FloorAnswer['sites'] }) {
  const { t } = useConsole();
  return [...dark].map(([site, { silent, people }]) => (
    <Alert
      key={site}
      color="orange"
      role="alert"
      className="site-alert"
      title={sites.find(({ name }) => name === site)?.title ?? site}
    >
      {t('siteDark', { off: silent, count: people })}
    </Alert>
  ));
}
