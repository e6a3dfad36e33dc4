import type { Letter } from '../alerts/channel.ts';

/** The letter of a site that went dark. */
export const darkSite = (event: Letter['event'] = 'opened'): Letter => ({
  id: `alt_1.${event}`,
  event,
  alert: 'alt_1',
  code: 'site-dark',
  severity: 'error',
  about: 'site/nantong',
  fields: { name: '南通', count: 210, most: 1200 },
  said: {
    en: { text: 'At 南通 210 of 1,200 seats say "nothing".', next: 'Look at the line.' },
    'zh-CN': { text: '南通失联。', next: '请检查线路。' },
  },
  openedAt: Date.parse('2026-11-24T00:00:00Z'),
  at: Date.parse('2026-11-24T00:01:00Z'),
  hub: 'nantong-hub',
  installation: 'ins_1',
});

/** Gives up after a minute: a test that hangs says where. */
export const patience = (): AbortSignal => AbortSignal.timeout(60_000);
