import { messageOf, toFault, type Clock, type Log } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Desktop, DesktopId, Endpoint } from '../domain/desktop.ts';
import type { DesktopEvent } from '../domain/desktopEvents.ts';
import { desktopTag, serverNameOf } from '../domain/naming.ts';
import { kindOf, type PoolStep } from '../domain/pool/world.ts';
import type { Store } from '../store/store.ts';
import type { BootBudget } from './bootBudget.ts';
import { mayFreeze } from '../domain/pool/imageRevision.ts';
import { orderOf } from './orderOf.ts';
import type { Problems } from './problems.ts';
import type { PoolImages } from './poolImages.ts';
import type { PoolHealth } from './poolHealth.ts';
import { confirmRebuilt, rebuild, replace } from './rebuilds.ts';
import { answers, proveDesktop, resolveEndpoint, tcpAnswers } from './proof.ts';

/** A step that concerns one desktop; the wish for more is one statement of the store and needs nothing of this. */
export type DesktopStep = Exclude<PoolStep, { do: 'want' }>;

export interface PerformDeps {
  store: Store;
  cloud: Cloud;
  clock: Clock;
  log: Log;
  health: PoolHealth;
  budget: BootBudget;
  images: PoolImages;
  problems: Problems;
  installation: string;
  pool: { name: string; revision: number; spec: PoolSpec | undefined };
  /** When the cloud was asked to remove, switch on or off, monotonic ms; of what is gone nothing is remembered. */
  askedAt: Map<DesktopId, number>;
  /** Aborted when the hub stops; an order on its way then is found again after the next start. */
  signal: AbortSignal;
}

const RESOLVE_WITHIN_MS = 10_000;

/**
 * Takes one step. Safe to take again after any crash: what the cloud is asked is committed first, and what it
 * answered is only recorded; the next look repairs the rest.
 */
export async function perform(step: DesktopStep, deps: PerformDeps): Promise<void> {
  const { desktop } = step;
  const record = (event: DesktopEvent) => deps.store.recordDesktop(desktop.id, event, theHub);
  switch (step.do) {
    case 'found':
      deps.health.accepted();
      await record({ kind: 'made', serverId: step.serverId });
      return;
    case 'doubt':
      await record({ kind: 'doubt', text: 'the hub stopped while it asked for the server' });
      return;
    case 'running':
      if (await record({ kind: 'running', host: step.host })) deps.health.running();
      return;
    case 'follow':
      await record({ kind: 'on-host', host: step.host });
      return;
    case 'break':
      if (await record({ kind: 'broke', fault: step.fault })) {
        const { code, text } = step.fault;
        if (code === 'quota' || code === 'no-valid-host' || code === 'no-network')
          deps.health.buildFailed(code, text);
        else if (desktop.state !== 'ready') await bootFailed(desktop, text, deps);
        // Longer than the pool allows is a measurement too.
        if (code.startsWith('slow-')) deps.budget.ended(desktop.id, kindOf(desktop));
        deps.log.warn({ desktop: desktop.id, fault: text }, 'desktop broke');
      }
      return;
    case 'retire':
      await record({ kind: 'retire' });
      return;
    case 'rebuild':
      return rebuild(step, deps, record);
    case 'confirm-rebuilt':
      return confirmRebuilt(desktop, deps, record);
    case 'replace':
      return replace(desktop, step.why, deps, record);
    case 'forget':
      await record({ kind: 'gone' });
      deps.askedAt.delete(desktop.id);
      return;
    case 'create':
      return create(step, deps, record);
    case 'give-up':
      return giveUp(desktop, deps, record);
    case 'prove':
      return prove(desktop, deps, record);
    case 'confirm-gone':
      return confirmGone(desktop, deps, record);
    case 'remove':
      return remove(desktop, deps, record);
    case 'start':
      return start(step, deps, record);
    case 'unstick':
      deps.askedAt.set(desktop.id, deps.clock.monotonic());
      return noted('delete-unfinished', desktop, deps, () =>
        deps.cloud.unstick(desktop.serverId!, deps.signal),
      );
    case 'park':
      if (!(await record({ kind: 'park' }))) return;
      deps.log.info({ desktop: desktop.id }, 'a bound desktop that nobody used for long is parked');
      return stop(desktop, deps);
    case 'stop':
      return stop(desktop, deps);
    case 'hold-back':
      if (await record({ kind: 'hold-back', why: step.why }))
        deps.log.info({ desktop: desktop.id, why: step.why }, 'whether a ready desktop is handed out');
      return;
    case 'watch':
      return watch(desktop, deps, record);
    default:
      return step satisfies never;
  }
}

