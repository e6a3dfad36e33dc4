import { Fault } from '@anyseat/base';
import {
  type PoolSpec,
  acceptRequest,
  closeRequest,
  drainRequest,
  resumeRequest,
  type ActAnswer,
  type DrainAnswer,
} from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import type { Actor } from '../domain/audit.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/**
 * The cloud gives the host nothing new; our ready desktops leave it, its people move over when they log off, or a few at a time where
 * the operator says so. Kept until `resumeHost`; said again, what is said last holds.
 */
export async function drainHost(
  { params, body, by, signal }: Asked,
  deps: OperatorDeps,
): Promise<DrainAnswer> {
  const host = params['host']!;
  const { cloud: name, reason, movePeople: people, moveBound: bound, dryRun } = drainRequest.parse(body);
  const cloud = cloudIn(name, deps);
  const here = await deps.store.desktops({ cloud: name, host });
  const count = countOn(here, { people, bound });
  if (dryRun) return { applied: false, ...count.moved, text: drainText(host, here, count, 'would') };
  await deps.drains.begin({ cloud: name, host, reason, people, bound }, by, cloud, signal);
  lookAnew(cloud, deps);
  return { applied: true, ...count.moved, text: drainText(host, here, count, 'is') };
}

interface OnHost {
  own: number;
  atLogOff: number;
  moved: { people: number; bound: number };
}

function countOn(here: readonly Desktop[], wanted: { people: boolean; bound: boolean }): OnHost {
  const own = here.filter(({ state }) => state === 'bound' || state === 'parked');
  const mayGo = here.filter(({ state }) => state === 'leased' || (wanted.bound && state === 'bound'));
  const used = mayGo.filter(({ session }) => session !== undefined).length;
  return {
    own: own.length,
    atLogOff: wanted.people ? 0 : used,
    moved: { people: wanted.people ? used : 0, bound: wanted.bound ? own.length : 0 },
  };
}

function drainText(host: string, here: readonly Desktop[], count: OnHost, is: 'would' | 'is'): string {
  const { own, atLogOff, moved } = count;
  const { people, bound } = moved;
  return [
    `Host ${host} ${is === 'is' ? 'is' : 'would be'} given nothing new. ${here.length} desktops are there; those that nobody is on leave a few at a time.`,
    atLogOff > 0 ? `${atLogOff} in use leave when their people log off.` : '',
    people > 0
      ? `${people} people at work are warned on the screen and taken to other desktops, a few at a time: what is open is lost for them.`
      : '',
    bound > 0
      ? `${bound} that belong to somebody are replaced: what is on them stays behind, in quarantine until an operator lets it go.`
      : own > 0
        ? `${own} of them belong to somebody and stay until an operator moves them (--move-bound).`
        : '',
  ]
    .filter((line) => line !== '')
    .join(' ');
}

export async function resumeHost(
  { params, body, by, signal }: Asked,
  deps: OperatorDeps,
): Promise<ActAnswer> {
  const host = params['host']!;
  const { cloud: name } = resumeRequest.parse(body);
  const cloud = cloudIn(name, deps);
  await deps.drains.end({ cloud: name, host }, by, cloud, signal);
  await deps.store.addAudit(by, 'host.resumed', host, { cloud: name });
  lookAnew(cloud, deps);
  return { text: `Host ${host} is given new desktops again, and nobody is moved off it.` };
}

/** A pool in maintenance: nobody is given a desktop, none is made; whoever has one keeps it. */
export async function closePool({ params, body, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const name = params['pool']!;
  const { reason } = closeRequest.parse(body);
  await changePool(name, by, deps, (spec) => ({ ...spec, closed: reason }));
  const used = (await deps.store.desktops({ pool: name })).filter((d) => d.session !== undefined).length;
  return { text: `Pool ${name} is closed; ${used} of its desktops are in use until their people log off.` };
}

export async function openPool({ params, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const name = params['pool']!;
  await changePool(name, by, deps, (spec) => ({ ...spec, closed: undefined }));
  return { text: `Pool ${name} is open again.` };
}

export async function acceptProblem({ body, by }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const { kind, cloud } = acceptRequest.parse(body);
  cloudIn(cloud, deps);
  await deps.store.addAudit(by, 'problem.accepted', `clouds/${cloud}`, { kind });
  deps.problems.accept(kind, cloud);
  return {
    text:
      kind === 'vanished'
        ? `For a quarter of an hour servers of cloud ${cloud} that no listing has are asked for, and held to be gone where it says 404.`
        : `For a quarter of an hour strays of cloud ${cloud} are removed, however many they are.`,
  };
}

/** A revision of its own, as if it had been applied. @throws Fault `pool-unknown`, `resource-changed` (refused) */
async function changePool(
  name: string,
  by: Actor,
  { store, keeper, lookAtPool }: OperatorDeps,
  change: (spec: PoolSpec) => PoolSpec,
): Promise<void> {
  await keeper.reload();
  const pool = keeper.current.pools.get(name);
  if (!pool)
    throw new Fault('pool-unknown', 'refused', `there is no pool “${name}”`, { fields: { pool: name } });
  await store.applyResources([{ kind: 'pools', name, was: pool.revision, spec: change(pool.spec) }], by);
  await keeper.reload();
  lookAtPool(name);
}

function cloudIn(name: string, { clouds }: OperatorDeps): Cloud {
  const cloud = clouds.get(name);
  if (cloud) return cloud;
  throw new Fault('cloud-unknown', 'refused', `hub.yaml names no cloud “${name}”`, {
    fields: { cloud: name },
  });
}

function lookAnew(cloud: Cloud, { hosts, catalogue, lookAtPool }: OperatorDeps): void {
  hosts.lookAnew(cloud.name);
  for (const { name, spec } of catalogue().pools.values()) if (spec.cloud === cloud.name) lookAtPool(name);
}
