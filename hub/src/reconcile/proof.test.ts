import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { resolveEndpoint } from './proof.ts';

test('a cloud that does not say in time where a display is, is slow, and no fault of ours', async () => {
  const hangs = {
    endpoint: (_id: string, signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  } as unknown as Cloud;
  await expect(resolveEndpoint(hangs, 'id', systemClock, 5)).rejects.toMatchObject({
    code: 'cloud-unreachable',
    retry: 'transient',
  });
});