export type Record = (event: DesktopEvent) => Promise<Desktop | undefined>;

/** Not again and again from an image that never gave a desktop, while an earlier one does. */
async function bootFailed({ image }: Desktop, text: string, deps: PerformDeps): Promise<void> {
  const { health, images, store, pool, log } = deps;
  const failed = health.bootFailed(text, image, (one) => mayFreeze(one, images.revisions, pool.revision));
  if (failed !== 'freeze' || image === undefined) return;
  await store.recordImage(pool.name, image, { kind: 'frozen', specRevision: pool.revision, text });
  await images.reload(pool.name, store);
  log.warn({ image, fault: text }, 'an image is frozen: none of its desktops became ready');
}

async function create(
  { desktop, image: chosen }: Extract<DesktopStep, { do: 'create' }>,
  deps: PerformDeps,
  record: Record,
): Promise<void> {
  const { pool, cloud, health, clock, log } = deps;
  if (!pool.spec) return;
  const image = chosen ?? (await imageOf(pool.spec, deps));
  if (image === undefined) return;
  const asked = await record({ kind: 'ask', serverName: serverNameOf(desktop), image });
  if (!asked) return;
  const order = orderOf(asked, { ...pool.spec, image }, deps.installation);
  try {
    const { id } = await cloud.create(order, deps.signal);
    health.accepted();
    await record({ kind: 'made', serverId: id });
  } catch (error) {
    const fault = toFault(error);
    if (fault.retry === 'bug') throw error;
    if (fault.code === 'cloud-unsure') {
      log.warn(
        { desktop: desktop.id, fault: fault.message },
        'the cloud did not say whether it took the order',
      );
      await record({ kind: 'doubt', text: fault.message });
      return;
    }
    health.refused(fault);
    log.warn({ code: fault.code, fault: fault.message }, 'the cloud took no order');
    await record({ kind: 'refused', fault: { code: fault.code, text: fault.message, at: clock.now() } });
  }
}

/** Undefined when there is none: then the pool is in trouble. */
async function imageOf(
  spec: PoolSpec,
  { cloud, health, signal, log }: PerformDeps,
): Promise<string | undefined> {
  try {
    return await cloud.image(spec.image, signal);
  } catch (error) {
    const fault = toFault(error);
    if (fault.retry === 'bug') throw error;
    health.refused(fault);
    log.warn({ code: fault.code, fault: fault.message }, 'the image cannot be used');
    return undefined;
  }
}

/** One more look by the desktop's own tag, which finds a server from the moment the cloud wrote it down. */
async function giveUp(desktop: Desktop, { cloud, log, signal }: PerformDeps, record: Record): Promise<void> {
  const found = await cloud.withTag(desktopTag(desktop.id), signal);
  const server = found.servers.find((s) => s.name === desktop.serverName);
  if (server) {
    await record({ kind: 'made', serverId: server.id });
  } else if (found.complete) {
    log.info({ desktop: desktop.id }, 'the order was never taken; a new one follows');
    await record({ kind: 'never-made' });
  }
}

async function prove(desktop: Desktop, deps: PerformDeps, record: Record): Promise<void> {
  const { cloud, clock, health, pool, log } = deps;
  const readiness = pool.spec?.readiness ?? { kind: 'none' };
  const serverId = desktop.serverId!;
  let endpoint: Endpoint | undefined;
  try {
    endpoint = await resolveEndpoint(cloud, serverId, clock, RESOLVE_WITHIN_MS, deps.signal);
  } catch (error) {
    if (toFault(error).retry === 'bug') throw error;
    log.debug({ desktop: desktop.id, why: messageOf(error) }, 'no display yet');
    return;
  }
  if (readiness.kind === 'spice') {
    const proof = await proveDesktop(serverId, endpoint, cloud.spice, clock);
    if (!proof.ok) {
      log.debug({ desktop: desktop.id, why: proof.text }, 'not ready yet');
      return;
    }
  } else if (!(await portAnswers(desktop, deps))) return;
  if (await record({ kind: 'proved', endpoint })) {
    health.becameReady(desktop.image);
    await imageProved(desktop, deps);
    log.info({ desktop: desktop.id }, 'desktop ready');
  }
}

async function imageProved({ image }: Desktop, { images, store, pool }: PerformDeps): Promise<void> {
  const known = images.revisions.find((one) => one.image === image);
  if (image === undefined || (known?.provedAt !== undefined && !known.frozen)) return;
  await store.recordImage(pool.name, image, { kind: 'proved' });
  await images.reload(pool.name, store);
}

