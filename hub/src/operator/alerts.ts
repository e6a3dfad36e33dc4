import { HOUR } from '@anyseat/base';
import { acknowledgeRequest, silenceRequest, type ActAnswer, type AlertTestAnswer } from '@anyseat/protocol';
import type { AlertId } from '../domain/alert/alert.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** Somebody looks after it. */
export async function acknowledgeAlert({ params, body, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  acknowledgeRequest.parse(body);
  const { acknowledged, id } = await deps.store.acknowledgeAlert(params['id'] as AlertId, by);
  if (!acknowledged) return { text: `Alert ${id} is over already.` };
  return { text: `${acknowledged.by} looks after alert ${id}.` };
}

/** Nobody is told of it for a while, nor of the next of its kind. */
export async function silenceAlert({ params, body, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const { hours, reason } = silenceRequest.parse(body);
  const until = hours === 0 ? undefined : Math.round(deps.now() + hours * HOUR);
  const alert = await deps.store.silenceAlert(params['id'] as AlertId, { until, reason }, by);
  deps.alerts.look();
  return {
    text:
      until === undefined
        ? `Alert ${alert.code} about ${alert.about} is told of again.`
        : `Nobody is told of ${alert.code} about ${alert.about} for ${hours} h.`,
  };
}

/** A letter that tells of nothing, by every channel. */
export async function testAlerts({ by, signal }: Asked, deps: OperatorDeps): Promise<AlertTestAnswer> {
  const channels = await deps.alerts.test(signal);
  const failed = channels.filter(({ ok }) => !ok).map(({ channel }) => channel);
  await deps.store.addAudit(by, 'alert.tested', 'alerts', { channels: channels.length, failed });
  const text =
    channels.length === 0
      ? 'There is no channel: alerts are seen here alone. Channels are written in hub.yaml, under alerts.channels.'
      : failed.length === 0
        ? channels.length === 1
          ? `Channel ${channels[0]!.channel} took the test.`
          : `All ${channels.length} channels took the test.`
        : `Not by ${failed.join(', ')}: ${channels.find(({ ok }) => !ok)!.text}`;
  return { channels, text };
}
