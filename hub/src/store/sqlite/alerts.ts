import { Fault, newId } from '@anyseat/base';
import type { Actor } from '../../domain/audit.ts';
import type { Alert, AlertFields, AlertId } from '../../domain/alert/alert.ts';
import type { AlertCode, Severity } from '../../domain/alert/alertRules.ts';
import type { MessageEvent } from '../../domain/alert/message.ts';
import type { NewAlert, Store } from '../store.ts';
import type { Context } from './context.ts';

type AlertMethods =
  | 'alerts'
  | 'openAlert'
  | 'changeAlert'
  | 'tellAlert'
  | 'resolveAlert'
  | 'acknowledgeAlert'
  | 'silenceAlert'
  | 'alertMessages'
  | 'messageArrived'
  | 'messageFailed'
  | 'forgetAlerts'
  | 'keepChannels';

interface Row {
  id: AlertId;
  code: AlertCode;
  about: string;
  within: string;
  severity: Severity;
  fields: string;
  opened_at: number;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  told: 0 | 1;
  resolved_at: number | null;
  until: number | null;
  silenced_by: string | null;
  reason: string | null;
}

const ALERT = `SELECT a.*, s.until, s.by AS silenced_by, s.reason FROM alerts a
                 LEFT JOIN alert_silences s ON s.code = a.code AND s.about = a.about`;

