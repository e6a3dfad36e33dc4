import { z } from 'zod';
import type { QuotaOptions } from '../../options.ts';
import { METADATA_ITEMS } from '../../model/createServers.ts';
import { Refusal } from '../../model/refusal.ts';
import { route } from '../routes.ts';
import { adminOnly, type NovaAnswer, type NovaCall, type NovaDeps, type NovaRoute } from './nova.ts';

const limit = z.coerce.number().int().min(-1).optional();
/** What minicloud keeps to; the rest of a quota set is for show. */
const QUOTA = z.object({ quota_set: z.object({ instances: limit, cores: limit, ram: limit }) });

export function limitRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('GET /limits', (call) => limits(deps, call)),
    route('GET /os-quota-sets/:project', (call) => {
      const project = mayLook(call);
      return { status: 200, body: { quota_set: { id: project, ...quotaSet(deps.cloud.quotaOf(project)) } } };
    }),
    route('GET /os-quota-sets/:project/detail', (call) => detail(deps, mayLook(call))),
    route('PUT /os-quota-sets/:project', (call) => update(deps, call)),
  ];
}

function mayLook(call: NovaCall): string {
  const project = call.params['project']!;
  if (project !== call.projectId) adminOnly(call, 'os-quota-sets:show');
  return project;
}

const quotaSet = (quota: QuotaOptions) => ({
  instances: quota.instances,
  cores: quota.cores,
  ram: quota.ramMb,
  metadata_items: METADATA_ITEMS,
  key_pairs: 100,
  server_groups: -1,
  server_group_members: -1,
});

function limits(deps: NovaDeps, call: NovaCall): NovaAnswer {
  const other = call.query.get('tenant_id');
  if (other !== null) adminOnly(call, 'limits:other_project');
  const project = other ?? call.projectId;
  const quota = deps.cloud.quotaOf(project);
  const used = reachable(deps, project);
  const old = call.minor < 57;
  return {
    status: 200,
    body: {
      limits: {
        rate: [],
        absolute: {
          maxTotalInstances: quota.instances,
          maxTotalCores: quota.cores,
          maxTotalRAMSize: quota.ramMb,
          maxServerMeta: METADATA_ITEMS,
          ...(call.minor < 39 && { maxImageMeta: METADATA_ITEMS }),
          ...(old && { maxPersonality: 5, maxPersonalitySize: 10_240 }),
          maxTotalKeypairs: 100,
          maxServerGroups: -1,
          maxServerGroupMembers: -1,
          totalRAMUsed: used.ramMb,
          totalCoresUsed: used.cores,
          totalInstancesUsed: used.instances,
          totalServerGroupsUsed: 0,
        },
      },
    },
  };
}

/** What is counted: servers of a cell that does not answer are missing from it. */
function reachable(deps: NovaDeps, projectId: string): { instances: number; cores: number; ramMb: number } {
  const { cloud } = deps;
  const down = cloud.faults.on('cells-down')?.cells;
  if (!down) return cloud.usageOf(projectId);
  const used = { instances: 0, cores: 0, ramMb: 0 };
  for (const server of cloud.servers()) {
    if (server.projectId !== projectId || down.includes(server.cell)) continue;
    const flavor = cloud.flavorOf(server);
    used.instances++;
    used.cores += flavor.vcpus;
    used.ramMb += flavor.ramMb;
  }
  return used;
}

function detail(deps: NovaDeps, projectId: string): NovaAnswer {
  const used = reachable(deps, projectId);
  const inUse: Record<string, number> = { instances: used.instances, cores: used.cores, ram: used.ramMb };
  const rows = Object.entries(quotaSet(deps.cloud.quotaOf(projectId))).map(([name, limit]) => [
    name,
    { limit, in_use: inUse[name] ?? 0, reserved: 0 },
  ]);
  return { status: 200, body: { quota_set: { id: projectId, ...Object.fromEntries(rows) } } };
}

function update(deps: NovaDeps, call: NovaCall): NovaAnswer {
  adminOnly(call, 'os-quota-sets:update');
  const project = call.params['project']!;
  const body = QUOTA.safeParse(call.body);
  if (!body.success) throw new Refusal(400, `Invalid input: ${z.prettifyError(body.error)}`);
  const { instances, cores, ram } = body.data.quota_set;
  const before = deps.cloud.quotaOf(project);
  const changed: QuotaOptions = {
    ...before,
    instances: instances ?? before.instances,
    cores: cores ?? before.cores,
    ramMb: ram ?? before.ramMb,
  };
  deps.cloud.setQuota(project, changed);
  return { status: 200, body: { quota_set: quotaSet(changed) } };
}