async function start(
  { desktop, again }: Extract<DesktopStep, { do: 'start' }>,
  deps: PerformDeps,
  record: Record,
): Promise<void> {
  if (!again && !(await record({ kind: 'switched-on' }))) return;
  deps.askedAt.set(desktop.id, deps.clock.monotonic());
  await noted('start-fails', desktop, deps, () => deps.cloud.start(desktop.serverId!, deps.signal));
  deps.log.info({ desktop: desktop.id }, 'a bound desktop is switched on');
}

/** Its person may have come back since it was planned: then it is not parked any more. */
async function stop(desktop: Desktop, { askedAt, clock, cloud, store, signal }: PerformDeps): Promise<void> {
  if ((await store.desktop(desktop.id))?.state !== 'parked') return;
  askedAt.set(desktop.id, clock.monotonic());
  await cloud.stop(desktop.serverId!, signal);
}

/** Somebody may sit at it by now, so it gets the bare link only (rule 13); whoever is granted it has it proved. */
async function watch(desktop: Desktop, deps: PerformDeps, record: Record): Promise<void> {
  const { cloud, clock, pool, log } = deps;
  try {
    const endpoint = await resolveEndpoint(cloud, desktop.serverId!, clock, RESOLVE_WITHIN_MS, deps.signal);
    const spice = pool.spec?.readiness.kind === 'spice' || pool.spec === undefined;
    if (spice && !(await answers(endpoint, cloud.spice, clock)).ok) return;
    if (!(await portAnswers(desktop, deps))) return;
    await record({ kind: 'up', endpoint });
    deps.problems.solved('start-fails', desktop.id);
  } catch (error) {
    if (toFault(error).retry === 'bug') throw error;
    log.debug({ desktop: desktop.id, why: messageOf(error) }, 'switched on, and no display yet');
  }
}

/** Where the pool is ready by a port of the guest. */
async function portAnswers(desktop: Desktop, { cloud, pool, signal }: PerformDeps): Promise<boolean> {
  const readiness = pool.spec?.readiness;
  if (readiness?.kind !== 'tcp') return true;
  const server = await cloud.server(desktop.serverId!, signal);
  const address = server === 'gone' ? undefined : server.addresses[0];
  return address !== undefined && (await tcpAnswers(address, readiness.port)).ok;
}

async function confirmGone(
  desktop: Desktop,
  { cloud, log, store, signal, askedAt, problems }: PerformDeps,
  record: Record,
): Promise<void> {
  const server = await cloud.server(desktop.serverId!, signal);
  if (server !== 'gone') {
    problems.note('not-listed', desktop.id, {
      ...aboutServer(desktop),
      text: `the cloud says ${server.words}`,
    });
    return;
  }
  if (desktop.state !== 'retiring') log.warn({ desktop: desktop.id }, 'the server vanished behind our back');
  // As it stood in a backup. No seat is told: whoever is there may have another desktop in this session by now.
  if (desktop.session !== undefined) await store.endSession(desktop.session, 'desktop-lost', theHub);
  await record({ kind: 'gone' });
  problems.solved('not-listed', desktop.id);
  problems.solved('delete-unfinished', desktop.id);
  askedAt.delete(desktop.id);
}

const aboutServer = ({ cloud, number, serverName, serverId }: Desktop): { cloud: string; what: string } => ({
  cloud,
  what: `desktop ${number}, server ${serverName ?? ''} ${serverId ?? ''}`.trimEnd(),
});

/** Keeps what the cloud said, as long as it is not done. */
async function noted(
  kind: 'delete-unfinished' | 'start-fails',
  desktop: Desktop,
  { problems, signal }: PerformDeps,
  work: () => Promise<void>,
): Promise<void> {
  const about = { ...aboutServer(desktop), tried: true };
  try {
    await work();
    problems.note(kind, desktop.id, { ...about, text: 'the cloud took the order' });
  } catch (error) {
    if (!signal.aborted) problems.note(kind, desktop.id, { ...about, text: messageOf(error) });
    throw error;
  }
}

async function remove(desktop: Desktop, deps: PerformDeps, record: Record): Promise<void> {
  const { cloud, clock, askedAt, signal } = deps;
  askedAt.set(desktop.id, clock.monotonic());
  if (desktop.serverId !== undefined)
    return noted('delete-unfinished', desktop, deps, () => cloud.remove(desktop.serverId!, signal));
  // Retired before the cloud said what it had made: whatever carries the desktop's tag goes, until nothing does.
  const found = await cloud.withTag(desktopTag(desktop.id), signal);
  for (const { id } of found.servers) await cloud.remove(id, signal);
  if (found.servers.length > 0 || !found.complete) return;
  await record({ kind: 'gone' });
  askedAt.delete(desktop.id);
}
