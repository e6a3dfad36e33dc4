import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { answerParent } from './childProgram.ts';

/** Where a server's display is. */
export interface Screen {
  serverId: string;
  host: string;
  port: number;
}

/** A minicloud with the fake hypervisor and real SPICE links, as a process: the cloud and the desktops of a bench. */
let cloud: Minicloud | undefined;

answerParent({
  start: async (about?: { hosts: number }) => {
    // Room for everything, and no time lost: what a cloud takes is not what is measured.
    cloud = await startMinicloud({
      speed: 1000,
      hosts: {
        count: about?.hosts ?? 20,
        vcpus: 1_000_000,
        memoryMb: 1_000_000_000,
        diskGb: 1_000_000_000,
        maxBuilds: 1000,
      },
    });
    return cloud.cloudsYaml();
  },
  /** The servers that run and carry this tag. */
  screens: (tag: string): Screen[] =>
    cloud!.servers().flatMap(({ id, tags, display, status }) => {
      if (status !== 'ACTIVE' || !tags.includes(tag) || display?.port == null) return [];
      return [{ serverId: id, host: display.host, port: display.port }];
    }),
});
