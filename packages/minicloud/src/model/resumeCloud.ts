import { messageOf } from '@anyseat/base';
import type { Cloud } from './cloud.ts';
import { resumeRemoval } from './removeServer.ts';
import { POWER, type Server } from './server.ts';

/**
 * After a restart on a kept state: what nova-compute does when its host comes back from a power cut
 * (`resume_guests_state_on_host_boot`). Guests that ran are started again; builds that were interrupted end in ERROR
 * without a word; deletes go on; other tasks are forgotten.
 */
export function resumeCloud(cloud: Cloud): void {
  for (const server of Array.from(cloud.servers())) resumeServer(cloud, server);
}

function resumeServer(cloud: Cloud, server: Server): void {
  if (server.taskState === 'deleting' && server.host !== null) return resumeRemoval(cloud, server);
  if (server.vmState === 'building') return cloud.fail(server, 500, undefined);
  if (server.taskState !== null) cloud.change(server, { taskState: null });
  if (server.power !== POWER.running || server.host === null) return;
  const host = cloud.hosts.get(server.host);
  if (!host) return cloud.fail(server, 500, `Host ${server.host} is gone`);
  cloud.begin(server, async (course) => {
    // Not all at once: two cores cannot boot thirty guests together.
    await course.borrow(cloud.hosts.buildSlot(host));
    try {
      await course.step(cloud.hypervisor.start(cloud.guestOf(server), 'kept'));
    } catch (error) {
      cloud.log.warn({ server: server.id, err: error }, 'a guest did not come back');
      cloud.fail(server, 500, messageOf(error));
    }
  });
}
