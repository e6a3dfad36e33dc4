import { Fault } from '@anyseat/base';
import {
  type PoolSpec,
  acceptRequest,
  closeRequest,
  drainRequest,
  resumeRequest,
  type ActAnswer,
} from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import type { Actor } from '../domain/audit.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** The cloud gives the host nothing new; our ready desktops leave it, and its people move over when they log off. */
export async function drainHost({ params, body, by, signal }: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const host = params['host']!;
  const { cloud: name, reason } = drainRequest.parse(body);
  const cloud = cloudIn(name, deps);
  await cloud.enableHost(host, false, reason, signal);
  await deps.store.addAudit(by, 'host.drained', host, { cloud: name, reason });
  lookAnew(cloud, deps);
  const here = (await deps.store.desktops()).filter((d) => d.cloud === name && d.host === host);
  const held = here.filter((d) => d.session !== undefined).length;
  const bound = here.filter((d) => d.state === 'bound' || d.state === 'parked').length;
  const stay = bound > 0 ? ` ${bound} of them belong to somebody and stay until an operator moves them.` : '';
  return {
    text: `Host ${host} is given nothing new. ${here.length} desktops are there, ${held} of them in use: those leave when their people log off.${stay}`,
  };
}

export async function resumeHost(
  { params, body, by, signal }: Asked,
  deps: OperatorDeps,
): Promise<ActAnswer> {
  const host = params['host']!;
  const { cloud: name } = resumeRequest.parse(body);
  const cloud = cloudIn(name, deps);
  await cloud.enableHost(host, true, '', signal);
  await deps.store.addAudit(by, 'host.resumed', host, { cloud: name });
  lookAnew(cloud, deps);
  return { text: `Host ${host} is given new desktops again.` };
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
