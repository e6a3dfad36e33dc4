import { z } from 'zod';
import { parsed } from '../parsed.ts';
import type { Service } from '../service.ts';
import { serverPath } from './servers.ts';

/** Something that was done to a server, or tried: what explains a stop or a rebuild that left no fault behind. */
export interface InstanceAction {
  readonly action: string;
  readonly requestId: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly message: string | undefined;
}

const body = z.object({
  instanceActions: z.array(
    z.object({
      action: z.string(),
      request_id: z.string(),
      start_time: z.string(),
      message: z.string().nullish(),
    }),
  ),
});

/** The newest first, twenty at most. */
export async function listInstanceActions(
  compute: Service,
  id: string,
  signal?: AbortSignal,
): Promise<InstanceAction[]> {
  const what = 'read what was done to a server';
  const answer = await compute.call(
    {
      method: 'GET',
      path: serverPath(id, '/os-instance-actions'),
      query: new URLSearchParams({ limit: '20' }),
      what,
      version: { want: '2.84', least: '2.58' },
    },
    signal,
  );
  return parsed(body, answer.body, compute.type, what).instanceActions.map((one) => ({
    action: one.action,
    requestId: one.request_id,
    // Nova gives UTC without saying so.
    startedAt: Date.parse(`${one.start_time.replace(/Z$/, '')}Z`) || 0,
    message: one.message ?? undefined,
  }));
}

const one = z.object({
  instanceAction: z.object({
    events: z.array(z.object({ event: z.string(), result: z.string().nullish() })).nullish(),
  }),
});

/** The parts of one action, and how each ended: `Success`, `Error`; undefined while it is under way. */
export async function instanceActionEvents(
  compute: Service,
  id: string,
  requestId: string,
  signal?: AbortSignal,
): Promise<{ event: string; result: string | undefined }[]> {
  const what = 'read how something done to a server ended';
  const answer = await compute.call(
    {
      method: 'GET',
      path: serverPath(id, `/os-instance-actions/${encodeURIComponent(requestId)}`),
      what,
      version: { want: '2.84', least: '2.58' },
    },
    signal,
  );
  const { events } = parsed(one, answer.body, compute.type, what).instanceAction;
  return (events ?? []).map(({ event, result }) => ({ event, result: result ?? undefined }));
}
