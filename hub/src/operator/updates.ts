import { Fault, MINUTE } from '@anyseat/base';
import {
  changeUpdateRequest,
  fileRequest,
  startUpdateRequest,
  type StatusAnswer,
  type ReleaseView,
  type RingView,
  type UpdatesAnswer,
  type UpdateView,
} from '@anyseat/protocol';
import {
  planRollout,
  ringOf,
  standingOf,
  type Release,
  type Rollout,
  type RolloutWorld,
  type Standing,
} from '../domain/rollout.ts';
import type { Rollouts } from '../reconcile/rollouts.ts';
import type { ReleaseFiles } from '../tc/releaseFiles.ts';
import type { Asked, OperatorDeps } from './routes.ts';

export interface UpdateDeps {
  rollouts: Pick<Rollouts, 'world' | 'soon'>;
  releaseFiles: Pick<ReleaseFiles, 'take' | 'forget'>;
}

const MOST_FAILURES = 100;

/** What stands in for a release until somebody knows better. */
const viewOf = ({ version, arch, bytes, sha256, addedAt }: Release): ReleaseView => ({
  version,
  arch,
  bytes,
  sha256,
  addedAt,
});

export async function addRelease({ body, by }: Asked, deps: OperatorDeps): Promise<ReleaseView> {
  const taken = deps.releaseFiles.take(fileRequest.parse(body).file);
  try {
    return viewOf(await deps.store.addRelease(taken, by));
  } catch (error) {
    const others = await deps.store.releases();
    if (!others.some(({ sha256 }) => sha256 === taken.sha256)) deps.releaseFiles.forget(taken.sha256);
    throw error;
  }
}

export async function updates(_asked: Asked, deps: OperatorDeps): Promise<UpdatesAnswer> {
  const { store, rollouts } = deps;
  const releases = (await store.releases()).map(viewOf);
  const rollout = await store.rollout();
  if (!rollout) return { releases };
  return { releases, update: updateView(await rollouts.world(rollout)) };
}

export async function startUpdate(asked: Asked, deps: OperatorDeps): Promise<UpdatesAnswer> {
  const { version, rings, atOnce, soakMinutes, mostFailed } = startUpdateRequest.parse(asked.body);
  if (!(await deps.store.releases()).some((one) => one.version === version))
    throw new Fault(
      'release-unknown',
      'refused',
      `there is no release ${version}; anyseat update add FILE brings one`,
    );
  const soakMs = Math.round(soakMinutes * MINUTE);
  await deps.store.startRollout({ version, rings, atOnce, soakMs, mostFailed }, asked.by);
  deps.rollouts.soon();
  return updates(asked, deps);
}

/** Pause, go on, or stop for good. */
export async function changeUpdate(asked: Asked, deps: OperatorDeps): Promise<UpdatesAnswer> {
  const { to } = changeUpdateRequest.parse(asked.body);
  const { store } = deps;
  const rollout = await store.rollout();
  if (!rollout || rollout.state === 'done' || rollout.state === 'stopped')
    throw new Fault('update-unknown', 'refused', 'no update is under way');
  if (rollout.state === to) return updates(asked, deps);
  const why = to === 'paused' ? `${asked.by.name} paused it` : undefined;
  // Whoever lets it go on has seen what failed: as many more may fail.
  const failed = (await rollouts(rollout, deps)).filter((standing) => standing === 'failed').length;
  if (to === 'running' && failed > rollout.mostFailed)
    throw new Fault(
      'update-failing',
      'refused',
      `${failed} thin clients did not take it, and ${rollout.mostFailed} may: stop it, and start it again with --most-failed`,
    );
  const moved = await store.moveRollout(rollout.id, rollout.state, { state: to, why }, asked.by);
  if (!moved) throw new Fault('update-changed', 'refused', 'the update has changed meanwhile; look again');
  deps.rollouts.soon();
  return updates(asked, deps);
}

async function rollouts(rollout: Rollout, deps: OperatorDeps): Promise<Standing[]> {
  const { tcs, now } = await deps.rollouts.world(rollout);
  return tcs.map((one) => standingOf(one, rollout, now));
}

/** How far it is, in numbers and words. */
export function updateView(world: RolloutWorld): UpdateView {
  const { rollout, tcs, now } = world;
  const all = tcs.map((one) => ({
    ...one,
    standing: standingOf(one, rollout, now),
    ring: ringOf(one.tc, rollout.rings),
  }));
  const count = (ring: number, ...standings: Standing[]) =>
    all.filter((one) => one.ring === ring && standings.includes(one.standing)).length;
  const rings = rollout.rings.map((name, ring): RingView => ({
    name,
    all: all.filter((one) => one.ring === ring).length,
    updated: count(ring, 'updated'),
    underWay: count(ring, 'open', 'fetching', 'ready', 'waits', 'starting'),
    failed: count(ring, 'failed'),
    offline: count(ring, 'offline', 'cannot'),
  }));
  const failures = all
    .filter(({ standing }) => standing === 'failed')
    .slice(0, MOST_FAILURES)
    .map(({ tc, was, says }) => ({
      tc: tc.fingerprint,
      ...(tc.seat === undefined ? {} : { seat: tc.seat }),
      state: was?.state ?? 'failed',
      text: was?.text || says?.text || 'it did not come back',
    }));
  const { version, state, startedAt, atOnce, soakMs, mostFailed } = rollout;
  return {
    version,
    state,
    startedAt,
    atOnce,
    soakMinutes: soakMs / MINUTE,
    mostFailed,
    rings,
    words: wordsOf(world, all),
    failures,
  };
}

function wordsOf(world: RolloutWorld, all: readonly { ring: number; standing: Standing }[]): string[] {
  const { rollout, now } = world;
  const name = rollout.rings[rollout.ring] ?? '';
  if (rollout.state === 'done') {
    const has = all.filter(({ standing }) => standing === 'updated').length;
    return [`It is over: ${has} of ${all.length} thin clients have it.`];
  }
  if (rollout.state === 'stopped') return ['It was stopped: whoever has it keeps it.'];
  if (rollout.state === 'paused') return [`It is paused: ${rollout.why ?? 'an operator wants it so'}.`];
  const { offer, start } = planRollout(world);
  const open = all.filter((one) => one.ring >= 0 && one.ring <= rollout.ring);
  const many = (standing: Standing) => open.filter((one) => one.standing === standing).length;
  const words = [`Ring ${name} is under way.`];
  const say = (text: string, count: number, more = '') => {
    if (count > 0) words.push(`${text}: ${count}${more}.`);
  };
  say('Fetching it', many('fetching') + offer.length);
  say('Being started with it', many('starting') + start.length);
  say('With it, and waiting until nobody is logged in', many('waits'));
  say('Not connected', many('offline'), '; they get it when they are');
  say('Not installed so that they can be updated from here', many('cannot'));
  if (rollout.throughAt !== undefined) {
    const minutes = Math.max(0, Math.ceil((rollout.throughAt + rollout.soakMs - now) / MINUTE));
    words.push(`It is through; ring ${rollout.rings[rollout.ring + 1] ?? ''} begins in ${minutes} min.`);
  }
  return words;
}

/** An update that waits for an operator. */
export async function updateWarnings({
  store,
}: Pick<OperatorDeps, 'store'>): Promise<StatusAnswer['warnings']> {
  const rollout = await store.rollout();
  if (rollout?.state !== 'paused') return [];
  const { version, why } = rollout;
  const text = `The update of the thin clients to ${version} is paused: ${why ?? 'an operator wants it so'}; anyseat update status`;
  return [{ code: 'update-paused', severity: 'warning', text }];
}