/** Alerts, who looks after them, and what is to be sent of them still. */
export function alertMethods({ db, clock, writer, audit }: Context): Pick<Store, AlertMethods> {
  const open = db.prepare<[], Row>(`${ALERT} WHERE a.resolved_at IS NULL ORDER BY a.opened_at, a.id`);
  const over = db.prepare<[number], Row>(
    `${ALERT} WHERE a.resolved_at IS NOT NULL AND a.resolved_at >= ? ORDER BY a.resolved_at DESC, a.id`,
  );
  const byId = db.prepare<[string], Row>(`${ALERT} WHERE a.id = ?`);
  const insert = db.prepare(
    `INSERT INTO alerts (id, code, about, within, severity, fields, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const change = db.prepare('UPDATE alerts SET fields = ? WHERE id = ? AND resolved_at IS NULL');
  const tell = db.prepare(
    `UPDATE alerts SET told = 1 WHERE id = ? AND told = 0 AND resolved_at IS NULL AND NOT EXISTS
       (SELECT 1 FROM alert_silences s WHERE s.code = alerts.code AND s.about = alerts.about AND s.until > ?)`,
  );
  const resolve = db.prepare<[number, string], { told: 0 | 1 }>(
    'UPDATE alerts SET resolved_at = ? WHERE id = ? AND resolved_at IS NULL RETURNING told',
  );
  const acknowledge = db.prepare(
    `UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ?
      WHERE id = ? AND resolved_at IS NULL AND acknowledged_at IS NULL`,
  );
  const silence = db.prepare(
    `INSERT INTO alert_silences (code, about, until, by, reason) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (code, about) DO UPDATE SET until = excluded.until, by = excluded.by, reason = excluded.reason`,
  );
  const unsilence = db.prepare('DELETE FROM alert_silences WHERE code = ? AND about = ?');
  const write = db.prepare(
    'INSERT INTO alert_messages (alert, event, channel, at, next_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  // That it is over is not said before that it began.
  const due = db.prepare<
    [string, number, number],
    { alert: AlertId; event: MessageEvent; at: number; tries: number }
  >(
    `SELECT alert, event, at, tries FROM alert_messages m WHERE channel = ? AND next_at <= ? AND NOT (event = 'resolved' AND
       EXISTS (SELECT 1 FROM alert_messages o WHERE o.alert = m.alert AND o.channel = m.channel AND o.event = 'opened'))
      ORDER BY tries, at, alert LIMIT ?`,
  );
  const arrived = db.prepare('DELETE FROM alert_messages WHERE alert = ? AND event = ? AND channel = ?');
  const failed = db.prepare(
    'UPDATE alert_messages SET tries = tries + 1, next_at = ? WHERE alert = ? AND event = ? AND channel = ?',
  );
  const forget = db.prepare('DELETE FROM alerts WHERE resolved_at IS NOT NULL AND resolved_at < ?');
  const forgetSilences = db.prepare('DELETE FROM alert_silences WHERE until < ?');
  const channelsOfMessages = db.prepare<[], string>('SELECT DISTINCT channel FROM alert_messages').pluck();
  const dropChannel = db.prepare('DELETE FROM alert_messages WHERE channel = ?');

  const send = (alert: AlertId, event: MessageEvent, channels: readonly string[]): void => {
    const now = clock.now();
    for (const channel of channels) write.run(alert, event, channel, now, now);
  };
  const tellUnlessSilenced = (alert: AlertId, channels: readonly string[]): boolean => {
    const isTold = tell.run(alert, clock.now()).changes === 1;
    if (isTold) send(alert, 'opened', channels);
    return isTold;
  };
  const wanted = (id: AlertId): Alert => {
    const row = byId.get(id);
    if (row) return alertOf(row);
    throw new Fault('alert-unknown', 'refused', `there is no alert ${id}`, { fields: { alert: id } });
  };

  return {
    alerts: (filter = {}) =>
      Promise.resolve(
        [...open.all(), ...(filter.resolvedSince === undefined ? [] : over.all(filter.resolvedSince))].map(
          alertOf,
        ),
      ),
    openAlert: ({ code, about, within, severity, fields }: NewAlert, channels) =>
      writer.write(() => {
        const now = clock.now();
        const id = newId('alert', now);
        const texts = [JSON.stringify(within), severity, JSON.stringify(fields)];
        if (insert.run(id, code, about, ...texts, now).changes === 0) return undefined;
        tellUnlessSilenced(id, channels);
        return wanted(id);
      }),
    changeAlert: (id, fields) => writer.write(() => change.run(JSON.stringify(fields), id).changes === 1),
    tellAlert: (id, channels) => writer.write(() => tellUnlessSilenced(id, channels)),
    resolveAlert: (id, channels) =>
      writer.write(() => {
        const row = resolve.get(clock.now(), id);
        if (row?.told) send(id, 'resolved', channels);
        return row !== undefined;
      }),
    acknowledgeAlert: (id: AlertId, by: Actor) =>
      writer.write(() => {
        const now = clock.now();
        const { code, about } = wanted(id);
        if (acknowledge.run(now, by.name, id).changes === 1)
          audit.add(now, by, 'alert.acknowledged', id, { code, about });
        return wanted(id);
      }),
    silenceAlert: (id, { until, reason }, by) =>
      writer.write(() => {
        const now = clock.now();
        const { code, about } = wanted(id);
        if (until === undefined) unsilence.run(code, about);
        else silence.run(code, about, until, by.name, reason);
        const act = until === undefined ? 'alert.unsilenced' : 'alert.silenced';
        audit.add(now, by, act, id, { code, about, until: until ?? null, reason });
        return wanted(id);
      }),
    alertMessages: (channel, limit) =>
      Promise.resolve(
        due
          .all(channel, clock.now(), limit)
          .map(({ alert, ...message }) => ({ ...message, channel, alert: wanted(alert) })),
      ),
    messageArrived: ({ alert, event, channel }) =>
      writer.write(() => void arrived.run(alert.id, event, channel)),
    messageFailed: ({ alert, event, channel }, nextAt) =>
      writer.write(() => void failed.run(nextAt, alert.id, event, channel)),
    forgetAlerts: (before) =>
      writer.write(() => {
        forgetSilences.run(clock.now());
        return forget.run(before).changes;
      }),
    keepChannels: (channels) =>
      writer.write(() => {
        const dropped = channelsOfMessages.all().filter((one) => !channels.includes(one));
        for (const channel of dropped) dropChannel.run(channel);
        return dropped;
      }),
  };
}

const alertOf = (row: Row): Alert => ({
  id: row.id,
  code: row.code,
  about: row.about,
  within: JSON.parse(row.within) as string[],
  severity: row.severity,
  fields: JSON.parse(row.fields) as AlertFields,
  openedAt: row.opened_at,
  acknowledged:
    row.acknowledged_at === null ? undefined : { at: row.acknowledged_at, by: row.acknowledged_by! },
  silence: row.until === null ? undefined : { until: row.until, by: row.silenced_by!, reason: row.reason! },
  told: row.told === 1,
  resolvedAt: row.resolved_at ?? undefined,
});
