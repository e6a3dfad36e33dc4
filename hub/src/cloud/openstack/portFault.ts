import { Fault, isFault } from '@anyseat/base';

/**
 * The client's faults in the port's words. What is left over is not the caller's business there: a conflict passes, so it
 * is `cloud-busy`; a thing that is not there was named wrongly, so it is a refused order.
 */
export function portFault(error: unknown): unknown {
  if (!isFault(error)) return error;
  const { message, fields } = error;
  if (error.code === 'cloud-conflict')
    return new Fault('cloud-busy', 'transient', message, { cause: error, fields });
  if (error.code === 'cloud-not-found')
    return new Fault('cloud-refused-order', 'terminal', message, { cause: error, fields });
  return error;
}

/**
 * The same for an order. Nova has no key that would make an order repeatable, so every answer that leaves open whether it was
 * taken is `cloud-unsure`: none, a broken one, 408 and 5xx (the worker may still be at it after a proxy gave up). With any
 * other status nothing was made: Nova checks before it writes.
 */
export function orderFault(error: unknown): unknown {
  if (!isFault(error)) return error;
  const { message, fields } = error;
  const { sent, status, garbled } = fields;
  const open = status === undefined || status === 408 || Number(status) >= 500 || garbled === true;
  if (sent === true && open) return new Fault('cloud-unsure', 'transient', message, { cause: error, fields });
  if (error.code === 'cloud-conflict')
    return new Fault('cloud-refused-order', 'terminal', message, { cause: error, fields });
  const about = error.code === 'cloud-refused-order' ? aboutOf(message) : undefined;
  return about === undefined
    ? portFault(error)
    : new Fault(error.code, error.retry, message, { cause: error, fields: { about, ...fields } });
}

/** What of the order is no good. All of these are 400 badRequest: Nova has no code for them, and only the words differ. */
export function aboutOf(message: string): 'image' | 'flavor' | 'network' | undefined {
  if (/flavor/i.test(message)) return 'flavor';
  if (/\bimage\b/i.test(message)) return 'image';
  return /\b(networks?|ports?|security group)\b/i.test(message) ? 'network' : undefined;
}

/** Whether these credentials may not do it, as against the cloud being unable to. */
export const isDenied = (error: unknown): boolean =>
  isFault(error, 'cloud-forbidden') || isFault(error, 'cloud-credentials');
