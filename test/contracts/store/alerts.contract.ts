import { expect, test } from 'vitest';
import { systemClock, type Clock } from '@anyseat/base';
import type { Condition } from '../../../hub/src/domain/alert/alert.ts';
import type { AlertMessage } from '../../../hub/src/domain/alert/message.ts';
import type { NewAlert } from '../../../hub/src/store/store.ts';
import type { StoreProvider } from './store.contract.ts';

const li = { kind: 'operator', name: 'li.na' } as const;
const dark = (about = 'site/nantong', fields: Condition['fields'] = { count: 5 }): NewAlert => ({
  code: 'site-dark',
  about,
  within: ['hub'],
  severity: 'error',
  fields,
});
const said = (messages: readonly AlertMessage[]) =>
  messages.map(({ alert, event, channel, tries }) => [alert.about, event, channel, tries]);

/** Alerts, for every engine. */
export function alertsContract(provider: StoreProvider): void {
  let setBackMs = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + setBackMs };
  const open = (place = provider.newPlace()) => provider.open(place, clock);

  test('of one code about one thing one alert is open, whoever is first, over a restart', async () => {
    const place = provider.newPlace();
    const first = await (async () => {
      await using store = await open(place);
      const made = await Promise.all([store.openAlert(dark(), ['ops']), store.openAlert(dark(), ['ops'])]);
      expect(made.filter((one) => one !== undefined)).toHaveLength(1);
      return made.find((one) => one !== undefined)!;
    })();
    await using store = await open(place);
    expect(await store.openAlert(dark(), ['ops'])).toBeUndefined();
    expect(await store.openAlert(dark('site/shanghai'), [])).toMatchObject({ about: 'site/shanghai' });
    expect((await store.alerts())[0]).toEqual(first);
    expect(said(await store.alertMessages('ops', 10))).toEqual([['site/nantong', 'opened', 'ops', 0]]);
    expect(await store.resolveAlert(first.id, ['ops'])).toBe(true);
    expect(await store.resolveAlert(first.id, ['ops'])).toBe(false);
    expect(await store.openAlert(dark(), ['ops'])).not.toBeUndefined();
    expect((await store.alerts()).map(({ about }) => about)).toEqual(['site/shanghai', 'site/nantong']);
    expect((await store.alerts({ resolvedSince: 0 })).map(({ id }) => id)).toContain(first.id);
    expect((await store.alerts({ resolvedSince: clock.now() + 1 })).map(({ id }) => id)).not.toContain(
      first.id,
    );
  });

  test('that it is over is said after that it began has arrived, by each channel for itself', async () => {
    await using store = await open();
    const alert = (await store.openAlert(dark(), ['mail', 'ops']))!;
    await store.resolveAlert(alert.id, ['mail', 'ops']);
    const [opened] = await store.alertMessages('ops', 10);
    expect(said([opened!])).toEqual([['site/nantong', 'opened', 'ops', 0]]);
    await store.messageFailed(opened!, clock.now() + 3_600_000);
    expect(await store.alertMessages('ops', 10)).toEqual([]);
    setBackMs += 3_600_000;
    const [again] = await store.alertMessages('ops', 10);
    expect(said([again!])).toEqual([['site/nantong', 'opened', 'ops', 1]]);
    await store.messageArrived(again!);
    expect(said(await store.alertMessages('ops', 10))).toEqual([['site/nantong', 'resolved', 'ops', 0]]);
    expect(said(await store.alertMessages('mail', 10))).toEqual([['site/nantong', 'opened', 'mail', 0]]);
    expect(await store.keepChannels(['ops'])).toEqual(['mail']);
    expect(await store.alertMessages('mail', 10)).toEqual([]);
  });

  test('what is silenced is not sent, the next of its kind neither; and when the silence is over it is', async () => {
    await using store = await open();
    const alert = (await store.openAlert(dark(), []))!;
    const until = clock.now() + 60_000;
    expect(await store.silenceAlert(alert.id, { until, reason: 'a new switch' }, li)).toMatchObject({
      silence: { until, by: 'li.na', reason: 'a new switch' },
    });
    await store.resolveAlert(alert.id, ['ops']);
    const next = (await store.openAlert(dark(), ['ops']))!;
    expect([next.told, next.silence?.reason]).toEqual([false, 'a new switch']);
    expect(await store.tellAlert(next.id, ['ops'])).toBe(false);
    setBackMs += 60_001;
    expect(await store.tellAlert(next.id, ['ops'])).toBe(true);
    expect(await store.tellAlert(next.id, ['ops'])).toBe(false);
    expect(said(await store.alertMessages('ops', 10)).filter(([, event]) => event === 'opened')).toHaveLength(
      1,
    );
    await store.silenceAlert(next.id, { until: clock.now() + 60_000, reason: '' }, li);
    expect((await store.silenceAlert(next.id, { until: undefined, reason: '' }, li)).silence).toBeUndefined();
  });

  test('of one that nobody was told of nobody is told that it is over', async () => {
    await using store = await open();
    const alert = (await store.openAlert(dark(), []))!;
    await store.silenceAlert(alert.id, { until: clock.now() + 60_000, reason: 'x' }, li);
    await store.resolveAlert(alert.id, ['ops']);
    const quiet = (await store.openAlert(dark(), ['ops']))!;
    await store.resolveAlert(quiet.id, ['ops']);
    expect(said(await store.alertMessages('ops', 10))).toEqual([['site/nantong', 'resolved', 'ops', 0]]);
  });

  test('who looks after it is kept, and in the audit; what is long over is forgotten', async () => {
    await using store = await open();
    const alert = (await store.openAlert(dark(), ['ops']))!;
    expect(await store.changeAlert(alert.id, { count: 9 })).toBe(true);
    const at = clock.now();
    const seen = await store.acknowledgeAlert(alert.id, li);
    expect(seen).toMatchObject({ fields: { count: 9 }, acknowledged: { by: 'li.na' } });
    expect(seen.acknowledged!.at).toBeGreaterThanOrEqual(at);
    const wang = { kind: 'operator', name: 'wang' } as const;
    expect((await store.acknowledgeAlert(alert.id, wang)).acknowledged?.by).toBe('li.na');
    expect((await store.audit({ limit: 9, subject: alert.id })).map(({ act }) => act)).toEqual([
      'alert.acknowledged',
    ]);
    await expect(store.acknowledgeAlert('alt_0' as typeof alert.id, li)).rejects.toMatchObject({
      code: 'alert-unknown',
    });
    await store.resolveAlert(alert.id, ['ops']);
    expect(await store.changeAlert(alert.id, { count: 1 })).toBe(false);
    expect(await store.forgetAlerts(clock.now() - 1000)).toBe(0);
    expect(await store.forgetAlerts(clock.now() + 1)).toBe(1);
    expect(await store.alertMessages('ops', 10)).toEqual([]);
  });
}
