import { SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { CloudServer } from '../cloudServer.ts';
import type { Desktop } from '../desktop.ts';
import { buildFaultKind } from './trouble.ts';
import { inState, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** What the cloud or the clock says is no good. Never a held one: evidence of the cloud alone takes nothing from a person. */
export function breakFailed(world: PoolWorld): PoolStep[] {
  const { seen, pool, now, inStateMs } = world;
  return inState(world, 'building', 'booting', 'ready').flatMap((desktop): PoolStep[] => {
    const text = whyBroken(desktop, serverOf(desktop, seen), pool.spec, inStateMs(desktop));
    return text ? [{ do: 'break', desktop, fault: { ...text, at: now } }] : [];
  });
}

function whyBroken(
  desktop: Desktop,
  server: CloudServer | undefined,
  spec: PoolSpec | undefined,
  forMs: number,
): { code: string; text: string } | undefined {
  const { state } = desktop;
  if (server?.state === 'failed') {
    return {
      code: buildFaultKind(server.fault) ?? 'server-failed',
      text: server.fault?.message.trim() || 'the cloud reports ERROR and gives no reason',
    };
  }
  if (server?.state === 'leaving')
    return { code: 'server-deleted', text: 'somebody else deleted the server' };
  if (server?.state === 'stopped' && state !== 'building') {
    return { code: 'server-stopped', text: `the server was powered off (${server.words})` };
  }
  if (!spec) return undefined;
  if (state === 'building' && forMs > spec.toActiveSeconds * SECOND) {
    return {
      code: 'slow-to-active',
      text: `not running after ${spec.toActiveSeconds} s (${server?.words ?? 'not listed'})`,
    };
  }
  // A desktop that was ready before and is looked at again has its time anew.
  if (state === 'booting' && forMs > spec.toReadySeconds * SECOND) {
    return {
      code: 'slow-to-ready',
      text: `running for ${spec.toReadySeconds} s, and not ready${said(desktop)}`,
    };
  }
  return undefined;
}

const said = (desktop: Desktop): string => (desktop.fault ? `: ${desktop.fault.text}` : '');
